"""Corrections: credit notes against invoices, and the voiding of fresh ones."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billhook.db import db
from billhook.domain.credit_shares import (
    TotalShare,
)
from billhook.domain.documents import Document
from billhook.domain.events import DocumentCredited, DocumentVoided
from billhook.errors import Conflict, NotFound, PeriodClosed, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.documents import DocumentEvent, DocumentRow
from billhook.models.ledger import LineBalance, Receivable
from billhook.plugins.runtime import runtime
from billhook.problems import errors
from billhook.sdk.context import Context
from billhook.services import audit, idempotency, ledgers, outbox, sightings
from billhook.services.checking import findings
from billhook.services.credit_wishes import CreditedLines, note_of
from billhook.services.delivering.withdrawing import withdraw
from billhook.services.fencing import Refused
from billhook.services.issuing import Issued, issue_documents
from billhook.services.originals import Original, original
from billhook.services.posting import refuse_date
from billhook.services.sets import insert_missing
from billhook.services.settling import settle_by_credit


def credit(
    ctx: Context,
    document_id: UUID,
    *,
    reason: str,
    lines: CreditedLines | None = None,
    total: TotalShare | None = None,
    issue_on: date | None = None,
    key: str | None = None,
) -> Issued:
    """Issue a credit note against an invoice: all that is left of it, or part.

    A part is named by `lines`, or by a `total` that is spread over what is left of them.
    It settles the invoice as far as that is open. Raises NotFound, Conflict,
    PeriodClosed, ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("documents.credit")
    outcome = idempotency.computed_once(
        ctx,
        route="documents.credit",
        key=key,
        request=request_of(document_id, lines, total, reason, issue_on),
        compute=lambda: computed(
            ctx, document_id, lines, reason, issue_on or ctx.today(), total=total
        ),
        effect=lambda pair: post(ctx, *pair).as_json(),
    )
    return Issued.from_json(outcome.answer)


def request_of(
    document_id: UUID,
    lines: CreditedLines | None,
    total: TotalShare | None,
    reason: str,
    issue_on: date | None,
) -> list[Any]:
    """Return what an idempotency key remembers that it came with."""
    return [
        str(document_id),
        sorted((str(number), str(share)) for number, share in (lines or {}).items()),
        *([str(total)] if total else []),
        reason,
        issue_on.isoformat() if issue_on else "",
    ]


def creditable(ctx: Context, document_id: UUID) -> Original:
    """Return a document with what is left of it to credit. Raises NotFound, Conflict."""
    ctx.require("documents.credit")
    return original(ctx, document_id)


def currency_of(ctx: Context, document_id: UUID) -> str:
    """Return the currency that a credit of the document is in. Raises NotFound."""
    ctx.require("documents.credit")
    found = db.session.scalar(select(DocumentRow.currency).where(DocumentRow.id == document_id))
    if found is None:
        raise NotFound(_("document"), document_id)
    return found


def preview(
    ctx: Context,
    document_id: UUID,
    *,
    lines: CreditedLines | None = None,
    total: TotalShare | None = None,
    issue_on: date | None = None,
) -> Document:
    """Return the credit note as it would be issued, checked by no rules yet; writes nothing.

    Raises NotFound, Conflict, ValidationFailed.
    """
    ctx.require("documents.credit")
    before = original(ctx, document_id)
    return note_of(before, lines, total, "", issue_on or ctx.today())


