"""Prices agreed with one customer, which come before those of the product.

A version of a price never changes. So an agreement ends by a last version that says
the same for its last day alone; from the day after, the product's price holds again.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, select

from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.sdk.context import Context
from billhook.services import audit, customers
from billhook.services.prices import PriceEntry, PriceInput, add_price, price_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A version of a price that one customer has."""

    price: PriceEntry
    product: str
    """Its name."""
    last_day: date | None
    """The last day on which it holds; None where it has no end."""
    is_in_force: bool
    is_over: bool


def of_customer(ctx: Context, customer_id: UUID) -> list[Agreement]:
    """Return what was agreed with a customer, by product, the newest first. Raises NotFound."""
    ctx.require("products.view")
    reference = customers.by_id(ctx, customer_id).reference
    rows = db.session.execute(
        select(Price, Product.sku, Product.name)
        .join(Product, and_(Product.tenant_id == Price.tenant_id, Product.id == Price.product_id))
        .where(Price.customer_id == customer_id)
        .order_by(Product.sku, Price.currency, Price.valid_from.desc())
    ).all()
    found: list[Agreement] = []
    later: dict[tuple[str, str], date] = {}
    for row, sku, name in rows:
        following = later.get((sku, row.currency))
        later[sku, row.currency] = row.valid_from
        found.append(_agreement(ctx, row, following, sku=sku, name=name, reference=reference))
    return found


def _agreement(
    ctx: Context, row: Price, following: date | None, *, sku: str, name: str, reference: str
) -> Agreement:
    ends = [day for day in (row.valid_to, following) if day]
    until = min(ends) if ends else None
    today = ctx.today()
    return Agreement(
        price=price_entry(row, sku, reference),
        product=name,
        last_day=until - timedelta(days=1) if until else None,
        is_in_force=row.valid_from <= today and (until is None or today < until),
        is_over=until is not None and until <= today,
    )


def customer_of(ctx: Context, price_id: UUID) -> UUID | None:
    """Return the customer whose price it is; None where it is everybody's. Raises NotFound."""
    ctx.require("products.view")
    found = db.session.execute(select(Price.customer_id).where(Price.id == price_id)).one_or_none()
    if found is None:
        raise NotFound(_("price"), price_id)
    return found.customer_id


def end(ctx: Context, price_id: UUID, *, last_day: date) -> UUID | None:
    """Let a price hold through a day and no longer; return the one customer whose it was.

    Raises NotFound, Conflict where it is over by then, begins later, or is followed
    by another version.
    """
    ctx.require("products.edit")
    with ctx.transaction():
        row = db.session.execute(
            select(Price, Product.sku, Customer.reference, Customer.id)
            .join(
                Product, and_(Product.tenant_id == Price.tenant_id, Product.id == Price.product_id)
            )
            .outerjoin(
                Customer,
                and_(Customer.tenant_id == Price.tenant_id, Customer.id == Price.customer_id),
            )
            .where(Price.id == price_id)
        ).one_or_none()
        if row is None:
            raise NotFound(_("price"), price_id)
        price, sku, reference, customer_id = row
        _refuse_end(price, last_day)
        add_price(
            ctx,
            PriceInput(
                sku=sku,
                model=price.model,
                parameters=price.parameters,
                currency=price.currency,
                customer=reference or "",
                valid_from=last_day,
                valid_to=day_after(last_day),
            ),
        )
        audit.record(ctx, "price.ended", "price", price_id, last_day=last_day.isoformat())
        return customer_id


def day_after(last_day: date) -> date:
    """Return the first day on which a price that ends with a day does not hold."""
    return last_day + timedelta(days=1)


def _refuse_end(price: Price, last_day: date) -> None:
    if last_day == date.max:
        raise Conflict(_("No day follows this one. Choose an earlier day as the last one."))
    if last_day <= price.valid_from:
        raise Conflict(
            _(
                "The price holds from %(first)s. Choose a later day as its last one.",
                first=price.valid_from.isoformat(),
            )
        )
    if price.valid_to and last_day >= price.valid_to:
        raise Conflict(_("The price is over by then. There is nothing to end."))
    followed = db.session.scalar(
        select(Price.id).where(
            Price.product_id == price.product_id,
            Price.customer_id == price.customer_id,
            Price.currency == price.currency,
            Price.valid_from > price.valid_from,
        )
    )
    if followed:
        raise Conflict(_("A later version ends this price already. End the last one instead."))
