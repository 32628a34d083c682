"""What clients do at the portal, for the company that bills: noted, and written late."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from billhook import limits
from billhook.backlog import add_late
from billhook.clock import SystemClock
from billhook.db import after_commit, insert, is_writing, tenant_scope, transaction
from billhook.errors import readable
from billhook.ids import new_id
from billhook.models.clients import PortalVisit
from billhook.services.portal.clients import Client


class PortalAct(StrEnum):
    """What was done; the names are stored."""

    LOGGED_IN = "logged_in"
    LOOKED = "looked"  # a member of the company began to look
    PAGE_OPENED = "page.opened"  # by a member who looks
    DOCUMENT_SEEN = "document.seen"
    DOCUMENT_DOWNLOADED = "document.downloaded"
    ARCHIVE_DOWNLOADED = "archive.downloaded"
    LIST_DOWNLOADED = "list.downloaded"
    STATEMENT_SEEN = "statement.seen"
    STATEMENT_DOWNLOADED = "statement.downloaded"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    PROFILE_CHANGED = "profile.changed"
    PEOPLE_CHANGED = "people.changed"
    PASSWORD_CHANGED = "password.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was done, as it waits to be written."""

    id: UUID
    happened_at: datetime
    kind: str
    customer_id: UUID
    contact_id: UUID | None
    guest_link_id: UUID | None
    viewer_id: UUID | None
    object_kind: str
    object_id: UUID | None
    address: str
    user_agent: str


def note(
    client: Client, act: PortalAct, *, object_kind: str = "", object_id: UUID | None = None
) -> None:
    """Keep that a client did something; in a transaction once it is committed.

    It is written within a second or so, with what others did.
    """
    visit = Visit(
        id=new_id(),
        happened_at=SystemClock().now(),
        kind=act.value,
        customer_id=client.customer_id,
        contact_id=client.contact_id,
        guest_link_id=client.guest_link_id,
        viewer_id=client.viewer_id,
        object_kind=object_kind,
        object_id=object_id,
        address=readable(client.ctx.actor.address, limits.CODE),
        user_agent=readable(client.agent, limits.NAME),
    )
    if is_writing():
        after_commit(lambda: add_late(write, client.ctx.tenant.id, visit))
    else:
        add_late(write, client.ctx.tenant.id, visit)


def write(tenant_id: UUID, visits: Sequence[Visit]) -> None:
    """Write what clients of one tenant did; called outside of any request."""
    with tenant_scope(tenant_id), transaction() as session:
        rows = [{"tenant_id": tenant_id, **asdict(one)} for one in visits]
        session.execute(insert(PortalVisit), rows)
