"""Events become jobs: one for each event and subscriber."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from billhook.jobs.handlers import HANDLERS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import outbox
from billhook.services.outbox import NewJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whoever wants to know of an event: the job that it becomes, and whose job that is."""

    job: str
    plugin: str = ""
    of_batches: bool = False
    """One job is enough for all events of a transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """An event as the outbox tells it."""

    id: UUID
    batch_id: UUID
    name: str
    payload: Mapping[str, Any]


def subscribers(ctx: Context, event: str) -> Sequence[Subscriber]:
    """Return who wants to know of events of that name: the core, then the tenant's plugins."""
    core = [
        Subscriber(job=each.name, of_batches=each.of_batches)
        for each in HANDLERS.values()
        if event in each.on and (each.when is None or each.when(ctx))
    ]
    return core + [
        Subscriber(job=job.name, plugin=plugin.name)
        for plugin in relay(ctx).plugins.values()
        for job in plugin.registered.jobs
        if event in job.on
    ]


def fan_out(ctx: Context, events: Sequence[Announced]) -> None:
    """Enqueue a job for each event and subscriber, inside a transaction; none of them twice."""
    found = {name: subscribers(ctx, name) for name in {event.name for event in events}}
    jobs = [_job(event, each) for event in events for each in found[event.name]]
    outbox.enqueue_all(ctx, list({job.key: job for job in jobs}.values()))


def _job(event: Announced, subscriber: Subscriber) -> NewJob:
    if subscriber.of_batches:
        return NewJob(
            name=subscriber.job,
            payload={"batch_id": str(event.batch_id)},
            key=f"{event.batch_id}:{subscriber.job}",
        )
    return NewJob(
        name=subscriber.job,
        plugin=subscriber.plugin,
        payload={"event_id": str(event.id), "event": event.name, **event.payload},
        key=f"{event.id}:{subscriber.job}",
    )
