"""The outbox: events and jobs, written in the transaction that causes them.

The table is the truth about work to do. Beside it, `due_work` names over all
tenants what waits; whoever drains the outbox looks nowhere else. All events of
a transaction wait together, a job waits alone. What is due goes by the
machine's clock: a sandbox that lives in next year gets its work done today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Row, Select, and_, delete, literal, select, update
from sqlalchemy.orm import SessionTransaction

from billhook import limits
from billhook.clock import SystemClock
from billhook.columns import Instant
from billhook.db import after_commit, db, insert, is_writing
from billhook.domain.events import Event
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.ids import first_id_of, new_id
from billhook.kernel.batch import OutboxRecord
from billhook.models.work import DueWork, Outbox
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.paging import Order, Slice, cut
from billhook.services.payloads import plain_json
from billhook.services.sets import insert_missing, one_of

KEPT = timedelta(days=7)
"""How long done work is remembered, and its key with it."""

WorkState = Literal["waiting", "done", "dead"]

_batches: WeakKeyDictionary[SessionTransaction, UUID] = WeakKeyDictionary()


def publish(ctx: Context, event: Event) -> None:
    """Announce a fact, inside the transaction that makes it one."""
    publish_all(ctx, [event])


def publish_all(ctx: Context, events: Sequence[Event]) -> None:
    """Announce many facts in one statement, inside the transaction that makes them so."""
    if not events:
        return
    batch_id, at = _batch_of_events(), ctx.now()
    for start in range(0, len(events), limits.PAGE_ROWS):
        some = events[start : start + limits.PAGE_ROWS]
        rows = [_row(ctx, event_record(event, batch_id), at) for event in some]
        db.session.execute(insert(Outbox), rows)
    _let_wait(ctx, batch_id, due(ctx))


def enqueue(
    ctx: Context,
    name: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    plugin: str = "",
    due_at: datetime | None = None,
) -> UUID:
    """Ask for a job, inside the transaction that needs it done; return its id.

    A key that the tenant's outbox knows makes no second job: the id is the first
    one's. `due_at` is an instant of the tenant's clock, None is at once.

    Raises ValidationFailed when the payload is too large.
    """
    record = OutboxRecord(
        id=new_id(),
        batch_id=new_id(),
        kind="job",
        name=name,
        payload=plain_json(name, payload),
        plugin=plugin,
        key=key,
    )
    if _write(ctx, record, due_at=due(ctx, due_at)):
        return record.id
    return db.session.scalars(select(Outbox.id).where(Outbox.key == key)).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that is asked for together with others."""

    name: str
    payload: Mapping[str, Any]
    key: str
    plugin: str = ""


def enqueue_all(ctx: Context, jobs: Sequence[NewJob]) -> None:
    """Ask for many jobs at once, inside the transaction that needs them done.

    Those whose key the tenant's outbox knows are there already. Raises
    ValidationFailed when a payload is too large.
    """
    if not jobs:
        return
    _refuse_outside()
    at = ctx.now()
    for start in range(0, len(jobs), limits.PAGE_ROWS):
        records = [_record(job) for job in jobs[start : start + limits.PAGE_ROWS]]
        insert_missing(Outbox, [_row(ctx, record, at) for record in records])
        _let_written_wait(ctx, [record.batch_id for record in records])
    wake_when_committed()


def _let_written_wait(ctx: Context, batch_ids: Sequence[UUID]) -> None:
    """Let the batches be due of which rows were written, not those whose key was known."""
    written = select(Outbox.tenant_id, Outbox.batch_id, literal(due(ctx), Instant), literal(0))
    written = written.where(Outbox.tenant_id == ctx.tenant.id, one_of(Outbox.batch_id, batch_ids))
    columns = ["tenant_id", "batch_id", "due_at", "fence"]
    db.session.execute(insert(DueWork).from_select(columns, written))


