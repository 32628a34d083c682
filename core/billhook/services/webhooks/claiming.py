"""Claiming what is due, fairly: no endpoint and no tenant takes all of what can be sent at once.

Of an endpoint that answers a few messages are on their way at a time, counted over
all senders by their leases; of any other a single one, and all that failed last get
half of a sender's places together. Whoever hangs gives up the place after a moment.
So nobody keeps others waiting.
"""

import random
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import aliased

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.models.webhooks import DueWebhook

PLACES = 128
"""How many messages one sender has on their way at once, those left aside that are slow."""

SLOW = timedelta(seconds=1)
"""An attempt that takes longer gives its place up, and its endpoint counts as failing until it answers."""

MOST = 4 * PLACES
"""How many messages one sender has on their way at once, with those that are slow."""

OF_FAILING = PLACES // 2
"""How many of them may be to endpoints that failed last."""

OF_ENDPOINT = 4
OF_TENANT = 16

DEADLINE = timedelta(seconds=15)
"""How long an attempt may take in all."""

LEASE = DEADLINE + timedelta(seconds=15)
"""How long a sender may hold a message until another takes it: an attempt, and writing what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to send a message once, until it lapses."""

    tenant_id: UUID
    delivery_id: UUID
    endpoint_id: UUID
    fence: int


class LeaseLost(Exception):
    """Another sender has the message now, or it is not to be sent any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An endpoint for which something is due."""

    tenant_id: UUID
    endpoint_id: UUID


def claim(free: int, answered: Mapping[UUID, bool]) -> list[Lease]:
    """Take messages that are due, at most so many.

    `answered` tells of endpoints whether their last attempt was received, as far as
    it is known.
    """
    now = SystemClock().now()
    with tenant_scope(None):
        waiting = [
            Waiting(tenant_id=tenant_id, endpoint_id=endpoint_id)
            for endpoint_id, tenant_id in db.session.execute(_waiting(now))
            if tenant_id is not None
        ]
        if not waiting:
            db.session.rollback()
            return []
        held = {
            Waiting(tenant_id=tenant_id, endpoint_id=endpoint_id): count
            for tenant_id, endpoint_id, count in db.session.execute(_held(now))
        }
        db.session.rollback()
        wanted = shares(random.sample(waiting, len(waiting)), held, answered, free=free)
        with transaction():
            return [lease for one, count in wanted.items() for lease in _take(one, count, now)]


def shares(
    waiting: Sequence[Waiting],
    held: Mapping[Waiting, int],
    answered: Mapping[UUID, bool],
    *,
    free: int,
) -> dict[Waiting, int]:
    """Return how many messages to take for each endpoint: one for each in turn, while there is room."""
    taken: Counter[Waiting] = Counter()
    of_tenant: Counter[UUID] = Counter()
    of_failing = 0
    for one, count in held.items():
        of_tenant[one.tenant_id] += count
        of_failing += count * (answered.get(one.endpoint_id) is False)
    left = deque(waiting)
    while left and taken.total() < free:
        one = left.popleft()
        fails = answered.get(one.endpoint_id) is False
        most = OF_ENDPOINT if answered.get(one.endpoint_id) else 1
        if held.get(one, 0) + taken[one] >= most or of_tenant[one.tenant_id] >= OF_TENANT:
            continue
        if fails and of_failing >= OF_FAILING:
            continue
        taken[one] += 1
        of_tenant[one.tenant_id] += 1
        of_failing += fails
        left.append(one)
    return dict(+taken)


def still_held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    """Tell in SQL that a lease is the last that was given of its message."""
    return (
        DueWebhook.tenant_id == lease.tenant_id,
        DueWebhook.delivery_id == lease.delivery_id,
        DueWebhook.fence == lease.fence,
    )


def hold(lease: Lease) -> None:
    """Keep others from claiming a message until the transaction ends. Raises LeaseLost."""
    held = select(DueWebhook.delivery_id).where(*still_held(lease)).with_for_update()
    if db.session.scalar(held) is None:
        raise LeaseLost


def finish(lease: Lease) -> None:
    """Take a message off what is due, in the transaction that says why. Raises LeaseLost."""
    ended = delete(DueWebhook).where(*still_held(lease)).returning(DueWebhook.delivery_id)
    ended = ended.execution_options(synchronize_session=False)
    if db.session.execute(ended).one_or_none() is None:
        raise LeaseLost


def postpone(lease: Lease, until: datetime) -> None:
    """Give a message back, to be sent later, inside a transaction. Raises LeaseLost."""
    moved = update(DueWebhook).where(*still_held(lease)).values(due_at=until, leased_until=None)
    moved = moved.execution_options(synchronize_session=False)
    if db.session.execute(moved.returning(DueWebhook.delivery_id)).one_or_none() is None:
        raise LeaseLost


def _take(one: Waiting, count: int, now: datetime) -> list[Lease]:
    longest_due = (
        select(DueWebhook.delivery_id)
        .where(DueWebhook.tenant_id == one.tenant_id, DueWebhook.endpoint_id == one.endpoint_id)
        .where(*_free(now))
        .order_by(DueWebhook.due_at)
        .limit(count)
        .with_for_update(skip_locked=True)
    )
    taking = (
        update(DueWebhook)
        .where(DueWebhook.tenant_id == one.tenant_id, DueWebhook.delivery_id.in_(longest_due))
        .values(fence=DueWebhook.fence + 1, leased_until=now + LEASE)
        .returning(DueWebhook.delivery_id, DueWebhook.fence)
        .execution_options(synchronize_session=False)
    )
    return [
        Lease(
            tenant_id=one.tenant_id,
            delivery_id=delivery_id,
            endpoint_id=one.endpoint_id,
            fence=fence,
        )
        for delivery_id, fence in db.session.execute(taking)
    ]


def _free(now: datetime, row: type[DueWebhook] = DueWebhook) -> tuple[ColumnElement[bool], ...]:
    return row.due_at <= now, or_(row.leased_until.is_(None), row.leased_until < now)


def _waiting(now: datetime) -> Select[tuple[UUID, UUID | None]]:
    """Select the endpoints of which anything waits, and the tenant of those with something free.

    From one endpoint to the next, past all the rows between them.
    """
    later, due = aliased(DueWebhook), aliased(DueWebhook)
    first = select(DueWebhook.endpoint_id).order_by(DueWebhook.endpoint_id).limit(1)
    found = select(first.scalar_subquery().label("endpoint_id")).cte("waiting", recursive=True)
    following = (
        select(later.endpoint_id)
        .where(later.endpoint_id > found.c.endpoint_id)
        .order_by(later.endpoint_id)
        .limit(1)
    )
    found = found.union_all(
        select(following.scalar_subquery()).where(found.c.endpoint_id.is_not(None))
    )
    tenant = (
        select(due.tenant_id)
        .where(due.endpoint_id == found.c.endpoint_id, *_free(now, due))
        .order_by(due.due_at)
        .limit(1)
    )
    return select(found.c.endpoint_id, tenant.scalar_subquery()).where(
        found.c.endpoint_id.is_not(None)
    )


def _held(now: datetime) -> Select[tuple[UUID, UUID, int]]:
    return (
        select(DueWebhook.tenant_id, DueWebhook.endpoint_id, func.count())
        .where(DueWebhook.leased_until >= now)
        .group_by(DueWebhook.tenant_id, DueWebhook.endpoint_id)
    )
