"""Issued documents as values again, with what credit notes have taken of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.crediting import GroupLeft, LineLeft
from billhook.domain.document_reading import read_document, read_party
from billhook.domain.documents import Document, DocumentLine, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.tax import TaxTreatment
from billhook.domain.totals import line_amount
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.documents import DocumentRow, PartySnapshotRow
from billhook.models.ledger import LineBalance
from billhook.sdk.context import Context
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A document and what of it is left to credit."""

    document: Document
    lines: tuple[LineLeft, ...]
    groups: tuple[GroupLeft, ...]

    @property
    def is_untouched(self) -> bool:
        return not any(line.credited for line in self.lines) and not any(
            any(group.credited_taxes) for group in self.groups
        )


def original(ctx: Context, document_id: UUID) -> Original:
    """Return a document with what is left of it. Raises NotFound, Conflict once it is erased."""
    document = read(ctx, document_id)
    credited = {
        row.line_no: row.credited
        for row in db.session.scalars(
            select(LineBalance)
            .where(LineBalance.document_id == document_id)
            .execution_options(populate_existing=True)
        )
    }
    notes = [read(ctx, note_id) for note_id in _credit_notes(document_id)]
    return Original(
        document=document,
        lines=tuple(
            LineLeft(
                line_no=line.line_no,
                group_no=line.group_no,
                net=line.net,
                credited=credited.get(line.line_no, 0),
                gross=_gross(document, line),
            )
            for line in document.lines
        ),
        groups=tuple(
            _group_left(document, number, notes) for number in range(len(document.groups))
        ),
    )


def _gross(document: Document, line: DocumentLine) -> int | None:
    if not document.prices_include_tax:
        return None
    return line_amount(
        line.quantity,
        line.unit_price,
        document.currency,
        base_quantity=line.base_quantity,
        adjustments=line.adjustments,
    )


def _credit_notes(document_id: UUID) -> Sequence[UUID]:
    return db.session.scalars(
        select(DocumentRow.id)
        .where(DocumentRow.credits_document_id == document_id)
        .order_by(DocumentRow.issued_at, DocumentRow.id)
    ).all()


def _group_left(document: Document, number: int, notes: Sequence[Document]) -> GroupLeft:
    group = document.groups[number]
    taken = [0] * len(group.component_taxes)
    for note in notes:
        for credited in note.groups:
            if credited.treatment == group.treatment:
                taken = [a + b for a, b in zip(taken, credited.component_taxes, strict=True)]
    return GroupLeft(
        treatment=group.treatment,
        adjustments=_adjustments_in(document, group.treatment),
        taxes=group.component_taxes,
        credited_adjustments=sum(_adjustments_in(note, group.treatment) for note in notes),
        credited_taxes=tuple(taken),
    )


def _adjustments_in(document: Document, treatment: TaxTreatment) -> int:
    return sum(
        item.net
        for item in document.adjustments
        if document.groups[item.group_no].treatment == treatment
    )


def read(ctx: Context, document_id: UUID) -> Document:
    """Return a sealed document as a value. Raises NotFound, Conflict once its parties are erased."""
    row = _row(document_id)
    seller, buyer = _parties(row)
    return read_document(row.content, seller=_snapshot(seller), buyer=_snapshot(buyer))


def shown(ctx: Context, document_id: UUID) -> Document:
    """Return a sealed document to be looked at: a word stands for a party that was erased.

    Its attachments went with the party. Raises NotFound.
    """
    return of_row(ctx, _row(document_id))


def all_shown(ctx: Context, document_ids: Collection[UUID]) -> dict[UUID, Document]:
    """Return sealed documents to be looked at, by id; see `shown`."""
    ctx.require("documents.view")
    if not document_ids:
        return {}
    rows = db.session.scalars(
        select(DocumentRow).where(one_of(DocumentRow.id, document_ids))
    ).all()
    parties = _snapshots({one for row in rows for one in (row.seller_id, row.buyer_id)})
    return {
        row.id: _looked_at(ctx, row, parties[row.seller_id], parties[row.buyer_id]) for row in rows
    }


def of_row(ctx: Context, row: DocumentRow) -> Document:
    """Return the document of a row that was read already, to be looked at; see `shown`."""
    return _looked_at(ctx, row, *_parties(row))


def _looked_at(
    ctx: Context, row: DocumentRow, seller: PartySnapshotRow, buyer: PartySnapshotRow
) -> Document:
    document = read_document(row.content, seller=_shown(ctx, seller), buyer=_shown(ctx, buyer))
    return document if buyer.content else replace(document, attachments=())


def _row(document_id: UUID) -> DocumentRow:
    row = db.session.scalar(select(DocumentRow).where(DocumentRow.id == document_id))
    if row is None:
        raise NotFound(_("document"), document_id)
    return row


def _parties(row: DocumentRow) -> tuple[PartySnapshotRow, PartySnapshotRow]:
    """Return seller and buyer as they were."""
    parties = _snapshots((row.seller_id, row.buyer_id))
    return parties[row.seller_id], parties[row.buyer_id]


def _snapshots(ids: Collection[UUID]) -> Mapping[UUID, PartySnapshotRow]:
    rows = db.session.scalars(select(PartySnapshotRow).where(one_of(PartySnapshotRow.id, ids)))
    return {party.id: party for party in rows}


def _shown(ctx: Context, row: PartySnapshotRow) -> PartySnapshot:
    if row.content is not None:
        return _snapshot(row)
    nobody = Party(name=_("Erased"), address=Address(country=ctx.tenant.party.address.country))
    return PartySnapshot(id=row.id, party=nobody, salt=b"")


def _snapshot(row: PartySnapshotRow) -> PartySnapshot:
    if row.content is None or row.salt is None:
        raise Conflict(
            _("The personal data of this document was erased; it can be read, but not used anew.")
        )
    return PartySnapshot(id=row.id, party=read_party(row.content), salt=row.salt)
