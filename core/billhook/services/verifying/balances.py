"""Checks on what runs beside the sealed records: balances and the queue of charges."""

from typing import Any

from sqlalchemy import and_, case, func, or_, select

from billhook.db import db
from billhook.domain.states import DocumentType
from billhook.i18n import gettext as _
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.documents import DocumentLineRow, DocumentRow, DocumentSeal
from billhook.models.ledger import Allocation, Credit, LineBalance, Receivable
from billhook.sdk.context import Context
from billhook.services.verifying.finding import Broken, Checked


def settled_balances(ctx: Context) -> Checked:
    """Check each document's receivable or credit against it, and against allocations."""
    receivable = _settled(ctx, Receivable, Allocation.receivable_id, DocumentType.INVOICE)
    if receivable.broken:
        return receivable
    credit = _settled(ctx, Credit, Allocation.credit_id, DocumentType.CREDIT_NOTE)
    return Checked(count=receivable.count + credit.count, broken=credit.broken)


def _settled(ctx: Context, row: Any, reference: Any, kind: DocumentType) -> Checked:
    allocated = (
        select(reference.label("id"), func.sum(Allocation.amount).label("total"))
        .where(Allocation.tenant_id == ctx.tenant.id)
        .group_by(reference)
        .subquery()
    )
    query = (
        select(
            DocumentSeal.printed_number,
            DocumentRow.payable,
            row.amount,
            row.allocated,
            func.coalesce(allocated.c.total, 0).label("total"),
        )
        .join_from(DocumentRow, DocumentSeal, _on(DocumentSeal, DocumentSeal.document_id))
        .outerjoin(row, _on(row, row.document_id))
        .outerjoin(allocated, allocated.c.id == row.id)
        .where(DocumentRow.tenant_id == ctx.tenant.id, DocumentRow.type == kind.value)
    )
    wrong = or_(
        row.amount.is_(None),
        row.amount != DocumentRow.payable,
        row.allocated != func.coalesce(allocated.c.total, 0),
    )
    return _first(
        query, wrong, _("What it claims as owed or settled differs from its allocations.")
    )


def _on(row: Any, document_id: Any) -> Any:
    return and_(row.tenant_id == DocumentRow.tenant_id, document_id == DocumentRow.id)


def credited_lines(ctx: Context) -> Checked:
    """Check each line's credited amount against the credit notes that name it."""
    line = DocumentLineRow
    taken = (
        select(
            line.credited_document_id.label("document_id"),
            line.credited_line_no.label("line_no"),
            func.sum(line.net).label("total"),
        )
        .where(line.tenant_id == ctx.tenant.id, line.credited_document_id.is_not(None))
        .group_by(line.credited_document_id, line.credited_line_no)
        .subquery()
    )
    query = (
        select(DocumentSeal.printed_number)
        .join_from(
            LineBalance,
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == LineBalance.tenant_id,
                DocumentSeal.document_id == LineBalance.document_id,
            ),
        )
        .join(
            line,
            and_(
                line.tenant_id == LineBalance.tenant_id,
                line.document_id == LineBalance.document_id,
                line.line_no == LineBalance.line_no,
            ),
        )
        .outerjoin(
            taken,
            and_(
                taken.c.document_id == LineBalance.document_id,
                taken.c.line_no == LineBalance.line_no,
            ),
        )
        .where(LineBalance.tenant_id == ctx.tenant.id)
    )
    wrong = or_(
        LineBalance.amount != line.net,
        LineBalance.credited != func.coalesce(taken.c.total, 0),
    )
    return _first(query, wrong, _("A line's credited amount differs from its credit notes."))


def charges_billed_once(ctx: Context) -> Checked:
    """Check that no charge both waits and is claimed, and that a claim covers every billed line."""
    query = (
        select(ChargeRow.reference)
        .select_from(ChargeRow)
        .outerjoin(
            ChargeOpen,
            and_(
                ChargeOpen.tenant_id == ChargeRow.tenant_id, ChargeOpen.charge_id == ChargeRow.id
            ),
        )
        .outerjoin(
            ChargeClaim,
            and_(
                ChargeClaim.tenant_id == ChargeRow.tenant_id,
                ChargeClaim.charge_id == ChargeRow.id,
            ),
        )
        .outerjoin(
            DocumentLineRow,
            and_(
                DocumentLineRow.tenant_id == ChargeRow.tenant_id,
                DocumentLineRow.charge_id == ChargeRow.id,
            ),
        )
        .where(ChargeRow.tenant_id == ctx.tenant.id)
    )
    wrong = or_(
        and_(ChargeOpen.charge_id.is_not(None), ChargeClaim.charge_id.is_not(None)),
        and_(
            DocumentLineRow.document_id.is_not(None),
            case((ChargeClaim.holder_id == DocumentLineRow.document_id, 0), else_=1) == 1,
        ),
    )
    return _first(query, wrong, _("The charge waits although it is billed, or is billed twice."))


def _first(query: Any, wrong: Any, reason: str) -> Checked:
    """Count what the query covers, and name the first row that is wrong."""
    count = db.session.scalar(query.with_only_columns(func.count())) or 0
    found = db.session.execute(query.where(wrong).limit(1)).first()
    return Checked(
        count=count, broken=Broken(record=str(found[0]), reason=reason) if found else None
    )
