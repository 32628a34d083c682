"""Work that tests can count: a bare tenant, and jobs whose effect is a row of the audit log."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from billhook.clock import SystemClock
from billhook.db import db, is_writing, tenant_scope, transaction
from billhook.ids import new_id
from billhook.jobs.handlers import HANDLERS, Handler, Work
from billhook.jobs.leases import Lease
from billhook.jobs.turns import Turns
from billhook.models.audit import Audit
from billhook.models.tenants import Tenant
from billhook.models.work import DueWork, Outbox
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.sdk.jobs import DEADLINE
from billhook.services import audit, outbox
from billhook.services.contexts import context_of


def open_tenant(slug: str = "acme", *, sandbox_offset: timedelta | None = None) -> Context:
    """Make a tenant with nothing in it; with an offset, a sandbox that is so far ahead."""
    tenant_id = new_id()
    with tenant_scope(tenant_id), transaction() as session:
        session.add(
            Tenant(
                id=tenant_id,
                slug=slug,
                name=slug.title(),
                country="DE",
                currency="EUR",
                time_zone="Europe/Berlin",
                language="en",
                supplies="service",
                is_sandbox=sandbox_offset is not None,
                clock_offset_seconds=int((sandbox_offset or timedelta(0)).total_seconds()),
                created_at=SystemClock().now(),
            )
        )
    return context_of(tenant_id, Actor(kind=ActorKind.SYSTEM))


@pytest.fixture
def handles(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a way to bring a job's handler along for one test."""

    def bring(name: str, work: Work, **options: Any) -> None:
        usual = {"deadline": DEADLINE, "own_transactions": False, "runs_plugins": False}
        handler = Handler(name=name, work=work, **{**usual, **options})
        monkeypatch.setitem(HANDLERS, name, handler)

    return bring


def enqueued(
    ctx: Context,
    name: str = "test.note",
    *,
    payload: Mapping[str, Any] | None = None,
    **options: Any,
) -> UUID:
    """Enqueue a job in a transaction of its own; return its id."""
    with ctx.acting(), ctx.transaction():
        return outbox.enqueue(ctx, name, payload or {}, **options)


def note(ctx: Context, payload: Mapping[str, Any] | None = None) -> None:
    """Have an effect that can be counted, inside a transaction: a handler for tests."""
    audit.record(ctx, "test.noted", "test", (payload or {}).get("of", "it"))


def notes(ctx: Context) -> list[str]:
    """Return what was noted, in order."""
    wanted = select(Audit.object_id).where(Audit.action == "test.noted").order_by(Audit.id)
    _look_anew()
    with ctx.acting():
        return list(db.session.scalars(wanted))


def work_row(ctx: Context, work_id: UUID) -> Outbox:
    """Return an event or job as it stands now."""
    wanted = select(Outbox).where(Outbox.id == work_id)
    _look_anew()
    with ctx.acting():
        return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def due_count() -> int:
    """Return how many batches wait, schedules left aside."""
    wanted = select(func.count()).where(DueWork.tenant_id != DueWork.batch_id)
    _look_anew()
    return db.session.scalars(wanted).one()


def _look_anew() -> None:
    """End a read transaction: on SQLite it would go on seeing what was there when it began."""
    if not is_writing():
        db.session.rollback()


def claim() -> Lease | None:
    """Take a piece of work that is free, as a worker does that has just begun."""
    return Turns().claim()


def let_lapse(lease: Lease) -> None:
    """Let a lease be over, as if its worker had been silent for long."""
    _change(lease.batch_id, leased_until=SystemClock().now() - timedelta(seconds=1))


def make_due(row: Outbox) -> None:
    """Let work that waits for another try be due now."""
    _change(row.batch_id, due_at=SystemClock().now() - timedelta(seconds=1))


def _change(batch_id: UUID, **values: object) -> None:
    with tenant_scope(None), transaction() as session:
        session.execute(update(DueWork).where(DueWork.batch_id == batch_id).values(**values))
