"""Whose turn it is, among the tenants that have work due.

In a round each of them gets one piece of work done, in an order drawn by lot: a
tenant with a hundred thousand jobs keeps another waiting for one of them. While
others wait, a tenant that has its share of all that runs sits out, so that its
long work leaves workers to them. The lot lets processes that do one piece of
work each, and remember nothing, be as fair on average as one that goes round.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.jobs.leases import Lease, free, take
from billhook.models.work import DueWork

LOOK = timedelta(milliseconds=100)
"""How long a look at who waits is good; a round that has begun goes to its end."""


class Turns:
    """The tenants who have not had their turn in this round, as one worker sees it."""

    def __init__(self) -> None:
        self._round: list[UUID] = []
        self._left: list[UUID] = []
        self._good_until = -math.inf

    def claim(self) -> Lease | None:
        """Take a piece of work of the tenant whose turn it is; None where nothing is free."""
        lease = self._claimed()
        if lease is None:
            self._round = _looked_up()
            self._good_until = monotonic() + LOOK.total_seconds()
            self._left = _drawn(self._round)
            lease = self._claimed()
        return lease

    def _claimed(self) -> Lease | None:
        while tenant_id := self._next():
            if lease := take(tenant_id):
                return lease
            self._round.remove(tenant_id)
        return None

    def _next(self) -> UUID | None:
        if not self._left and monotonic() < self._good_until:
            self._left = _drawn(self._round)
        return self._left.pop() if self._left else None


def _drawn(tenants: Sequence[UUID]) -> list[UUID]:
    return random.sample(tenants, len(tenants))


def _looked_up() -> list[UUID]:
    """Return the tenants with free work that have less than their share."""
    now = SystemClock().now()
    holding = select(DueWork.tenant_id).where(DueWork.leased_until >= now)
    with tenant_scope(None):
        waiting = db.session.scalars(_waiting(now)).all()
        held = Counter(db.session.scalars(holding)) if len(waiting) > 1 else Counter()
        db.session.rollback()
    return [tenant_id for tenant_id in waiting if held[tenant_id] < share(waiting, held)]


def share(waiting: Sequence[UUID], held: Counter[UUID]) -> int:
    """Return how many leases a tenant may have while so many wait, the next one included.

    Never all of those that wait have so many.
    """
    return -(-(held.total() + 1) // len(waiting))


def _waiting(now: datetime) -> Select[tuple[UUID]]:
    """Select the tenants with free work: from one to the next, past all the rows between them."""
    later = aliased(DueWork)
    first = select(DueWork.tenant_id).where(*free(now)).order_by(DueWork.tenant_id).limit(1)
    found = select(first.scalar_subquery().label("tenant_id")).cte("waiting", recursive=True)
    following = (
        select(later.tenant_id)
        .where(later.tenant_id > found.c.tenant_id, *free(now, later))
        .order_by(later.tenant_id)
        .limit(1)
    )
    found = found.union_all(
        select(following.scalar_subquery()).where(found.c.tenant_id.is_not(None))
    )
    return select(found.c.tenant_id).where(found.c.tenant_id.is_not(None))
