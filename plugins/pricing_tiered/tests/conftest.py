from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.sdk.context import Context
from billhook.testing.contexts import lonely_context
from billhook_pricing_tiered.pricing import MODELS


@pytest.fixture(scope="session")
def price() -> Callable[..., PriceVersion]:
    """Make a price of a model from its parameters."""

    def make(model: str, currency: str = "EUR", **parameters: str) -> PriceVersion:
        key = f"pricing_tiered.{model}"
        return PriceVersion(id=UUID(int=9), model=key, currency=currency, parameters=parameters)

    return make


@pytest.fixture(scope="session")
def ask(price) -> Callable[..., PriceAnswer]:
    """Ask a model what a quantity costs."""

    def answer(model: str, quantity: str | Decimal, **parameters: str) -> PriceAnswer:
        query = PriceQuery(price=price(model, **parameters), quantity=Decimal(quantity))
        (given,) = MODELS[query.price.model](None).price([query])
        return given

    return answer


@pytest.fixture(scope="session")
def exact() -> Callable[[PriceAnswer], Fraction]:
    """Add up an answer's parts without any rounding."""

    def total(answer: PriceAnswer) -> Fraction:
        assert not answer.problems
        return sum(map(_part, answer.parts), Fraction(0))

    return total


def _part(part: PricePart) -> Fraction:
    product = Fraction(part.quantity) * Fraction(part.unit_price)
    return product / Fraction(part.base_quantity)


@pytest.fixture
def ctx() -> Callable[..., Context]:
    """Make a context in which the tenant has prices by SKU."""

    return lambda **prices: lonely_context("pricing_tiered", prices=prices)
