"""Customers, with the columns that the import reads: payers come before those they pay for."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.models.customers import Customer
from billhook.sdk.context import Context
from billhook.services.exports.sheets import Cell

PERMISSION = "customers.view"
_ROWS = 1_000
_COLUMNS = (
    "reference",
    "name",
    "country",
    "subdivision",
    "street",
    "extra",
    "postal_code",
    "city",
    "email",
    "tax_number",
    "currency",
    "language",
    "time_zone",
    "consolidation",
    "payment_days",
    "purchase_order",
    "buyer_reference",
    "is_active",
)


def header(ctx: Context) -> Sequence[str]:
    return [*_COLUMNS, "payer"]


def count(ctx: Context) -> int:
    return db.session.scalar(select(func.count(Customer.id))) or 0


def rows(ctx: Context) -> Iterator[Sequence[Cell]]:
    """Read all customers, a thousand at a time."""
    payer = aliased(Customer)
    query = (
        select(*(getattr(Customer, name) for name in _COLUMNS), payer.reference)
        .outerjoin(
            payer, (payer.tenant_id == Customer.tenant_id) & (payer.id == Customer.payer_id)
        )
        .order_by(Customer.payer_id.is_not(None), Customer.reference)
        .execution_options(yield_per=_ROWS)
    )
    yield from db.session.execute(query).tuples()
