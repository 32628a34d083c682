"""Charges, with where each stands: waiting, on a draft, billed on a document, withdrawn."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.domain.adjusting import read_adjustment
from billhook.domain.periods import Period
from billhook.domain.states import ChargeState
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import DocumentSeal
from billhook.models.products import Product
from billhook.money import to_major
from billhook.sdk.context import Context
from billhook.services.exports.sheets import Cell

PERMISSION = "charges.view"
_ROWS = 1_000
_HEADER = (
    *("source", "reference", "customer", "date", "description", "quantity", "unit", "amount"),
    *("unit_price", "base_quantity", "product", "sku", "currency", "group", "group_label"),
    *("period_start", "period_end", "discount_percent", "discount_amount", "discount_reason"),
    *("surcharge_percent", "surcharge_amount", "surcharge_reason", "supply", "tax_category"),
    *("revenue_account", "purchase_order", "delivery_country", "state", "document"),
)


def header(ctx: Context) -> Sequence[str]:
    return _HEADER


def count(ctx: Context) -> int:
    return db.session.scalar(select(func.count(ChargeRow.id))) or 0


def rows(ctx: Context) -> Iterator[Sequence[Cell]]:
    """Read all charges in the order in which they came, a thousand at a time."""

    def on(row: Any, left: Any, right: Any) -> Any:
        return and_(row.tenant_id == ChargeRow.tenant_id, left == right)

    query = (
        select(
            ChargeRow,
            Customer.reference,
            Product.sku,
            ChargeOpen.is_held,
            ChargeClaim.holder_id,
            DocumentSeal.printed_number,
        )
        .join(Customer, on(Customer, Customer.id, ChargeRow.customer_id))
        .outerjoin(Product, on(Product, Product.id, ChargeRow.product_id))
        .outerjoin(ChargeOpen, on(ChargeOpen, ChargeOpen.charge_id, ChargeRow.id))
        .outerjoin(ChargeClaim, on(ChargeClaim, ChargeClaim.charge_id, ChargeRow.id))
        .outerjoin(DocumentSeal, on(DocumentSeal, DocumentSeal.document_id, ChargeClaim.holder_id))
        .order_by(ChargeRow.id)
        .execution_options(yield_per=_ROWS)
    )
    for charge, customer, product, is_held, holder_id, number in db.session.execute(query):
        state = _state(is_held, holder_id, number)
        yield _row(charge, customer, product or "", state, number or "")


def _state(is_held: bool | None, holder_id: object, number: str | None) -> ChargeState:
    if is_held is not None:
        return ChargeState.HELD if is_held else ChargeState.OPEN
    if number is not None:
        return ChargeState.BILLED
    return ChargeState.CLAIMED if holder_id is not None else ChargeState.WITHDRAWN


def _row(
    charge: ChargeRow, customer: str, product: str, state: ChargeState, number: str
) -> Sequence[Cell]:
    start, end = charge.period_start, charge.period_end
    period = Period(start, end) if start and end else None
    adjustments = [read_adjustment(stored) for stored in charge.adjustments]
    return [
        charge.source,
        charge.reference,
        customer,
        charge.charged_on,
        charge.description,
        charge.quantity,
        charge.unit,
        None if charge.amount is None else to_major(charge.amount, charge.currency),
        charge.unit_price,
        charge.base_quantity,
        product,
        charge.sku,
        charge.currency,
        charge.group_key,
        charge.group_label,
        period.start if period else None,
        period.last_day if period else None,
        *_adjustment(adjustments, AdjustmentKind.ALLOWANCE, charge.currency),
        *_adjustment(adjustments, AdjustmentKind.SURCHARGE, charge.currency),
        charge.supply,
        charge.tax_category,
        charge.revenue_account,
        charge.purchase_order,
        charge.delivery_country,
        state.value,
        number,
    ]


def _adjustment(
    adjustments: Sequence[Adjustment], kind: AdjustmentKind, currency: str
) -> tuple[Decimal | None, Decimal | None, str]:
    """Return percent, amount and reason of the discounts, or of the surcharges."""
    found = [adjustment for adjustment in adjustments if adjustment.kind is kind]
    percents = [item.percent for item in found if item.percent is not None]
    amounts = [item.amount for item in found if item.amount is not None]
    reasons = dict.fromkeys(item.reason for item in found)
    return (
        sum(percents, Decimal(0)) if percents else None,
        to_major(sum(amounts), currency) if amounts else None,
        ", ".join(reasons),
    )
