from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from billhook.clock import FixedClock
from billhook.domain.parties import Address, Party
from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.domain.states import Supply
from billhook.domain.totals import TotalsOptions
from billhook.errors import NotFound
from billhook.sdk.context import Actor, ActorKind, Context, TenantSnapshot
from billhook.sdk.ports import Ports
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

    def make(**prices: PriceVersion) -> Context:
        return Context(
            tenant=TENANT,
            actor=Actor(kind=ActorKind.OPERATOR),
            clock=FixedClock(datetime(2026, 11, 20, 12, tzinfo=UTC)),
            ports=Ports(**(NO_PORTS | {"prices": _StoredPrices(prices)})),
        )

    return make


NO_PORTS = dict.fromkeys(port.name for port in fields(Ports))
"""The commands ask for prices and nothing else."""

TENANT = TenantSnapshot(
    id=UUID(int=7),
    slug="acme",
    party=Party(name="Acme GmbH", address=Address(country="DE")),
    currency="EUR",
    time_zone="Europe/Berlin",
    language="en",
    supplies=Supply.SERVICE,
    tax_engine="",
    totals=TotalsOptions(),
    payment_days=30,
    is_sandbox=False,
    registrations=(),
    plugins=frozenset({"pricing_tiered"}),
    version=1,
)


@dataclass(frozen=True)
class _StoredPrices:
    prices: dict[str, PriceVersion]

    def in_force(self, ctx: Context, *, sku: str, currency: str, on: date) -> PriceVersion:
        found = self.prices.get(sku)
        if found is None or found.currency != currency or on < date(2026, 1, 1):
            raise NotFound("price", sku)
        return found