def _record(job: NewJob) -> OutboxRecord:
    return OutboxRecord(
        id=new_id(),
        batch_id=new_id(),
        kind="job",
        name=job.name,
        payload=plain_json(job.name, job.payload),
        plugin=job.plugin,
        key=job.key,
    )


def event_record(event: Event, batch_id: UUID) -> OutboxRecord:
    """Return an event as the kernel's batches carry it.

    Whoever hands it to the kernel calls `wake_when_committed` in the same transaction.
    """
    content = orjson.loads(orjson.dumps(event))  # ids as texts; events are flat and small
    return OutboxRecord(
        id=new_id(),
        batch_id=batch_id,
        kind="event",
        name=event.name,
        payload={"version": event.version, **content},
    )


def wake_when_committed() -> None:
    """Let the drainer look at once, not at its next round."""
    waiting = db.session().info["after_commit"]
    wake = runtime().wake
    if wake not in waiting:
        after_commit(wake)


def due(ctx: Context, at: datetime | None = None) -> datetime:
    """Return the machine's time at which the tenant's clock shows an instant; now without one."""
    now = SystemClock().now()
    return now if at is None else now + (at - ctx.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An event or a job, as people see it."""

    id: UUID
    kind: Literal["event", "job"]
    name: str
    plugin: str
    state: WorkState
    attempts: int
    last_error: str
    created_at: datetime
    due_at: datetime | None
    """When it is tried next, by the machine's clock; None when it is not."""
    done_at: datetime | None


def listing(
    ctx: Context,
    *,
    state: WorkState | None = None,
    name: str | None = None,
    limit: int = limits.PAGE_ROWS,
) -> list[Work]:
    """List the work, or that of a state and name, newest first."""
    ctx.require("outbox.view")
    wanted = _works().order_by(Outbox.id.desc()).limit(min(limit, limits.PAGE_ROWS))
    if state is not None:
        wanted = wanted.where(Outbox.state == state)
    if name is not None:
        wanted = wanted.where(Outbox.name == name)
    return [_work(row) for row in db.session.execute(wanted)]


def get(ctx: Context, work_id: UUID) -> Work:
    """Return an event or a job. Raises NotFound."""
    ctx.require("outbox.view")
    found = db.session.execute(_works().where(Outbox.id == work_id)).one_or_none()
    if found is None:
        raise NotFound(_("job"), work_id)
    return _work(found)


def of_ids(ctx: Context, work_ids: Sequence[UUID]) -> list[Work]:
    """Return the work of some ids, newest first; what is not there is left out."""
    ctx.require("outbox.view")
    wanted = _works().where(one_of(Outbox.id, work_ids)).order_by(Outbox.id.desc())
    return [_work(row) for row in db.session.execute(wanted)]


def search(
    ctx: Context,
    *,
    state: WorkState | None = None,
    text: str = "",
    after: str = "",
    limit: int = limits.PAGE_ROWS,
) -> Slice[Work]:
    """Return a page of the work whose name or plugin begins with a text, newest first.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("outbox.view")
    wanted = _works()
    if state is not None:
        wanted = wanted.where(Outbox.state == state)
    if text:
        name = Outbox.name.startswith(text, autoescape=True)
        wanted = wanted.where(name | Outbox.plugin.startswith(text, autoescape=True))
    newest = (Order(Outbox.id, UUID),)
    return cut(wanted, newest, after=after, limit=limit, is_descending=True, make=_work)


def retry(ctx: Context, work_id: UUID) -> Work:
    """Let work be tried now, and dead work with all its attempts again.

    Raises NotFound, and Conflict for what is done.
    """
    ctx.require("outbox.retry")
    with ctx.transaction() as session:
        row = session.scalars(
            select(Outbox).where(Outbox.id == work_id).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFound("outbox", work_id)
        if row.state == "done":
            raise Conflict(_("This work is done. There is nothing to try again."))
        if row.state == "dead":
            row.state, row.attempts = "waiting", 0
        session.flush()
        make_due(ctx.tenant.id, row.batch_id, due(ctx))
        audit.record(ctx, "outbox.retried", "outbox", work_id, name=row.name)
        wake_when_committed()
        return _work(session.execute(_works().where(Outbox.id == work_id)).one())


def bring_forward(ctx: Context, by: timedelta) -> None:
    """Make the tenant's work due sooner, as its clock was moved. Inside the transaction that moves it."""
    rows = db.session.execute(
        select(DueWork.batch_id, DueWork.due_at).where(DueWork.tenant_id == ctx.tenant.id)
    ).all()
    for batch_id, due_at in rows:
        db.session.execute(
            update(DueWork)
            .where(DueWork.tenant_id == ctx.tenant.id, DueWork.batch_id == batch_id)
            .values(due_at=due_at - by)
        )
    wake_when_committed()


def tidy(ctx: Context) -> int:
    """Forget work that has been done for `KEPT`, a bounded number; return it. Dead work stays."""
    forgotten_from = ctx.now() - KEPT
    old = (
        select(Outbox.id)
        .where(
            Outbox.tenant_id == ctx.tenant.id, Outbox.id < first_id_of(due(ctx, forgotten_from))
        )
        .where(Outbox.state == "done", Outbox.done_at < forgotten_from)
        .order_by(Outbox.id)
        .limit(limits.PAGE_ROWS)
    )
    with ctx.transaction() as session:
        gone = delete(Outbox).where(Outbox.id.in_(old)).returning(Outbox.id)
        return len(session.execute(gone).all())


def make_due(tenant_id: UUID, batch_id: UUID, due_at: datetime) -> None:
    """Let a batch be tried at an instant of the machine's clock, whether or not it waits already."""
    db.session.execute(
        insert(DueWork)
        .values(tenant_id=tenant_id, batch_id=batch_id, due_at=due_at, fence=0)
        .on_conflict_do_update(index_elements=["tenant_id", "batch_id"], set_={"due_at": due_at})
    )


def _batch_of_events() -> UUID:
    """Return the batch that all events of the transaction in progress share."""
    if not is_writing():
        raise RuntimeError("An event is published inside the transaction that causes it.")
    transaction = db.session().get_transaction()
    assert transaction is not None
    return _batches.setdefault(transaction, new_id())


def _write(ctx: Context, record: OutboxRecord, *, due_at: datetime) -> bool:
    """Write the record unless its key is known; tell whether it was written."""
    _refuse_outside()
    session = db.session()
    written = session.execute(
        insert(Outbox)
        .values(_row(ctx, record, ctx.now()))
        .on_conflict_do_nothing(index_elements=["tenant_id", "key"])
        .returning(Outbox.id)
    ).one_or_none()
    if written is None:
        return False
    _let_wait(ctx, record.batch_id, due_at)
    return True


def _let_wait(ctx: Context, batch_id: UUID, due_at: datetime) -> None:
    waiting = {"tenant_id": ctx.tenant.id, "batch_id": batch_id, "due_at": due_at, "fence": 0}
    insert_missing(DueWork, [waiting])
    wake_when_committed()


def _refuse_outside() -> None:
    if not is_writing():
        raise RuntimeError("A job is enqueued inside the transaction that causes it.")


def _row(ctx: Context, record: OutboxRecord, at: datetime) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": record.id,
        "batch_id": record.batch_id,
        "kind": record.kind,
        "name": record.name,
        "plugin": record.plugin,
        "key": record.key,
        "payload": dict(record.payload),
        "created_at": at,
    }


def _works() -> Select[Any]:
    return select(Outbox, DueWork.due_at).outerjoin(
        DueWork,
        and_(DueWork.tenant_id == Outbox.tenant_id, DueWork.batch_id == Outbox.batch_id),
    )


def _work(found: Row[Any]) -> Work:
    row, due_at, *_keys = found
    return Work(
        id=row.id,
        kind=row.kind,
        name=row.name,
        plugin=row.plugin,
        state=row.state,
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        due_at=due_at if row.state == "waiting" else None,
        done_at=row.done_at,
    )
