"""Doing what is due: the one code that every way of running shares.

A batch is claimed, worked on and finished. The effect and the end of the work
are one transaction, which the fence of the lease may refuse. Work that fails
waits longer each time and is dead after the last try: people see it, and can
have it tried again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.errors import BillhookError, PluginFailed, Rejected, Retryable, readable
from billhook.i18n import gettext as _
from billhook.jobs import (
    announcing,
    archiving,
    billing,
    corresponding,
    delivering,
    housekeeping,
    importing,
    inviting,
    notifying,
    questioning,
    verifying,
    webhooks,
)
from billhook.jobs.deadlines import Overran, deadline
from billhook.jobs.handlers import HANDLERS, Handler, handler_for
from billhook.jobs.leases import Lease, LeaseLost, finish, postpone, renewed
from billhook.jobs.subscribing import Announced, fan_out
from billhook.jobs.turns import Turns
from billhook.models.work import Outbox
from billhook.plugins.runtime import relay
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import alerting, schedules
from billhook.services.contexts import context_of

log = structlog.get_logger(__name__)

CORE_HANDLERS = (
    announcing,
    archiving,
    billing,
    corresponding,
    delivering,
    housekeeping,
    importing,
    inviting,
    notifying,
    questioning,
    verifying,
    webhooks,
)
"""The modules whose import registers the core's handlers."""

WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""How long work waits after its first, second, … failure; after one more it is dead."""

REPEATEDLY = 3
"""How often work fails by a plugin's fault before those who manage plugins are told."""


class Ending(Enum):
    """How a try ended."""

    DONE = "done"
    FAILED = "failed"  # it waits for another try, or is dead
    LOST = "lost"  # another worker has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What one round of draining did."""

    count: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An event or a job as the worker found it."""

    id: UUID
    is_event: bool
    name: str
    plugin: str
    payload: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that was claimed, and what of it waits; a schedule has no tasks."""

    lease: Lease
    ctx: Context
    tasks: tuple[Task, ...]


class Undoable(Exception):
    """The job cannot be done however often it is tried; the text says why."""


def drain(limit: int | None = None) -> Drained:
    """Do what is due now, in this process, until nothing is or so many batches are done.

    Outside any transaction. Work that fails waits, so that no round tries it twice.
    """
    schedules.begin_missing()
    turns = Turns()
    endings: list[Ending] = []
    while (limit is None or len(endings) < limit) and (lease := turns.claim()) is not None:
        endings.append(run(lease))
    return Drained(
        count=endings.count(Ending.DONE) + endings.count(Ending.FAILED),
        failed=endings.count(Ending.FAILED),
    )


def run(lease: Lease) -> Ending:
    """Do the work of a batch that was claimed."""
    return run_batch(look(lease))


def look(lease: Lease) -> Batch:
    """Return what a batch that was claimed has to do, oldest first."""
    with tenant_scope(lease.tenant_id):
        ctx = context_of(lease.tenant_id, Actor(kind=ActorKind.SYSTEM))
        rows = db.session.scalars(
            select(Outbox)
            .where(Outbox.batch_id == lease.batch_id, Outbox.state == "waiting")
            .order_by(Outbox.id)
            .execution_options(populate_existing=True)
        )
        tasks = tuple(_task(row) for row in rows)
        db.session.rollback()  # ends reading: no snapshot is held while the work goes on
    return Batch(lease=lease, ctx=ctx, tasks=tasks)


def run_batch(batch: Batch) -> Ending:
    """Do the work of a batch that was looked at."""
    lease, ctx, tasks = batch.lease, batch.ctx, batch.tasks
    with ctx.acting():
        try:
            _work(ctx, lease, tasks)
        except LeaseLost:
            log.warning("work.lost", batch=str(lease.batch_id), fence=lease.fence)
            return Ending.LOST
        except (Exception, Overran) as error:  # recorded with the work, and tried again
            _log_failure(lease, error)
            return _record_failure(ctx, lease, tasks, error)
    return Ending.DONE


def give_up(lease: Lease, error: BaseException) -> Ending:
    """Record that a process ended while it worked on the batch."""
    batch = look(lease)
    with batch.ctx.acting():
        return _record_failure(batch.ctx, lease, batch.tasks, error)


def plugin_time(batch: Batch) -> timedelta | None:
    """Return how long a batch that runs a plugin's code may take; None where it runs none."""
    if not batch.tasks or batch.tasks[0].is_event:
        return None
    (job,) = batch.tasks
    handler = _handlers(batch.ctx, job).get(job.name)
    return handler.deadline if handler is not None and handler.runs_plugins else None


def _task(row: Outbox) -> Task:
    return Task(
        id=row.id,
        is_event=row.kind == "event",
        name=row.name,
        plugin=row.plugin,
        payload=row.payload,
        attempts=row.attempts,
    )


def handler_of(ctx: Context, task: Task) -> Handler:
    """Return who does a job. Raises Undoable where nobody does."""
    if task.plugin and task.plugin not in ctx.tenant.plugins:
        raise Undoable(
            _(
                "The plugin “%(plugin)s” is off. Enable it, then retry this job.",
                plugin=task.plugin,
            )
        )
    handlers = _handlers(ctx, task)
    if task.name not in handlers:
        raise Undoable(
            _(
                "Nothing here does jobs named “%(name)s”. Install what does, then retry this job.",
                name=task.name,
            )
        )
    return handlers[task.name]


