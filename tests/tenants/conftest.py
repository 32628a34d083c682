import pytest

from billhook.sdk.context import Context
from billhook.services.contexts import operator_context
from billhook.testing.members import Somebody, join
from billhook.testing.shops import open_shop
from billhook.testing.worlds import World


@pytest.fixture
def beginning(request, worlds) -> World[None] | None:
    """Return the shop, where the test asks for it; it is opened for the first who does."""
    return worlds.world("shop", open_shop) if "ctx" in request.fixturenames else None


@pytest.fixture
def ctx(app) -> Context:
    """Return the operator's context in the tenant “shop”."""
    return operator_context("shop")


@pytest.fixture
def ada(ctx) -> Somebody:
    """Return the shop's administrator."""
    return join("shop", "ada@shop.example")
