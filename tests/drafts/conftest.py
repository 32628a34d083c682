"""A shop with a customer, products with prices, and drafts to edit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from billhook.domain.states import RunMode
from billhook.sdk.context import Context
from billhook.services import billing, drafting, prices, products
from billhook.services.draft_editing import DraftInput, LineInput
from billhook.services.prices import PriceInput
from billhook.services.products import ProductInput
from billhook.testing.shops import END, make_charge, make_customer, opened

PACK = ("pricing_standard", "pricing_tiered", "tax_rules")
PER_UNIT, GRADUATED = "pricing_standard.per_unit", "pricing_tiered.graduated"


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that charges VAT, acting, with a customer “ann” and two products."""
    with opened("shop", pack=PACK) as ctx:
        make_customer(ctx, "ann", name="Ann & Sons", purchase_order="")
        products.save(ctx, ProductInput(sku="SEAT", name="Seat", unit="MON", supply="service"))
        prices.add_price(
            ctx, PriceInput(sku="SEAT", model=PER_UNIT, parameters={"unit_price": "49"})
        )
        yield ctx


@pytest.fixture
def charged(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a draft of charges at these prices, by a bill run."""

    def make(*unit_prices: str) -> UUID:
        customer_id = make_customer(shop, "bob", name="Bob")
        for place, price in enumerate(unit_prices):
            make_charge(shop, customer_id, price, description=f"Work {place}")
        billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
        return drafting.listing(shop)[-1].id

    return make


def draft(*lines: LineInput, **terms: object) -> DraftInput:
    return replace(DraftInput(customer="ann", lines=lines), **terms)


def line(description: str = "Work", price: str = "100", **more: object) -> LineInput:
    return LineInput(description=description, unit_price=price, **more)


@pytest.fixture
def with_permissions() -> Callable[..., Context]:
    """Return a way to make a context that may do only so much."""
    return lambda ctx, *permissions: replace(ctx, permissions=frozenset(permissions))
