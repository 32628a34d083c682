"""A tenant with customers, and charges that wait."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.domain.charges import Charge
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services import charging, contexts, customers
from billhook.services.customers import CustomerInput
from billhook.testing.members import open_tenant

DAY = date(2026, 10, 5)
END = date(2026, 10, 31)


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the standard plugins on, acting."""
    with opened("shop") as ctx:
        yield ctx


def opened(slug: str, **wanted: object):
    """Open a tenant and act in it."""
    open_tenant(slug, **wanted)
    return acting(slug)


class acting:
    """Act in a tenant as its operator; the context is read when the block begins."""

    def __init__(self, slug: str) -> None:
        self.slug = slug

    def __enter__(self) -> Context:
        ctx = contexts.operator_context(self.slug)
        self._inside = ctx.acting()
        self._inside.__enter__()
        return ctx

    def __exit__(self, *raised: object) -> None:
        self._inside.__exit__(*raised)


@pytest.fixture
def customer(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a customer of the shop."""
    return lambda reference, **fields: make_customer(shop, reference, **fields)


def make_customer(ctx: Context, reference: str, **fields: str) -> UUID:
    given = {"name": f"Customer {reference}", "country": "GB", "currency": "GBP", **fields}
    return customers.save(ctx, CustomerInput(reference=reference, **given)).id


@pytest.fixture
def charge(shop: Context) -> Callable[..., UUID]:
    """Return a function that lets a charge wait in the shop."""
    return lambda customer_id, price="10", **fields: make_charge(
        shop, customer_id, price, **fields
    )


def make_charge(ctx: Context, customer_id: UUID, price: str | None = "10", **fields) -> UUID:
    reference = fields.pop("reference", new_id().hex)
    (added,) = charging.add(
        ctx,
        [
            Charge(
                id=new_id(),
                source="test",
                reference=reference,
                customer_id=customer_id,
                payer_id=fields.pop("payer_id", customer_id),
                currency=fields.pop("currency", "GBP"),
                charged_on=fields.pop("charged_on", DAY),
                description=fields.pop("description", "Work"),
                unit_price=None if price is None else Decimal(price),
                **fields,
            )
        ],
    )
    return added.id
