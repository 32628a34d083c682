"""Customers, with the columns that the import reads: payers come before those they pay for."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.models.brands import BrandRow
from billhook.models.customers import Customer
from billhook.models.deliveries import DeliveryPreference
from billhook.sdk.context import Context
from billhook.services.exports.sheets import Cell
from billhook.services.preferences import NONE

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
    "legal_id",
    "legal_id_scheme",
    "electronic_address",
    "electronic_scheme",
    "contact_name",
    "phone",
    "currency",
    "language",
    "time_zone",
    "consolidation",
    "payment_days",
    "purchase_order",
    "buyer_reference",
    "is_active",
)


_PREFERENCES = ("brand", "channels", "formats", "tone")


def header(ctx: Context) -> Sequence[str]:
    return [*_COLUMNS, "payer", *_PREFERENCES]


def count(ctx: Context) -> int:
    return db.session.scalar(select(func.count(Customer.id))) or 0


def rows(ctx: Context) -> Iterator[Sequence[Cell]]:
    """Read all customers, a thousand at a time."""
    payer, wish = aliased(Customer), DeliveryPreference
    query = (
        select(
            *(getattr(Customer, name) for name in _COLUMNS),
            payer.reference,
            *(BrandRow.code, wish.channels, wish.formats, wish.tone),
        )
        .outerjoin(
            payer, (payer.tenant_id == Customer.tenant_id) & (payer.id == Customer.payer_id)
        )
        .outerjoin(
            wish, (wish.tenant_id == Customer.tenant_id) & (wish.customer_id == Customer.id)
        )
        .outerjoin(
            BrandRow, (BrandRow.tenant_id == wish.tenant_id) & (BrandRow.id == wish.brand_id)
        )
        .order_by(Customer.payer_id.is_not(None), Customer.reference)
        .execution_options(yield_per=_ROWS)
    )
    for *cells, channels, formats, tone in db.session.execute(query).tuples():
        yield [*cells, _keys(channels), _keys(formats), tone]


def _keys(keys: Sequence[str] | None) -> str | None:
    """Write keys as the import reads them."""
    if keys is None:
        return None
    return ",".join(keys) or NONE
