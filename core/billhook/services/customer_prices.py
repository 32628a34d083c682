"""What one customer pays for what it buys: its own prices before those of the products."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.pricing import PriceVersion
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.charges import ChargeRow
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.scoping import customer_scope
from billhook.sdk.context import Context
from billhook.sdk.ports import CustomerPrice
from billhook.services import merged
from billhook.services.prices import PriceWanted, prices_in_force
from billhook.services.sets import one_of

MOST = 200
BOUGHT_WITHIN = timedelta(days=366)


def of_customer(
    ctx: Context, *, customer_id: UUID, on: date, models: Collection[str]
) -> list[CustomerPrice]:
    """Return the prices that hold for a customer, as far as these models price them, by product.

    What was bought is asked within the scope in force; a product's price, which is
    nobody's, beyond it. Raises NotFound for a customer outside the scope.
    """
    if db.session.scalar(select(Customer.id).where(Customer.id == customer_id)) is None:
        raise NotFound(_("customer"), customer_id)
    bought = _bought(customer_id, on)
    wanted = [
        PriceWanted(product_id=product_id, customer_id=customer_id, currency=currency, on=on)
        for product_id, currency in bought
    ]
    with customer_scope(None):
        versions = [one for one in prices_in_force(ctx, wanted) if one and one.model in models]
        told = _told([one.id for one in versions])
    found = [_price(one, told) for one in versions]
    return sorted(found, key=lambda one: (one.product.casefold(), one.sku))[:MOST]


def _bought(customer_id: UUID, on: date) -> Sequence[tuple[UUID, str]]:
    """Return products and currencies that the customer has prices of, or charges within a year."""
    own = select(Price.product_id, Price.currency).where(Price.customer_id == customer_id)
    charged = select(ChargeRow.product_id, ChargeRow.currency).where(
        one_of(ChargeRow.customer_id, merged.family(customer_id)),
        ChargeRow.charged_on > on - BOUGHT_WITHIN,
        ChargeRow.product_id.is_not(None),
    )
    found = {
        (product_id, currency)
        for query in (own.distinct(), charged.distinct())
        for product_id, currency in db.session.execute(query).tuples()
    }
    return sorted(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a price version says of itself."""

    sku: str
    product: str
    unit: str
    is_own: bool
    since: date


def _told(price_ids: Collection[UUID]) -> Mapping[UUID, _Told]:
    rows = db.session.execute(
        select(
            Price.id, Price.customer_id, Price.valid_from, Product.sku, Product.name, Product.unit
        )
        .join(
            Product,
            (Product.tenant_id == Price.tenant_id) & (Product.id == Price.product_id),
        )
        .where(one_of(Price.id, price_ids))
    )
    return {
        row.id: _Told(
            sku=row.sku,
            product=row.name,
            unit=row.unit,
            is_own=row.customer_id is not None,
            since=row.valid_from,
        )
        for row in rows
    }


def _price(version: PriceVersion, told: Mapping[UUID, _Told]) -> CustomerPrice:
    one = told[version.id]
    return CustomerPrice(
        sku=one.sku,
        product=one.product,
        unit=one.unit,
        price=version,
        is_own=one.is_own,
        since=one.since,
    )
