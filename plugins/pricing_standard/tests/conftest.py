from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.sdk.context import Context
from billhook.testing.contexts import lonely_context
from billhook_pricing_standard.settings import PricingStandardSettings


@pytest.fixture
def price() -> Callable[..., PriceVersion]:
    """Make a price of a model from its parameters."""

    def make(model: str, currency: str = "EUR", **parameters: str) -> PriceVersion:
        key = f"pricing_standard.{model}"
        return PriceVersion(id=UUID(int=9), model=key, currency=currency, parameters=parameters)

    return make


@pytest.fixture
def query(price) -> Callable[..., PriceQuery]:
    """Make a query: a quantity of something that has the price."""

    def make(quantity: str, model: str, **parameters: str) -> PriceQuery:
        return PriceQuery(price=price(model, **parameters), quantity=Decimal(quantity))

    return make


@pytest.fixture
def ctx() -> Callable[..., Context]:
    """Make a context in which the tenant has stored settings and prices by SKU."""
    return _context


@pytest.fixture(scope="session")
def ctx_once() -> Context:
    """Return one context without prices, for tests that run a hundred times."""
    return _context()


def _context(settings: PricingStandardSettings | None = None, **prices: PriceVersion) -> Context:
    return lonely_context(
        "pricing_standard", settings=settings or PricingStandardSettings(), prices=prices
    )
