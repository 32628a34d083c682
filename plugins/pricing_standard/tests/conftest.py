from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.clock import FixedClock
from billhook.domain.parties import Address, Party
from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.domain.states import Supply
from billhook.domain.totals import TotalsOptions
from billhook.errors import NotFound, PluginUnavailable
from billhook.sdk.context import Actor, ActorKind, Context, TenantSnapshot
from billhook.sdk.ports import Ports
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
    tenant = TenantSnapshot(
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
        plugins=frozenset({"pricing_standard"}),
        version=1,
    )
    return Context(
        tenant=tenant,
        actor=Actor(kind=ActorKind.OPERATOR),
        clock=FixedClock(datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ports=Ports(
            settings=_StoredSettings(settings or PricingStandardSettings()),
            prices=_StoredPrices(prices),
            jobs=_NoJobs(),
        ),
    )


@dataclass(frozen=True)
class _StoredSettings:
    settings: PricingStandardSettings

    def read(self, ctx: Context, kind: type) -> PricingStandardSettings:
        assert kind is PricingStandardSettings
        return self.settings


@dataclass(frozen=True)
class _StoredPrices:
    prices: dict[str, PriceVersion]

    def in_force(self, ctx: Context, *, sku: str, currency: str, on: date) -> PriceVersion:
        found = self.prices.get(sku)
        if found is None or found.currency != currency or on < date(2026, 1, 1):
            raise NotFound("price", sku)
        return found


class _NoDeliveries:
    def report(self, ctx: Context, *, channel: str, reports: Sequence[object]) -> Sequence[bool]:
        return [False for _report in reports]


class _NoJobs:
    def enqueue(self, ctx: Context, name: str, *_payload: object, **_options: object) -> UUID:
        raise PluginUnavailable(name)
