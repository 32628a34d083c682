"""Events become jobs: one for each event and subscriber."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from billhook.sdk.context import Context
from billhook.services import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whoever wants to know of an event: the job that it becomes, and whose job that is."""

    job: str
    plugin: str = ""


def subscribers(ctx: Context, event: str) -> Sequence[Subscriber]:
    """Return who wants to know of events of that name. Nobody does yet."""
    return ()


def fan_out(ctx: Context, event_id: UUID, name: str, payload: Mapping[str, Any]) -> None:
    """Enqueue a job for each subscriber of an event, inside a transaction; none of them twice."""
    for subscriber in subscribers(ctx, name):
        outbox.enqueue(
            ctx,
            subscriber.job,
            {"event_id": str(event_id), "event": name, **payload},
            key=f"{event_id}:{subscriber.job}",
            plugin=subscriber.plugin,
        )
