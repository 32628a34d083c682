"""Credit and bill anew: a credit note, and drafts of what it took back, in one transaction.

What a charge stood behind gets a new charge, named by the credit note and its line:
the old one stays billed, and the new one can be made once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.billing_anew import group_targets, shared_reason
from billhook.domain.bills import Bill, BillLine
from billhook.domain.child_charges import REBILLED, child_reference
from billhook.domain.credit_shares import TotalShare
from billhook.domain.documents import Document
from billhook.domain.line_discounts import by_group
from billhook.domain.links import LinkKind
from billhook.domain.splitting import Split
from billhook.i18n import gettext as _
from billhook.models.documents import DocumentSeal
from billhook.sdk.context import Context
from billhook.services import audit, claims, crediting, document_bills, idempotency, links, parting
from billhook.services.claims import ClaimedCharge
from billhook.services.credit_wishes import CreditedLines
from billhook.services.draft_rows import insert_drafts
from billhook.services.issuing import Issued
from billhook.services.originals import Original
from billhook.services.parting import PartBill
from billhook.services.splitting import NO_PAYERS, PartView, SplitPart, made_parts, views


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebilled:
    """The credit note, and the open drafts that bill anew."""

    note: Issued
    parts: tuple[SplitPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anew:
    """All that is written."""

    before: Original
    note: Document
    kind: LinkKind
    parts: tuple[PartBill, ...]
    charges: tuple[ClaimedCharge, ...]


def rebill(
    ctx: Context,
    document_id: UUID,
    *,
    reason: str,
    lines: CreditedLines | None = None,
    total: TotalShare | None = None,
    issue_on: date | None = None,
    key: str | None = None,
) -> Rebilled:
    """Credit an invoice, or part of it, and make an open draft of what was credited.

    Raises what `crediting.credit` raises.
    """
    ctx.require("documents.credit")
    ctx.require("drafts.edit")
    return _rebilled(
        ctx,
        route="documents.rebill",
        key=key,
        request=crediting.request_of(document_id, lines, total, reason, issue_on),
        compute=lambda: _whole(ctx, document_id, reason, issue_on, lines, total),
    )


def split(
    ctx: Context,
    document_id: UUID,
    how: Split,
    *,
    reason: str,
    payers: Mapping[int, str] = NO_PAYERS,
    issue_on: date | None = None,
    key: str | None = None,
) -> Rebilled:
    """Credit what is left of an invoice, and make an open draft for each part of that.

    `payers` are references of customers by the number of the part, 0 the first. Raises
    what `crediting.credit` raises.
    """
    ctx.require("documents.credit")
    ctx.require("drafts.edit")
    request = crediting.request_of(document_id, None, None, reason, issue_on)
    return _rebilled(
        ctx,
        route="documents.split",
        key=key,
        request=[*request, repr(how), sorted(payers.items())],
        compute=lambda: _parts(ctx, document_id, reason, issue_on, how, payers),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RebillView:
    """The credit note that would be issued, and the parts that would be billed anew."""

    note: Document
    parts: tuple[PartView, ...]


def preview(
    ctx: Context, document_id: UUID, how: Split, *, payers: Mapping[int, str] = NO_PAYERS
) -> RebillView:
    """Return what a split of a document would make; writes nothing.

    Raises NotFound, Conflict, ValidationFailed.
    """
    note = crediting.preview(ctx, document_id)
    numbers = _numbers(note)
    lines = _settled(ctx, note)
    parts = parting.parts_of(
        document_bills.heading(ctx, note, lines),
        dict(zip(numbers, lines, strict=True)),
        how,
        base=_number(document_id),
        payers=parting.payers_of(payers),
    )
    return RebillView(note=note, parts=views(ctx, parts))


def _rebilled(ctx: Context, **asked: Any) -> Rebilled:
    outcome = idempotency.computed_once(ctx, effect=lambda anew: _write(ctx, anew), **asked)
    return Rebilled(
        note=Issued.from_json(outcome.answer["note"]), parts=made_parts(outcome.answer)
    )


def _write(ctx: Context, anew: _Anew) -> dict[str, Any]:
    """Inside a transaction: what waits for nobody first, the credit note's number last."""
    parent_id = anew.before.document.id
    claims.claim_new(ctx, anew.charges)
    insert_drafts(ctx, [one.bill for one in anew.parts])
    links.write(
        ctx,
        [
            links.Link(
                parent_id=parent_id,
                child_id=one.bill.id,
                kind=anew.kind,
                part=one.part if anew.kind is LinkKind.SPLIT else "",
            )
            for one in anew.parts
        ],
    )
    audit.record(
        ctx,
        f"document.{anew.kind.value}",
        "document",
        parent_id,
        note=anew.note.id,
        drafts=", ".join(str(one.bill.id) for one in anew.parts),
    )
    issued = crediting.post(ctx, anew.before, anew.note)
    return {
        "note": issued.as_json(),
        "parts": [
            {"id": str(one.bill.id), "part": one.part, "reference": one.bill.reference}
            for one in anew.parts
        ],
    }


