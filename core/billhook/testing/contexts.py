"""A context without a database, for tests of a plugin's own code.

```python
ctx = lonely_context("fax", settings=FaxSettings(retries=3))
```
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from billhook.clock import FixedClock
from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.domain.parties import Address, Party
from billhook.domain.pricing import PriceVersion
from billhook.domain.states import Supply
from billhook.domain.totals import TotalsOptions
from billhook.errors import NotFound, PluginUnavailable
from billhook.sdk.context import Actor, ActorKind, Context, TenantSnapshot
from billhook.sdk.http import Guard, Http
from billhook.sdk.ports import CustomerPrice, DeliveriesPort, HttpPort, Ports
from billhook.sdk.settings import Settings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PRICES_FROM = date(2026, 1, 1)
"""Before it there are none."""


def lonely_context(
    plugin: str,
    *,
    settings: Settings | None = None,
    prices: Mapping[str, PriceVersion] | None = None,
    deliveries: DeliveriesPort | None = None,
    http: HttpPort | None = None,
) -> Context:
    """Return the context of a tenant that has the plugin on, and of the ports what is given."""
    return Context(
        tenant=_tenant(plugin),
        actor=Actor(kind=ActorKind.OPERATOR),
        clock=FixedClock(NOON),
        ports=Ports(
            settings=_StoredSettings(settings),
            prices=_StoredPrices(prices or {}),
            jobs=_NoJobs(),
            deliveries=deliveries or Told(),
            http=http or Http(Guard()),
        ),
    )


def _tenant(plugin: str) -> TenantSnapshot:
    return TenantSnapshot(
        id=UUID(int=7),
        slug="acme",
        party=Party(name="Acme GmbH", address=Address(country="DE"), tax_number="DE136695976"),
        currency="EUR",
        time_zone="Europe/Berlin",
        language="en",
        supplies=Supply.SERVICE,
        tax_engine="",
        totals=TotalsOptions(),
        payment_days=30,
        is_sandbox=False,
        registrations=(),
        plugins=frozenset({plugin}),
        version=1,
    )


@dataclass
class Told:
    """The port `deliveries`: it keeps what it is told, and knows some of them."""

    ours: frozenset[UUID] = frozenset()
    told: list[DeliveryReport] = field(default_factory=list)

    def report(
        self, ctx: Context, *, channel: str, reports: Sequence[DeliveryReport]
    ) -> Sequence[bool]:
        self.told += reports
        return [one.delivery_id in self.ours for one in reports]

    def counts(
        self, ctx: Context, *, channel: str, since: datetime
    ) -> Mapping[DeliveryState, int]:
        found: dict[DeliveryState, int] = {}
        for one in self.told:
            found[one.state] = found.get(one.state, 0) + 1
        return found


@dataclass(frozen=True)
class _StoredSettings:
    settings: Settings | None

    def read(self, ctx: Context, kind: type[Any]) -> Any:
        assert isinstance(self.settings, kind)
        return self.settings


@dataclass(frozen=True)
class _StoredPrices:
    prices: Mapping[str, PriceVersion]

    def in_force(self, ctx: Context, *, sku: str, currency: str, on: date) -> PriceVersion:
        found = self.prices.get(sku)
        if found is None or found.currency != currency or on < PRICES_FROM:
            raise NotFound("price", sku)
        return found

    def of_customer(
        self, ctx: Context, *, customer_id: UUID, on: date, models: Collection[str]
    ) -> Sequence[CustomerPrice]:
        return [
            CustomerPrice(
                sku=sku, product=sku, unit="C62", price=price, is_own=False, since=PRICES_FROM
            )
            for sku, price in self.prices.items()
            if price.model in models
        ]


class _NoJobs:
    def enqueue(self, ctx: Context, name: str, *_payload: object, **_options: object) -> UUID:
        raise PluginUnavailable(name)
