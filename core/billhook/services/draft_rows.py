"""Bills as the rows of drafts, and back."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from billhook.db import db
from billhook.domain.adjusting import adjustment_json, read_adjustment
from billhook.domain.bills import Bill, BillLine
from billhook.domain.custom_fields import FieldDefinition, FieldValue
from billhook.domain.events import DraftCreated
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType, DraftState, Supply
from billhook.domain.totals import line_amount
from billhook.models.charges import ChargeClaim
from billhook.models.drafts import Draft, DraftAttachment, DraftLine
from billhook.sdk.context import Context
from billhook.services import audit, outbox, own_fields


def write_drafts(ctx: Context, bills: Sequence[Bill], *, run_id: UUID, issue_on: date) -> None:
    """Write bills as open drafts and claim their charges, inside the run's transaction.

    A run for another day than today hands that day on to the issue of its drafts.
    """
    if not bills:
        return
    insert_drafts(
        ctx, bills, run_id=run_id, issue_on=None if issue_on == ctx.today() else issue_on
    )
    claims = [
        {"tenant_id": ctx.tenant.id, "charge_id": charge_id, "holder_id": bill.id}
        for bill in bills
        for charge_id in dict.fromkeys(line.charge_id for line in bill.lines)
        if charge_id
    ]
    if claims:
        db.session.execute(insert(ChargeClaim), claims)


def insert_drafts(
    ctx: Context,
    bills: Sequence[Bill],
    *,
    run_id: UUID | None = None,
    issue_on: date | None = None,
) -> None:
    """Write bills as open drafts, inside a transaction that sees to the claims of their charges."""
    session = db.session
    session.execute(insert(Draft), [_draft(ctx, bill, run_id, issue_on) for bill in bills])
    lines = [
        line_values(ctx, bill.id, number, line)
        for bill in bills
        for number, line in enumerate(bill.lines, 1)
    ]
    if lines:
        session.execute(insert(DraftLine), lines)
    attached = [
        {
            "tenant_id": ctx.tenant.id,
            "draft_id": bill.id,
            "file_id": attachment.file_id,
            "position": position,
        }
        for bill in bills
        for position, attachment in enumerate(bill.attachments, 1)
    ]
    if attached:
        session.execute(insert(DraftAttachment), attached)
    made = [DraftCreated(draft_id=bill.id, customer_id=bill.buyer.id) for bill in bills]
    outbox.publish_all(ctx, made)
    audit.record_all(ctx, "draft.created", "draft", [bill.id for bill in bills])


def _draft(ctx: Context, bill: Bill, run_id: UUID | None, issue_on: date | None) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": bill.id,
        "type": kind_of(bill.lines).value,
        "state": DraftState.OPEN.value,
        "customer_id": bill.buyer.id,
        "payer_id": bill.payer_id,
        "currency": bill.currency,
        "delivery_country": bill.delivery_country,
        "purchase_order": bill.purchase_order,
        "note": bill.note,
        "buyer_reference": bill.buyer_reference,
        "language": bill.language,
        "payment_days": bill.payment_days,
        "terms": bill.terms,
        "reference": bill.reference,
        "brand_id": bill.brand_id,
        "fields": _texts(bill.fields),
        "adjustments": [adjustment_json(item) for item in bill.adjustments],
        "run_id": run_id,
        "issue_on": issue_on,
        "created_at": ctx.now(),
        "version": 1,
    }


def kind_of(lines: Iterable[BillLine]) -> DocumentType:
    """Return what the lines will become, as far as their sum tells before tax."""
    net = sum(line.amount for line in lines)
    return DocumentType.CREDIT_NOTE if net < 0 else DocumentType.INVOICE


def line_values(ctx: Context, draft_id: UUID, number: int, line: BillLine) -> dict[str, Any]:
    """Return a line as its row holds it."""
    return {
        "tenant_id": ctx.tenant.id,
        "draft_id": draft_id,
        "line_no": number,
        "description": line.description,
        "sku": line.sku,
        "unit": line.unit,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "base_quantity": line.base_quantity,
        "adjustments": [adjustment_json(item) for item in line.adjustments],
        "supply": line.supply.value,
        "tax_category": line.tax_category,
        "revenue_account": line.revenue_account,
        "supplied_on": line.supplied_on,
        "period_start": line.period.start if line.period else None,
        "period_end": line.period.end if line.period else None,
        "section_key": line.section_key,
        "section_label": line.section_label,
        "product_id": line.product_id,
        "charge_id": line.charge_id,
        "explanation": line.explanation,
        "plugins": dict(line.plugins),
        "fields": _texts(line.fields),
    }


def _texts(fields: Sequence[FieldValue]) -> dict[str, str]:
    return {field.key: field.text for field in fields}


def bill_line(row: DraftLine, currency: str, own: Sequence[FieldDefinition] = ()) -> BillLine:
    """Return a draft's line as a bill has it."""
    adjustments = tuple(read_adjustment(stored) for stored in row.adjustments)
    return BillLine(
        description=row.description,
        quantity=row.quantity,
        unit_price=row.unit_price,
        amount=line_amount(
            row.quantity,
            row.unit_price,
            currency,
            base_quantity=row.base_quantity,
            adjustments=adjustments,
        ),
        supply=Supply(row.supply),
        tax_category=row.tax_category,
        supplied_on=row.supplied_on,
        base_quantity=row.base_quantity,
        adjustments=adjustments,
        sku=row.sku,
        unit=row.unit,
        revenue_account=row.revenue_account,
        period=(
            Period(row.period_start, row.period_end)
            if row.period_start and row.period_end
            else None
        ),
        section_key=row.section_key,
        section_label=row.section_label,
        product_id=row.product_id,
        charge_id=row.charge_id,
        explanation=row.explanation,
        plugins=tuple(sorted(row.plugins.items())),
        fields=own_fields.frozen(row.fields, own),
    )