def void(
    ctx: Context,
    document_id: UUID,
    *,
    reason: str,
    issue_on: date | None = None,
    key: str | None = None,
) -> Issued:
    """Take an invoice back whole, while nothing of it is settled, sent or seen and its period is open.

    Its number stays and shows as void; the reversal is a credit note, which is
    returned. Raises NotFound, Conflict, PeriodClosed, ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("documents.void")
    outcome = idempotency.computed_once(
        ctx,
        route="documents.void",
        key=key,
        request=request_of(document_id, None, None, reason, issue_on),
        compute=lambda: _reversal(ctx, document_id, reason, issue_on or ctx.today()),
        effect=lambda pair: _void(ctx, *pair, reason).as_json(),
    )
    return Issued.from_json(outcome.answer)


def _reversal(
    ctx: Context, document_id: UUID, reason: str, issue_on: date
) -> tuple[Original, Document]:
    before, note = computed(ctx, document_id, None, reason, issue_on)
    _refuse_void(ctx, before)
    return before, note


def _void(ctx: Context, before: Original, note: Document, reason: str) -> Issued:
    """Inside a transaction."""
    document_id, session = before.document.id, db.session()
    _lock_balances(ctx, session, before.document)  # first, as whoever credits it at this moment
    sightings.refuse_seen(document_id)
    withdraw(ctx, document_id)
    reversal = post(ctx, before, note)
    session.add(
        DocumentEvent(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            document_id=document_id,
            kind="voided",
            related_id=reversal.id,
            reason=reason,
            happened_at=ctx.now(),
        )
    )
    session.flush()
    outbox.publish(ctx, DocumentVoided(document_id=document_id, reversal_id=reversal.id))
    audit.record(ctx, "document.voided", "document", document_id, reversal=reversal.id)
    return reversal


def _refuse_void(ctx: Context, before: Original) -> None:
    """Raises Conflict, PeriodClosed: what was settled or credited is corrected, not voided."""
    document = before.document
    settled = db.session.scalar(
        select(Receivable.allocated).where(Receivable.document_id == document.id)
    )
    if settled or not before.is_untouched:
        raise Conflict(
            _(
                "Part of this invoice is paid or credited. Issue a credit note for the rest instead."
            )
        )
    closed = ledgers.closed_through(ctx)
    if closed and document.issue_on <= closed:
        raise PeriodClosed(
            _(
                "The invoice's period is closed through %(closed)s. Issue a credit note instead.",
                closed=closed.isoformat(),
            )
        )


def computed(
    ctx: Context,
    document_id: UUID,
    lines: CreditedLines | None,
    reason: str,
    issue_on: date,
    *,
    total: TotalShare | None = None,
) -> tuple[Original, Document]:
    """Return the original and its credit note; asks plugins, writes nothing.

    Raises what `credit` raises but for its key.
    """
    before = original(ctx, document_id)
    refuse_date(ctx, issue_on)
    note = note_of(before, lines, total, reason, issue_on)
    relay = runtime().host.relay(ctx.tenant.plugins)
    (found,) = findings(ctx, relay, [note], "issue")
    if stopping := errors(found.problems if isinstance(found, Refused) else found):
        raise ValidationFailed(stopping)
    return before, note


def post(ctx: Context, before: Original, note: Document) -> Issued:
    """Bound, post and settle a credit note, inside a transaction.

    Raises Conflict where the invoice was credited since the note was computed.
    """
    session = db.session()
    _lock_balances(ctx, session, before.document)
    if original(ctx, before.document.id) != before:
        raise Conflict(_("The invoice was credited meanwhile. Look at it, then credit again."))
    _take_from_balances(session, note)
    outbox.publish(ctx, DocumentCredited(document_id=before.document.id, credit_note_id=note.id))
    (issued,) = issue_documents(ctx, session, [note])
    settle_by_credit(
        ctx, session, invoice_id=before.document.id, note_id=note.id, on=note.issue_on
    )
    return issued


def _lock_balances(ctx: Context, session: Session, document: Document) -> None:
    """Make the lines' balances where this is the first credit, and lock them in order."""
    insert_missing(
        LineBalance,
        [
            {
                "tenant_id": ctx.tenant.id,
                "document_id": document.id,
                "line_no": line.line_no,
                "amount": line.net,
                "credited": 0,
            }
            for line in document.lines
        ],
    )
    session.scalars(
        select(LineBalance)
        .where(LineBalance.document_id == document.id)
        .order_by(LineBalance.line_no)
        .with_for_update()
    ).all()


def _take_from_balances(session: Session, note: Document) -> None:
    """Add what the note credits; the row's constraint refuses more than the line."""
    credited = {line.credited.line_no: line.net for line in note.lines if line.credited}
    for row in session.scalars(
        select(LineBalance).where(
            LineBalance.document_id == note.credits_document_id,
            LineBalance.line_no.in_(credited),
        )
    ):
        row.credited += credited[row.line_no]
    session.flush()
