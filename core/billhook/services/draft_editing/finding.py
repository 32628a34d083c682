"""Customers and products for the pickers of the editor: a few, as fast as one types."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from billhook import limits
from billhook.db import db
from billhook.models.customers import Customer
from billhook.models.products import Product
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import pricing
from billhook.services.pricing import Priced
from billhook.services.waiting import Waiting

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer to pick."""

    reference: str
    name: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProduct:
    """A product to pick, with what one of it costs the customer where that is one price."""

    sku: str
    name: str
    unit: str
    price: Decimal | None


def find_customers(ctx: Context, text: str) -> list[FoundCustomer]:
    """Return customers whose name or reference holds the text, by name; the first without one."""
    ctx.require("drafts.edit")
    query = select(Customer.reference, Customer.name, Customer.city, Customer.country).where(
        Customer.is_active, Customer.merged_into_id.is_(None), Customer.erased_at.is_(None)
    )
    rows = _nearest(query, text, Customer.reference, Customer.name)
    return [
        FoundCustomer(reference=row[0], name=row[1], city=row[2], country=row[3]) for row in rows
    ]


def find_products(
    ctx: Context, text: str, *, customer: str = "", currency: str = ""
) -> list[FoundProduct]:
    """Return products whose name or SKU holds the text, with prices for a customer's reference."""
    ctx.require("drafts.edit")
    query = select(Product.sku, Product.name, Product.unit, Product.id).where(Product.is_active)
    rows = _nearest(query, text, Product.sku, Product.name)
    prices = _prices(ctx, [row[3] for row in rows], customer, currency)
    return [
        FoundProduct(sku=row[0], name=row[1], unit=row[2], price=prices.get(row[3]))
        for row in rows
    ]


def _nearest(query: Any, text: str, code: Any, name: Any) -> Sequence[Any]:
    """Put whoever is meant by exactly that code first, then those found by a part, by name."""
    wanted = text.strip()[: limits.NAME]
    if not wanted:
        return db.session.execute(query.order_by(name, code).limit(MOST)).all()
    exact = db.session.execute(query.where(code == wanted)).all()
    parts = or_(
        *(column.icontains(wanted, autoescape=True) for column in (name, code)),
    )
    more = query.where(parts, code != wanted).order_by(name, code).limit(MOST - len(exact))
    return [*exact, *db.session.execute(more).all()]


def _prices(
    ctx: Context, product_ids: Sequence[UUID], customer: str, currency: str
) -> dict[UUID, Decimal]:
    known = db.session.execute(
        select(Customer.id, Customer.currency).where(Customer.reference == customer.strip())
    ).one_or_none()
    buyer_id, usual = known or (UUID(int=0), ctx.tenant.currency)
    rows = [_asking(ctx, id_, buyer_id, currency.strip().upper() or usual) for id_ in product_ids]
    relay = runtime().host.relay(ctx.tenant.plugins)
    return {
        id_: answer.answer.parts[0].unit_price
        for id_, answer in pricing.priced(ctx, relay, rows).items()
        if isinstance(answer, Priced) and len(answer.answer.parts) == 1
    }


def _asking(ctx: Context, product_id: UUID, buyer_id: UUID, currency: str) -> Waiting:
    """Return one of a product as pricing reads a charge."""
    nothing = dict.fromkeys(Waiting._fields, "")
    return Waiting(
        **{  # type: ignore[arg-type]
            **nothing,
            "id": product_id,
            "customer_id": buyer_id,
            "payer_id": buyer_id,
            "currency": currency,
            "charged_on": ctx.today(),
            "period_start": None,
            "period_end": None,
            "product_id": product_id,
            "quantity": Decimal(1),
            "unit_price": None,
            "base_quantity": Decimal(1),
            "amount": None,
            "adjustments": [],
        }
    )
