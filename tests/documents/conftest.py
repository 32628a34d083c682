"""A shop with a draft and an invoice."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from billhook.domain.states import RunMode
from billhook.sdk.context import Context
from billhook.services import billing, drafting, issuing
from billhook.testing.shops import END, make_charge, make_customer, opened


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the installed plugins on, acting."""
    with opened("shop") as ctx:
        yield ctx


@pytest.fixture
def customer(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a customer of the shop."""
    return lambda reference, **fields: make_customer(shop, reference, **fields)


@pytest.fixture
def draft(shop, customer):
    """An open draft of 30.00 for Ann."""
    ann = customer("ann", email="ann@client.example")
    make_charge(shop, ann, "10", description="Ten")
    make_charge(shop, ann, "20", description="Twenty")
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    return entry.id


@pytest.fixture
def invoice(shop, draft):
    """An issued invoice: 30.00 net, 6.00 tax."""
    return issuing.issue(shop, draft, issue_on=END)
