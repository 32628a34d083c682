"""A tenant with customers, and charges that wait."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from billhook.sdk.context import Context
from billhook.testing.shops import (
    DAY,
    END,
    acting,
    make_charge,
    make_customer,
    open_shop,
    opened,
)
from billhook.testing.worlds import World

__all__ = ["DAY", "END", "acting", "make_charge", "make_customer", "opened"]


@pytest.fixture
def beginning(request, worlds) -> World[None] | None:
    """Return the shop, where the test asks for it; it is opened for the first who does."""
    return worlds.world("shop", open_shop) if "shop" in request.fixturenames else None


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the standard plugins on, acting."""
    with acting("shop") as ctx:
        yield ctx


@pytest.fixture
def customer(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a customer of the shop."""
    return lambda reference, **fields: make_customer(shop, reference, **fields)


@pytest.fixture
def charge(shop: Context) -> Callable[..., UUID]:
    """Return a function that lets a charge wait in the shop."""
    return lambda customer_id, price="10", **fields: make_charge(
        shop, customer_id, price, **fields
    )
