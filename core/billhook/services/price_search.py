"""Prices as programs look for them, each with the last day on which it holds."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.products import Price, Product
from billhook.sdk.context import Context
from billhook.services.paging import Order, Slice, cut
from billhook.services.prices import PriceEntry, price_entry

State = Literal["in_force", "planned", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFilter:
    """Which prices are wanted; what is empty narrows nothing."""

    product_id: UUID | None = None
    customer_id: UUID | None = None
    """Those that were agreed with this customer."""
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrice:
    """A version of a price."""

    entry: PriceEntry
    product_id: UUID
    customer_id: UUID | None
    """The one customer whom it is for; None where it is everybody's."""
    last_day: date | None
    """The last day on which it holds, as it says or because a later version follows."""
    state: State


def search(
    ctx: Context, wanted: PriceFilter, *, after: str = "", limit: int = PAGE_ROWS
) -> Slice[FoundPrice]:
    """Return the page that follows a cursor, those that begin last first.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("products.view")
    query = _prices()
    if wanted.product_id:
        query = query.where(Price.product_id == wanted.product_id)
    if wanted.customer_id:
        query = query.where(Price.customer_id == wanted.customer_id)
    if wanted.currency:
        query = query.where(Price.currency == wanted.currency)
    return cut(
        query,
        (Order(Price.valid_from, date), Order(Price.id, UUID)),
        after=after,
        limit=limit,
        is_descending=True,
        make=lambda row: _found(ctx, row),
    )


def get(ctx: Context, price_id: UUID) -> FoundPrice:
    """Return a version of a price. Raises NotFound."""
    ctx.require("products.view")
    row = db.session.execute(_prices().where(Price.id == price_id)).one_or_none()
    if row is None:
        raise NotFound(_("price"), price_id)
    return _found(ctx, row)


def _prices() -> Select[Any]:
    """Select versions with what stands beside them; those of customers whom nobody may see are left out."""
    later = aliased(Price)
    following = (
        select(func.min(later.valid_from))
        .where(
            later.tenant_id == Price.tenant_id,
            later.product_id == Price.product_id,
            later.currency == Price.currency,
            later.customer_id.is_not_distinct_from(Price.customer_id),
            later.valid_from > Price.valid_from,
        )
        .correlate(Price)
        .scalar_subquery()
    )
    return (
        select(Price, Product.sku, Customer.reference, following)
        .join(Product, and_(Product.tenant_id == Price.tenant_id, Product.id == Price.product_id))
        .outerjoin(
            Customer, and_(Customer.tenant_id == Price.tenant_id, Customer.id == Price.customer_id)
        )
        .where(or_(Price.customer_id.is_(None), Customer.id.is_not(None)))
    )


def _found(ctx: Context, row: Row[Any]) -> FoundPrice:
    price, sku, reference, following = row[:4]
    ends = [day for day in (price.valid_to, following) if day]
    until = min(ends) if ends else None
    return FoundPrice(
        entry=price_entry(price, sku, reference or ""),
        product_id=price.product_id,
        customer_id=price.customer_id,
        last_day=until - timedelta(days=1) if until else None,
        state=_state(ctx.today(), price.valid_from, until),
    )


def _state(today: date, begin: date, until: date | None) -> State:
    if today < begin:
        return "planned"
    return "over" if until and until <= today else "in_force"


def version_on(ctx: Context, price: FoundPrice, first_day: date) -> FoundPrice:
    """Return the version of the same price that begins on a day. Raises NotFound."""
    ctx.require("products.view")
    row = db.session.execute(
        _prices().where(
            Price.product_id == price.product_id,
            Price.customer_id.is_not_distinct_from(price.customer_id),
            Price.currency == price.entry.currency,
            Price.valid_from == first_day,
        )
    ).one_or_none()
    if row is None:
        raise NotFound(_("price"), first_day.isoformat())
    return _found(ctx, row)
