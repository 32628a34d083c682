"""The jobs that bring documents to clients."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import handles
from billhook.plugins.outward import RENDERING, SENDING, WRITING
from billhook.sdk.context import Context
from billhook.services import delivering
from billhook.services.delivering.parcels import ATTEMPT

_MARGIN = timedelta(minutes=1)


@handles(
    "delivery.plan",
    deadline=RENDERING + WRITING + _MARGIN,
    own_transactions=True,
    runs_plugins=True,
    on=("document.issued",),
    when=delivering.sends_by_itself,
)
def plan(ctx: Context, payload: Mapping[str, Any]) -> None:
    delivering.plan(ctx, UUID(payload["document_id"]))


def give_up(ctx: Context, payload: Mapping[str, Any], reason: str) -> None:
    delivering.give_up(ctx, UUID(payload["delivery_id"]), reason)


@handles(
    ATTEMPT,
    deadline=SENDING + _MARGIN,
    own_transactions=True,
    runs_plugins=True,
    giving_up=give_up,
)
def attempt(ctx: Context, payload: Mapping[str, Any]) -> None:
    delivering.attempt(ctx, UUID(payload["delivery_id"]))
