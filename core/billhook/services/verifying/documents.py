"""Checks on issued documents, run by run in the order of their numbers."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.domain.sealing import FIRST, commitment, content_hash, document_hash
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind
from billhook.i18n import gettext as _
from billhook.models.documents import (
    DocumentAdjustmentRow,
    DocumentLineRow,
    DocumentRow,
    DocumentSeal,
    DocumentTaxRow,
    PartySnapshotRow,
    SeriesRun,
)
from billhook.models.ledger import PostingRow
from billhook.money import amount_text
from billhook.sdk.context import Context
from billhook.services.sets import one_of
from billhook.services.verifying.finding import Broken, Checked, first_broken

_Party = PartySnapshotRow
_BATCH = 500
_AMOUNTS = ("net", "tax", "gross", "rounding", "prepaid", "payable")


def document_chains(ctx: Context) -> Checked:
    """Check every run: no gap, no fork, each hash, each content, each sum."""
    return first_broken(
        broken
        for run in db.session.scalars(select(SeriesRun).order_by(SeriesRun.id)).all()
        for broken in _run(run)
    )


def _run(run: SeriesRun) -> Iterator[Broken | None]:
    previous, number = FIRST, run.first_number - 1
    while batch := _batch(run, number):
        sums = _Sums([row[0].id for row in batch])
        for document, seal, seller, buyer in batch:
            yield _link(seal, run, previous, number) or _content(
                document, seal, (seller, buyer), sums
            )
            previous, number = seal.hash, seal.number
    if number != run.last_number or (number >= run.first_number and previous != run.last_hash):
        yield Broken(
            record=str(run.id),
            reason=_("The head of the series does not fit its last document."),
        )


def _batch(run: SeriesRun, after: int) -> list[tuple[DocumentRow, DocumentSeal, _Party, _Party]]:
    seller, buyer = aliased(PartySnapshotRow), aliased(PartySnapshotRow)
    rows = db.session.execute(
        select(DocumentRow, DocumentSeal, seller, buyer)
        .join(DocumentSeal, _on(DocumentSeal, DocumentSeal.document_id, DocumentRow.id))
        .join(seller, _on(seller, seller.id, DocumentRow.seller_id))
        .join(buyer, _on(buyer, buyer.id, DocumentRow.buyer_id))
        .where(DocumentSeal.run_id == run.id, DocumentSeal.number > after)
        .order_by(DocumentSeal.number)
        .limit(_BATCH)
        .execution_options(populate_existing=True)
    )
    found = [row._tuple() for row in rows]
    for row in found:
        for record in row:
            if record in db.session:
                db.session.expunge(record)
    return found


def _on(row: Any, left: Any, right: Any) -> Any:
    return and_(row.tenant_id == DocumentRow.tenant_id, left == right)


def _link(seal: DocumentSeal, run: SeriesRun, previous: bytes, number: int) -> Broken | None:
    if seal.number != number + 1:
        return _broken(seal, _("A number is missing before it."))
    if seal.previous_hash != previous:
        return _broken(seal, _("It is not linked to the document before it."))
    expected = document_hash(previous, run.id, seal.number, seal.printed_number, seal.content_hash)
    if seal.hash != expected:
        return _broken(seal, _("Its hash is wrong: number, link or content was changed."))
    return None


def _content(
    document: DocumentRow, seal: DocumentSeal, parties: tuple[_Party, _Party], sums: "_Sums"
) -> Broken | None:
    digest = content_hash(document.content)
    if not digest == document.content_hash == seal.content_hash:
        return _broken(seal, _("Its content was changed after it was sealed."))
    content = orjson.loads(document.content)
    if not _columns_agree(document, content):
        return _broken(seal, _("Its columns differ from its sealed content."))
    for party, name in zip(parties, ("seller", "buyer"), strict=True):
        if not _party_agrees(party, content[name]):
            return _broken(seal, _("Its seller or buyer differs from its sealed content."))
    if not sums.agree(document, content):
        return _broken(seal, _("Its lines, taxes or posting differ from its totals."))
    return None


def _columns_agree(document: DocumentRow, content: dict[str, Any]) -> bool:
    amounts = all(
        amount_text(getattr(document, name), document.currency) == content[name]
        for name in _AMOUNTS
    )
    return amounts and (
        str(document.id),
        document.type,
        str(document.customer_id),
        str(document.payer_id),
        document.currency,
        document.issue_on.isoformat(),
        document.due_on.isoformat(),
        document.base_currency,
        document.delivery_country,
        document.purchase_order,
        str(document.credits_document_id or ""),
    ) == (
        content["id"],
        content["type"],
        content["customer"],
        content["payer"],
        content["currency"],
        content["issue_on"],
        content["due_on"],
        content["base"]["currency"],
        content["delivery_country"],
        content["purchase_order"],
        content["credits"],
    )


def _party_agrees(party: _Party, promised: str) -> bool:
    """Compare commitments; what was erased lawfully is proved by its commitment alone."""
    if party.commitment.hex() != promised:
        return False
    if party.content is None or party.salt is None:
        return True
    return commitment(party.salt, party.content) == party.commitment


class _Sums:
    """What lines, adjustments, taxes and the receivable posting of a batch come to."""

    def __init__(self, ids: list[UUID]) -> None:
        line, adjustment = DocumentLineRow, DocumentAdjustmentRow
        self._lines = _rows(line, ids, line.line_no, line.description, line.net)
        self._adjustments = _rows(adjustment, ids, adjustment.net)
        tax = DocumentTaxRow
        self._taxes = _rows(tax, ids, tax.tax, tax.kind)
        self._receivable = {
            row.id: row.amount
            for row in db.session.execute(
                select(DocumentRow.id, PostingRow.amount)
                .join(PostingRow, _on(PostingRow, PostingRow.entry_id, DocumentRow.entry_id))
                .where(one_of(DocumentRow.id, ids), PostingRow.line_no == 1)
            )
        }

    def agree(self, document: DocumentRow, content: dict[str, Any]) -> bool:
        lines = self._lines.get(document.id, [])
        net = sum(row.net for row in lines)
        net += sum(row.net for row in self._adjustments.get(document.id, []))
        tax = sum(
            row.tax
            for row in self._taxes.get(document.id, [])
            if row.kind != ComponentKind.WITHHOLDING.value
        )
        sealed = [(line["no"], line["description"], line["net"]) for line in content["lines"]]
        stored = [
            (str(row.line_no), row.description, amount_text(row.net, document.currency))
            for row in lines
        ]
        posted = self._receivable.get(document.id)
        sign = DocumentType(document.type).sign
        return (
            (net, tax) == (document.net, document.tax)
            and sealed == stored
            and (
                posted is None if document.entry_id is None else posted == sign * document.payable
            )
        )


def _rows(row: Any, ids: list[UUID], *columns: Any) -> dict[UUID, list[Any]]:
    """Return a table's rows by document, in the order of their keys."""
    found: dict[UUID, list[Any]] = {}
    keys = row.__mapper__.primary_key
    for item in db.session.execute(
        select(row.document_id, *columns).where(one_of(row.document_id, ids)).order_by(*keys)
    ):
        found.setdefault(item.document_id, []).append(item)
    return found


def _broken(seal: DocumentSeal, reason: str) -> Broken:
    return Broken(record=seal.printed_number, reason=reason)
