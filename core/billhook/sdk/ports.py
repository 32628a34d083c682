"""How plugins act on the core: protocols that `app` binds to services.

A port comes with the first plugin that uses it.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol, TypeVar

from billhook.domain.pricing import PriceVersion
from billhook.sdk.settings import Settings

if TYPE_CHECKING:
    from billhook.sdk.context import Context

S = TypeVar("S", bound=Settings)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Every port, bound."""

    settings: SettingsPort
    prices: PricesPort
