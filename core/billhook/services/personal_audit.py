"""Notes of what people do to their own account, in the log of the company that they are in.

A person exists once, whatever number of companies they work for: the note goes to the
one that the session is in, else to one where they have a seat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from billhook.errors import NotFound
from billhook.sdk.context import Context
from billhook.services import audit, people
from billhook.services.contexts import member_context
from billhook.services.sessions import Visit


@contextmanager
def noting(visit: Visit, action: str, /, **details: object) -> Iterator[None]:
    """Do the block and note it, all in one transaction; unnoted where they work nowhere."""
    ctx = _context(visit)
    if ctx is None:
        yield
        return
    with ctx.acting(), ctx.transaction():
        yield
        audit.record(ctx, action, "person", visit.person_id, **details)


def note(visit: Visit, action: str, /, **details: object) -> None:
    """Note what was done."""
    with noting(visit, action, **details):
        pass


def _context(visit: Visit) -> Context | None:
    seats = [place.id for place in people.workplaces(visit.person_id)]
    chosen = visit.tenant_id if visit.tenant_id in seats else next(iter(seats), None)
    return _member(visit.person_id, chosen) if chosen else None


def _member(person_id: UUID, tenant_id: UUID) -> Context | None:
    try:
        return member_context(person_id, tenant_id)
    except NotFound:
        return None