def _handlers(ctx: Context, task: Task) -> Mapping[str, Handler]:
    if not task.plugin:
        return HANDLERS
    return {name: handler_for(job) for name, job in relay(ctx).jobs().items()}


def _work(ctx: Context, lease: Lease, tasks: Sequence[Task]) -> None:
    if schedules.is_schedule(lease.tenant_id, lease.batch_id):
        with ctx.transaction():
            postpone(lease, schedules.run_due(ctx))
    elif tasks and not tasks[0].is_event:
        _do(ctx, lease, tasks[0])
    else:
        with ctx.transaction():
            fan_out(ctx, [_announced(event, lease.batch_id) for event in tasks])
            _end(ctx, lease)


def _announced(event: Task, batch_id: UUID) -> Announced:
    return Announced(id=event.id, batch_id=batch_id, name=event.name, payload=event.payload)


def _do(ctx: Context, lease: Lease, job: Task) -> None:
    handler = handler_of(ctx, job)
    ctx = replace(ctx, request_id=job.id)
    if handler.own_transactions:
        with _kept(lease, handler):
            handler.work(ctx, job.payload)
        with ctx.transaction():
            _end(ctx, lease)
        return
    _refuse_deadly(lease, job)
    with ctx.transaction():
        with _kept(lease, handler):
            handler.work(ctx, job.payload)
        _end(ctx, lease)


def _end(ctx: Context, lease: Lease) -> None:
    """Mark the work done, in the transaction of its effect. Raises LeaseLost."""
    finish(lease)
    db.session.execute(
        update(Outbox)
        .where(Outbox.batch_id == lease.batch_id, Outbox.state == "waiting")
        .values(state="done", done_at=ctx.now(), last_error="")
        .execution_options(synchronize_session=False)
    )


@contextmanager
def _kept(lease: Lease, handler: Handler) -> Iterator[None]:
    """Bound the work in time, and keep its lease for as long."""
    holds_database = db.engine.dialect.name == "sqlite" and not handler.own_transactions
    renewing = nullcontext() if holds_database else renewed(lease, longest=handler.deadline)
    with deadline(handler.deadline), renewing:
        yield


def _refuse_deadly(lease: Lease, job: Task) -> None:
    """Raises Undoable for a job over which workers keep dying: out of memory, say."""
    crashes = lease.fence - 1 - job.attempts
    if crashes >= limits.JOB_CRASHES:
        raise Undoable(
            _(
                "The worker died %(count)s times over this job. Look for what kills it, such as "
                "memory, then retry.",
                count=crashes,
            )
        )


def _log_failure(lease: Lease, error: BaseException) -> None:
    """Log a bug with where it happened, anything else with what it says."""
    bug = None if isinstance(error, BillhookError | Undoable | Overran) else error
    log.error("work.failed", batch=str(lease.batch_id), reason=_described(error), exc_info=bug)


def _record_failure(
    ctx: Context, lease: Lease, tasks: Sequence[Task], error: BaseException
) -> Ending:
    attempts = max((task.attempts for task in tasks), default=0) + 1
    is_dead = bool(tasks) and (
        isinstance(error, Undoable | Rejected) or attempts >= limits.JOB_ATTEMPTS
    )
    try:
        with ctx.transaction() as session:
            if is_dead:
                finish(lease)
            else:
                postpone(lease, SystemClock().now() + _wait(lease, attempts, error))
            session.execute(
                update(Outbox)
                .where(Outbox.batch_id == lease.batch_id, Outbox.state == "waiting")
                .values(
                    state="dead" if is_dead else "waiting",
                    attempts=attempts,
                    last_error=_described(error),
                )
            )
            if is_dead:
                _tell_given_up(ctx, tasks, _described(error))
            if attempts == REPEATEDLY and (plugin := _at_fault(tasks, error)):
                alerting.plugin_failing(ctx, plugin)
    except LeaseLost:
        return Ending.LOST
    return Ending.FAILED


def _tell_given_up(ctx: Context, tasks: Sequence[Task], reason: str) -> None:
    """Let handlers tell people that no more tries come, and tell of what has none to do so."""
    mute: dict[str, UUID] = {}
    for task in tasks:
        handler = None if task.is_event else _handlers(ctx, task).get(task.name)
        if handler is not None and handler.giving_up is not None:
            handler.giving_up(ctx, task.payload, reason)
        else:
            mute[task.name] = task.id
    for name, work_id in mute.items():
        alerting.job_given_up(ctx, work_id, name)


def _at_fault(tasks: Sequence[Task], error: BaseException) -> str:
    """Name the plugin whose bug or delay made the work fail; empty where none did."""
    if isinstance(error, PluginFailed):
        return error.plugin
    if isinstance(error, BillhookError | Undoable):
        return ""  # an outage of the other side, or what a person has to mend
    return tasks[0].plugin if tasks else ""


def _wait(lease: Lease, attempts: int, error: BaseException) -> timedelta:
    """Return how long to wait, by up to a tenth more, so that what failed together spreads out."""
    if isinstance(error, Retryable) and error.after is not None:
        return error.after
    wait = WAITS[min(attempts, len(WAITS)) - 1]
    return wait + wait * (lease.batch_id.int % 100) // 1000


def _described(error: BaseException) -> str:
    match error:
        case BillhookError():
            text = error.message
        case Undoable():
            text = str(error)
        case Overran():
            text = _("It took longer than it may.")
        case _:
            text = f"{type(error).__name__}: {error}"
    return readable(text, limits.TEXT)
