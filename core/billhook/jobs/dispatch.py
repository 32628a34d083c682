"""Calling RQ's workers to due work, and the function that they run.

Redis carries and forgets; the database knows. The dispatcher makes one call for
each batch that is due, over and over: a call's name holds the batch with its
fence and age, so that RQ refuses what it has, and takes again what it lost.
Whoever is called does the work whose turn it is then, so that a long queue of
one tenant is not in the way of another's. A call too many finds nothing to do.
"""

from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer
from sqlalchemy import select

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.jobs.drainer import run
from billhook.jobs.leases import free
from billhook.jobs.turns import Turns
from billhook.models.work import DueWork
from billhook.plugins.fence import hung

QUEUE = "billhook"

WINDOW = 200
"""How many calls wait in RQ at once; the work waits in the database."""

MOMENT = timedelta(seconds=1)
"""How long a process begins with one batch after another; most of a tiny job's time is its fork."""

FORGOTTEN_AFTER = timedelta(minutes=1)
"""How long RQ may sit on a job that nobody starts before it is given another."""

LONGEST = timedelta(hours=7)
"""When RQ kills a job that none of our own deadlines ended."""


def queue_in(connection: Redis) -> Queue:
    """Return the one queue; a worker that listens on several can lose a job when it is killed."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def dispatch(connection: Redis) -> int:
    """Call for what is due, as far as RQ's queue has room; return how many calls were new to it."""
    queue = queue_in(connection)
    room = WINDOW - queue.count
    if room <= 0:
        return 0
    now = SystemClock().now()
    wanted = select(DueWork.tenant_id, DueWork.batch_id, DueWork.fence, DueWork.due_at)
    wanted = wanted.where(*free(now)).order_by(DueWork.tenant_id, DueWork.due_at)
    with tenant_scope(None):
        due = db.session.execute(wanted.limit(WINDOW)).all()
        db.session.rollback()
    return sum(_enqueue(queue, now, *batch) for batch in due)


def run_outbox() -> None:
    """Do what is due, for a moment. RQ calls it in a process of its own."""
    turns = Turns()
    ends = monotonic() + MOMENT.total_seconds()
    while (lease := turns.claim()) is not None:
        run(lease)
        if monotonic() >= ends or hung():
            return


def _enqueue(
    queue: Queue, now: datetime, tenant_id: UUID, batch_id: UUID, fence: int, due_at: datetime
) -> int:
    age = (now - due_at) // FORGOTTEN_AFTER
    try:
        queue.enqueue_call(
            run_outbox,
            job_id=f"{tenant_id.hex}_{batch_id.hex}_{fence}_{age}",
            unique=True,
            timeout=int(LONGEST.total_seconds()),
            result_ttl=0,
            failure_ttl=int(FORGOTTEN_AFTER.total_seconds()),
            description="due work",
        )
    except DuplicateJobError:
        return 0
    return 1