def _whole(
    ctx: Context,
    document_id: UUID,
    reason: str,
    issue_on: date | None,
    lines: CreditedLines | None,
    total: TotalShare | None,
) -> _Anew:
    before, note = crediting.computed(
        ctx, document_id, lines, reason, issue_on or ctx.today(), total=total
    )
    is_mirror = lines is None and total is None and before.is_untouched
    billed = document_bills.billed_lines(ctx, note) if is_mirror else _settled(ctx, note)
    bill = document_bills.heading(ctx, note, billed)
    bill = replace(
        _of_the_document(before, bill), adjustments=bill.adjustments if is_mirror else ()
    )
    part = PartBill(part="A", bill=bill, line_numbers=tuple(_numbers(note)))
    return _anew(before, note, LinkKind.REBILLED, [part])


def _parts(
    ctx: Context,
    document_id: UUID,
    reason: str,
    issue_on: date | None,
    how: Split,
    payers: Mapping[int, str],
) -> _Anew:
    before, note = crediting.computed(ctx, document_id, None, reason, issue_on or ctx.today())
    lines = _settled(ctx, note)
    parts = parting.parts_of(
        _of_the_document(before, document_bills.heading(ctx, note, lines)),
        dict(zip(_numbers(note), lines, strict=True)),
        how,
        base=_number(document_id),
        payers=parting.payers_of(payers),
    )
    return _anew(before, note, LinkKind.SPLIT, parts)


def _settled(ctx: Context, note: Document) -> tuple[BillLine, ...]:
    """Return the note's lines with discounts of the whole upon them, each tax group to the cent."""
    return by_group(
        document_bills.billed_lines(ctx, note),
        group_targets(note),
        shared_reason(note.adjustments, _("Rounding")),
        note.currency,
        groups=[line.group_no for line in note.lines],
    )


def _of_the_document(before: Original, bill: Bill) -> Bill:
    """Return the bill with what a credit note does not take over from its invoice."""
    document = before.document
    return replace(
        bill,
        note=document.note,
        payment_days=(document.due_on - document.issue_on).days,
        attachments=document.attachments,
    )


def _numbers(note: Document) -> list[int]:
    """Return the number on the invoice of each line of the note."""
    return [line.credited.line_no if line.credited else line.line_no for line in note.lines]


def _number(document_id: UUID) -> str:
    return db.session.scalars(
        select(DocumentSeal.printed_number).where(DocumentSeal.document_id == document_id)
    ).one()


def _anew(before: Original, note: Document, kind: LinkKind, parts: Sequence[PartBill]) -> _Anew:
    """Give lines that a charge stood behind new charges, named by note, part and line."""
    behind = {line.line_no: line.charge_id for line in before.document.lines if line.charge_id}
    rows = claims.charge_rows(set(behind.values()))
    made: list[PartBill] = []
    charges: list[ClaimedCharge] = []
    for part in parts:
        lines: list[BillLine] = []
        for position, (number, line) in enumerate(
            zip(part.line_numbers, part.bill.lines, strict=True), 1
        ):
            charge_id = None
            if number in behind:
                child = claims.child_of(
                    rows[behind[number]],
                    line,
                    source=REBILLED,
                    reference=child_reference(note.id, part.part, position),
                    payer_id=part.bill.payer_id,
                )
                charges.append(ClaimedCharge(charge=child, holder_id=part.bill.id))
                charge_id = child.id
            lines.append(replace(line, charge_id=charge_id))
        made.append(replace(part, bill=replace(part.bill, lines=tuple(lines))))
    return _Anew(before=before, note=note, kind=kind, parts=tuple(made), charges=tuple(charges))
