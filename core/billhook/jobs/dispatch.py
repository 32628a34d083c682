"""Carrying due work to RQ's workers, and the function that they run.

Redis carries and forgets; the database knows. The dispatcher shows RQ what is
due, over and over: a job's name holds the fence and the age of its batch, so
that RQ refuses what it has, and takes again what it lost. A duplicate finds the
lease taken or the work done, and does nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.jobs.drainer import run
from billhook.jobs.leases import claim, free

QUEUE = "billhook"

WINDOW = 200
"""How many batches RQ is shown at once; the rest waits in the database."""

FORGOTTEN_AFTER = timedelta(minutes=1)
"""How long RQ may sit on a job that nobody starts before it is given another."""

LONGEST = timedelta(hours=7)
"""When RQ kills a job that none of our own deadlines ended."""


def queue_in(connection: Redis) -> Queue:
    """Return the one queue; a worker that listens on several can lose a job when it is killed."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def dispatch(connection: Redis) -> int:
    """Give RQ what is due, as far as its queue has room; return how much was new to it."""
    queue = queue_in(connection)
    room = WINDOW - queue.count
    if room <= 0:
        return 0
    now = SystemClock().now()
    with tenant_scope(None):
        due = db.session.execute(free(now).limit(WINDOW)).all()
        db.session.rollback()
    return sum(_enqueue(queue, now, *batch) for batch in due)


def run_outbox(tenant_id: str, batch_id: str) -> None:
    """Do a batch, unless somebody else does or did. RQ calls it in a process of its own."""
    lease = claim(UUID(tenant_id), UUID(batch_id))
    if lease is not None:
        run(lease)


def _enqueue(
    queue: Queue, now: datetime, tenant_id: UUID, batch_id: UUID, fence: int, due_at: datetime
) -> int:
    age = (now - due_at) // FORGOTTEN_AFTER
    try:
        queue.enqueue_call(
            run_outbox,
            args=(str(tenant_id), str(batch_id)),
            job_id=f"{tenant_id.hex}_{batch_id.hex}_{fence}_{age}",
            unique=True,
            timeout=int(LONGEST.total_seconds()),
            result_ttl=0,
            failure_ttl=int(FORGOTTEN_AFTER.total_seconds()),
            description=f"batch {batch_id}",
        )
    except DuplicateJobError:
        return 0
    return 1
