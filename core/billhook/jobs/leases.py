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
from sqlalchemy import ColumnElement, Select, delete, or_, select, update
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


def claim(tenant_id: UUID | None = None, batch_id: UUID | None = None) -> Lease | None:
    """Take the work that is due the longest, or one batch; None where nothing is free."""
    now = SystemClock().now()
    wanted = free(now).limit(1)
    if batch_id is not None:
        wanted = wanted.where(DueWork.tenant_id == tenant_id, DueWork.batch_id == batch_id)
    with tenant_scope(None):
        if db.session.execute(wanted).first() is None:  # SQLite's write lock is for work alone
            return None
        with transaction() as session:
            found = session.execute(wanted.with_for_update(skip_locked=True)).first()
            if found is None:
                return None
            lease = Lease(
                tenant_id=found.tenant_id, batch_id=found.batch_id, fence=found.fence + 1
            )
            session.execute(
                update(DueWork)
                .where(DueWork.tenant_id == lease.tenant_id, DueWork.batch_id == lease.batch_id)
                .values(fence=lease.fence, leased_until=now + runtime().config.lease)
            )
    return lease


def free(now: datetime) -> Select[tuple[UUID, UUID, int, datetime]]:
    """Select what is due and held by nobody, the longest due first."""
    return (
        select(DueWork.tenant_id, DueWork.batch_id, DueWork.fence, DueWork.due_at)
        .where(DueWork.due_at <= now)
        .where(or_(DueWork.leased_until.is_(None), DueWork.leased_until < now))
        .order_by(DueWork.due_at)
    )


def finish(lease: Lease) -> None:
    """Take the batch off what is due, in the transaction of the effect. Raises LeaseLost."""
    ended = delete(DueWork).where(*_held(lease)).returning(DueWork.batch_id)
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
