"""Leases on due work: one worker at a time, and a fence that decides who may finish.

A claim counts the fence up and holds the batch for `Config.lease`; a worker
that lives renews it. Whoever finishes does so in the transaction of the effect,
and only while the fence is still its own: a worker that was given up and comes
back leaves nothing behind.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.exc import OperationalError

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.models.work import DueWork
from billhook.plugins.runtime import runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a batch, until it lapses."""

    tenant_id: UUID
    batch_id: UUID
    fence: int
    """How often the batch was claimed, this claim included."""


class LeaseLost(Exception):
    """Another worker has the batch now, or has finished it."""


def take(tenant_id: UUID) -> Lease | None:
    """Take what is due the longest in a tenant; None where nothing of it is free."""
    now = SystemClock().now()
    longest_due = (
        select(DueWork.batch_id)
        .where(DueWork.tenant_id == tenant_id, *free(now))
        .order_by(DueWork.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taking = (
        update(DueWork)
        .where(DueWork.tenant_id == tenant_id, DueWork.batch_id == longest_due.scalar_subquery())
        .values(fence=DueWork.fence + 1, leased_until=now + runtime().config.lease)
        .returning(DueWork.batch_id, DueWork.fence)
        .execution_options(synchronize_session=False)
    )
    with tenant_scope(None), transaction() as session:
        taken = session.execute(taking).one_or_none()
    if taken is None:
        return None
    return Lease(tenant_id=tenant_id, batch_id=taken.batch_id, fence=taken.fence)


def free(now: datetime, row: type[DueWork] = DueWork) -> tuple[ColumnElement[bool], ...]:
    """Tell in SQL what is due and held by nobody."""
    return row.due_at <= now, or_(row.leased_until.is_(None), row.leased_until < now)


def finish(lease: Lease) -> None:
    """Take the batch off what is due, in the transaction of the effect. Raises LeaseLost."""
    ended = delete(DueWork).where(*_held(lease)).returning(DueWork.batch_id)
    ended = ended.execution_options(synchronize_session=False)
    if db.session.execute(ended).one_or_none() is None:
        raise LeaseLost


def postpone(lease: Lease, until: datetime) -> None:
    """Give the batch back, to be tried later, inside a transaction. Raises LeaseLost."""
    moved = update(DueWork).where(*_held(lease)).values(due_at=until, leased_until=None)
    if db.session.execute(moved.returning(DueWork.batch_id)).one_or_none() is None:
        raise LeaseLost


@contextmanager
def renewed(lease: Lease, *, longest: timedelta) -> Iterator[None]:
    """Keep the lease while the block works, for as long as it may take at most."""
    stopped = threading.Event()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    thread = threading.Thread(
        target=_renew, args=(app, lease, stopped, longest), name="lease", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _renew(app: Flask, lease: Lease, stopped: threading.Event, longest: timedelta) -> None:
    ends = monotonic() + longest.total_seconds()
    with app.app_context():
        length = runtime().config.lease
        while not stopped.wait(length.total_seconds() / 3) and monotonic() < ends:
            try:
                if not _extended(lease, SystemClock().now() + length):
                    return
            except OperationalError as error:  # tried again in a moment; the fence guards
                log.warning("lease.not_renewed", batch=str(lease.batch_id), reason=str(error))


def _extended(lease: Lease, until: datetime) -> bool:
    extended = update(DueWork).where(*_held(lease)).values(leased_until=until)
    with transaction() as session:
        found = session.execute(extended.returning(DueWork.batch_id)).one_or_none()
    return found is not None


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        DueWork.tenant_id == lease.tenant_id,
        DueWork.batch_id == lease.batch_id,
        DueWork.fence == lease.fence,
    )
