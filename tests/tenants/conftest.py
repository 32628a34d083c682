import pytest

from billhook.sdk.context import Context
from billhook.testing.members import Somebody, join, open_tenant


@pytest.fixture
def ctx(app) -> Context:
    """Return the operator's context in the tenant “shop”."""
    return open_tenant("shop")


@pytest.fixture
def ada(ctx) -> Somebody:
    """Return the shop's administrator."""
    return join("shop", "ada@shop.example")
