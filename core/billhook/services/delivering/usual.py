"""Whom a document goes to where nobody names anyone else, by each channel that is on."""

from dataclasses import dataclass
from uuid import UUID

from billhook.domain.deliveries import Recipient
from billhook.errors import PluginFailed, PluginUnavailable
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import documents, preferences
from billhook.services.delivering import parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualWay:
    """A channel, and whom it writes to by itself."""

    channel: str
    recipients: tuple[Recipient, ...]
    is_preferred: bool
    """Whether the customer's documents go this way by themselves."""
    failure: str = ""
    """Why the channel could not tell."""


def usual_ways(ctx: Context, document_id: UUID) -> list[UsualWay]:
    """Return the channels that are on, the customer's first; asks plugins. Raises NotFound."""
    ctx.require("deliveries.send")
    customer_id = documents.customer_of(ctx, document_id)
    preferred = preferences.of_customer(ctx, customer_id).channels
    keys = [*preferred, *(key for key in relay(ctx).keys(CHANNELS) if key not in preferred)]
    return [_way(ctx, key, customer_id, is_preferred=key in preferred) for key in keys]


def _way(ctx: Context, channel: str, customer_id: UUID, *, is_preferred: bool) -> UsualWay:
    try:
        found = parcels.recipients(ctx, channel, customer_id)
    except (PluginUnavailable, PluginFailed) as error:
        return UsualWay(
            channel=channel, recipients=(), is_preferred=is_preferred, failure=error.message
        )
    return UsualWay(channel=channel, recipients=found, is_preferred=is_preferred)
