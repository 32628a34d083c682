"""Products, a row for each price version, with the columns that the import reads."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.custom_fields import FieldSubject
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.sdk.context import Context
from billhook.services import own_fields
from billhook.services.exports.sheets import Cell
from billhook.services.imports.products import OWN_FIELD, PARAMETER

PERMISSION = "products.view"
_ROWS = 1_000
_COLUMNS = (
    "sku",
    "name",
    "description",
    "unit",
    "supply",
    "tax_category",
    "revenue_account",
    "is_active",
)


def header(ctx: Context) -> Sequence[str]:
    price = ("model", "currency", "customer", "valid_from", "valid_until")
    own = (OWN_FIELD + key for key in _own_keys())
    return [*_COLUMNS, *own, *price, *(PARAMETER + name for name in _parameters())]


def count(ctx: Context) -> int:
    return max(
        db.session.scalar(select(func.count(Price.id))) or 0,
        db.session.scalar(select(func.count(Product.id))) or 0,
    )


def rows(ctx: Context) -> Iterator[Sequence[Cell]]:
    """Read all products, a thousand rows at a time."""
    own, parameters = _own_keys(), _parameters()
    query = (
        select(Product, Price, Customer.reference)
        .outerjoin(
            Price, (Price.tenant_id == Product.tenant_id) & (Price.product_id == Product.id)
        )
        .outerjoin(
            Customer,
            (Customer.tenant_id == Price.tenant_id) & (Customer.id == Price.customer_id),
        )
        .order_by(Product.sku, Price.currency, Customer.reference, Price.valid_from)
        .execution_options(yield_per=_ROWS)
    )
    for product, price, customer in db.session.execute(query):
        yield [
            *(getattr(product, name) for name in _COLUMNS),
            *(product.fields.get(key, "") for key in own),
            *_price(price, customer or ""),
            *(price.parameters.get(name, "") if price else "" for name in parameters),
        ]


def _price(price: Price | None, customer: str) -> Sequence[Cell]:
    if price is None:
        return ["", "", "", None, None]
    until = price.valid_to - timedelta(days=1) if price.valid_to else None
    return [price.model, price.currency, customer, price.valid_from, until]


def _own_keys() -> list[str]:
    return [field.key for field in own_fields.definitions(FieldSubject.PRODUCT)]


def _parameters() -> list[str]:
    """Return the names of all parameters that some price has."""
    query = select(Price.parameters).execution_options(yield_per=_ROWS)
    return sorted({name for parameters in db.session.scalars(query) for name in parameters})
