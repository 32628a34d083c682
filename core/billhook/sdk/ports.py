"""How plugins act on the core: protocols that `app` binds to services.

A port comes with the first plugin that uses it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.domain.pricing import PriceVersion
from billhook.sdk.http import Answer, Place, Request
from billhook.sdk.settings import Settings

if TYPE_CHECKING:
    from billhook.sdk.context import Context

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPrice:
    """A price that holds for one customer."""

    sku: str
    product: str
    unit: str
    """UN/ECE Recommendation 20."""
    price: PriceVersion
    is_own: bool
    """Whether it is the customer's own, and not the product's."""
    since: date


class SettingsPort(Protocol):
    """A plugin's own settings for the tenant."""

    def read(self, ctx: "Context", kind: type[S]) -> S:
        """Return the stored settings with secrets opened; defaults where none are stored.

        Raises PluginUnavailable where the plugin is off, ValidationFailed where a
        value is missing or does not fit the class any more.
        """
        ...


class PricesPort(Protocol):
    """Prices of products."""

    def in_force(self, ctx: "Context", *, sku: str, currency: str, on: date) -> PriceVersion:
        """Return the product's price version on a date. Raises NotFound."""
        ...

    def of_customer(
        self, ctx: "Context", *, customer_id: UUID, on: date, models: Collection[str]
    ) -> "Sequence[CustomerPrice]":
        """Return what a customer pays for what it buys, as far as these models price it.

        What it buys is what it has a price of its own for, or was charged for; of the
        customer's price and the product's the former counts. By product, at most 200.
        Raises NotFound for a customer outside the scope that is in force.
        """
        ...


class JobsPort(Protocol):
    """A plugin's own jobs, which it registers by `register_jobs`."""

    def enqueue(
        self,
        ctx: "Context",
        name: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        after: timedelta = timedelta(0),
    ) -> UUID:
        """Ask for a job, inside the transaction that needs it done; return its id.

        A second job of the same name and key is not made while the first is
        remembered, which is for a week after it is done: the id is the first one's.

        Raises PluginUnavailable where no enabled plugin has a job of that name,
        ValidationFailed when the payload is too large.
        """
        ...


class DeliveriesPort(Protocol):
    """What became of deliveries, as a channel learns it later."""

    def report(
        self, ctx: "Context", *, channel: str, reports: Sequence[DeliveryReport]
    ) -> Sequence[bool]:
        """Record bounces and other news; tell of each whether it was about a delivery of ours.

        News that is known already changes nothing.
        """
        ...

    def counts(
        self, ctx: "Context", *, channel: str, since: datetime
    ) -> Mapping[DeliveryState, int]:
        """Count a channel's deliveries made since an instant, by what came of them."""
        ...


class HttpPort(Protocol):
    """Calls to others over HTTP, within the operator's bounds; `Request` is of `billhook.sdk.http`."""

    def check(self, url: str) -> Place:
        """Read an address that somebody entered, and look up where it leads.

        Outside transactions. Raises UrlInvalid, AddressRefused.
        """
        ...

    def send(self, request: Request) -> Answer:
        """Send a request, follow no redirect, and wait for the answer.

        Outside transactions. Raises UrlInvalid, AddressRefused, HostUnknown, TimedOut,
        NoAnswer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port, bound."""

    settings: SettingsPort
    prices: PricesPort
    jobs: JobsPort
    deliveries: DeliveriesPort
    http: HttpPort
