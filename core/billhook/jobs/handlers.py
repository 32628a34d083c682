"""Who does which job, by the job's name.

A handler runs inside the tenant, in a transaction that also marks the job done:
what it writes and that it is done are one. Work too long for one transaction
takes `own_transactions` and must be safe to repeat from any point.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billhook.sdk.context import Context
from billhook.sdk.jobs import DEADLINE, PluginJob

Work = Callable[[Context, Mapping[str, Any]], None]
GivingUp = Callable[[Context, Mapping[str, Any], str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What does the jobs of one name."""

    name: str
    work: Work
    deadline: timedelta
    own_transactions: bool
    """It commits as it goes, safely repeatable; the job is marked done afterwards."""
    runs_plugins: bool
    """It calls plugins, which may hang: it runs where the process can be replaced."""
    on: tuple[str, ...] = ()
    """Names of the events of which each becomes one job."""
    when: Callable[[Context], bool] | None = None
    """Whether a tenant's events become jobs at all."""
    of_batches: bool = False
    """All events of a transaction become one job, whose payload is their `batch_id`."""
    giving_up: GivingUp | None = None
    """Called with the payload and the reason in the transaction that makes a job a dead letter."""


HANDLERS: dict[str, Handler] = {}


def handles(
    name: str,
    *,
    deadline: timedelta = DEADLINE,
    own_transactions: bool = False,
    runs_plugins: bool = False,
    on: tuple[str, ...] = (),
    when: Callable[[Context], bool] | None = None,
    of_batches: bool = False,
    giving_up: GivingUp | None = None,
) -> Callable[[Work], Work]:
    """Let the function do the jobs of that name, called with the context and the payload.

    `on` names events: each becomes one job, whose payload is the event's fields with
    `event` and `event_id`; `when` tells for a tenant whether they do. With `of_batches`
    all events of a transaction become one job together, whose payload is `batch_id`.

    It may raise Retryable, which says when to try again, and Rejected, which ends
    the tries; anything else is tried again after a while. `giving_up` is called when
    no more tries come.
    """

    def register(work: Work) -> Work:
        if name in HANDLERS:
            raise RuntimeError(f"Two handlers for jobs named {name!r}.")
        HANDLERS[name] = Handler(
            name=name,
            work=work,
            deadline=deadline,
            own_transactions=own_transactions,
            runs_plugins=runs_plugins,
            on=on,
            when=when,
            of_batches=of_batches,
            giving_up=giving_up,
        )
        return work

    return register


def handler_for(job: PluginJob) -> Handler:
    """Return how a plugin's job is done: it may hang, and it calls out between transactions."""
    return Handler(
        name=job.name,
        work=job.work,
        deadline=job.deadline,
        own_transactions=True,
        runs_plugins=True,
        on=job.on,
    )
