"""What the application made at its start, for services and edges to find."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from billhook.config import Config
from billhook.sdk.context import Context
from billhook.sdk.ports import Ports

if TYPE_CHECKING:
    from billhook.plugins.host import PluginHost
    from billhook.plugins.relay import Relay
    from billhook.plugins.themes import Themes

EXTENSION = "billhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One application's wiring; `app.extensions["billhook"]`."""

    config: Config
    host: "PluginHost"
    themes: "Themes"
    ports: Ports
    wake: Callable[[], None]
    """Tells the drainer that the outbox has work; may do nothing."""
    wake_sender: Callable[[], None]
    """Tells the sender of webhooks that something waits; may do nothing."""


def runtime() -> Runtime:
    """Return the wiring of the application in context."""
    return cast(Runtime, current_app.extensions[EXTENSION])


def relay(ctx: Context) -> "Relay":
    """Return the way to the plugins that the context's tenant has enabled."""
    return runtime().host.relay(ctx.tenant.plugins)
