"""The jobs that write messages of what happened, and forget old ones. Sending is `webhook_sender`'s."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from billhook.domain.events import EVENTS
from billhook.jobs.handlers import handles
from billhook.sdk.context import Context
from billhook.services.webhooks import messages, tidying


@handles(
    "webhooks.write",
    on=tuple(event.name for event in EVENTS),
    when=messages.are_wanted,
    of_batches=True,
)
def write(ctx: Context, payload: Mapping[str, Any]) -> None:
    messages.write(ctx, UUID(payload["batch_id"]))


@handles("webhooks.tidy", own_transactions=True)
def tidy(ctx: Context, _payload: Mapping[str, Any]) -> None:
    while tidying.tidy(ctx):
        pass
