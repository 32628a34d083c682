"""Notices to contacts: what a client should know, kept as facts and told in their language when shown.

A notice is written in the transaction of what it tells of, once per contact and key. It
holds ids, numbers and counts: whoever may not see the object any more learns nothing from it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)

from billhook import limits
from billhook.clock import SystemClock
from billhook.columns import Id
from billhook.db import db, is_writing
from billhook.ids import first_id_of, new_id
from billhook.models.clients import ClientNotice
from billhook.sdk.context import Context
from billhook.services.portal import clients
from billhook.services.portal.clients import Client
from billhook.services.sets import insert_missing, one_of

MOST_COUNTED = 100
"""Nobody reads a larger number on a badge."""
KEPT = timedelta(days=365)
"""How long a notice is kept, whether it was read or not."""


class ClientNoticeKind(StrEnum):
    """What clients are told; the names are stored, and chosen in `contact.mails`."""

    DOCUMENT_ISSUED = "document.issued"  # facts: number, type
    QUESTION_ANSWERED = "question.answered"  # facts: number (of the document)
    QUESTION_CLOSED = "question.closed"  # facts: number (of the document)
    PROFILE_APPROVED = "profile.approved"  # facts: count (of fields)
    PROFILE_REFUSED = "profile.refused"  # facts: reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a contact was told."""

    id: UUID
    kind: ClientNoticeKind
    facts: Mapping[str, str]
    object_kind: str
    object_id: UUID | None
    happened_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a contact is told; nobody twice by one key."""

    contact_id: UUID
    kind: ClientNoticeKind
    facts: Mapping[str, object]
    object_kind: str = ""
    object_id: UUID | None = None
    key: str


def tell(
    ctx: Context,
    contact_ids: Collection[UUID],
    kind: ClientNoticeKind,
    *,
    facts: Mapping[str, object],
    object_kind: str = "",
    object_id: UUID | None = None,
    key: str,
) -> None:
    """Tell contacts something, inside the transaction that makes it so; nobody twice by one key."""
    news = [
        News(
            contact_id=contact_id,
            kind=kind,
            facts=facts,
            object_kind=object_kind,
            object_id=object_id,
            key=key,
        )
        for contact_id in sorted(set(contact_ids))
    ]
    tell_all(ctx, news)


def tell_all(ctx: Context, news: Sequence[News]) -> None:
    """Tell contacts many things in few statements, inside the transaction that makes them so."""
    if not is_writing():
        raise RuntimeError("A notice is written inside the transaction of what it tells of.")
    for start in range(0, len(news), limits.PAGE_ROWS):
        insert_missing(
            ClientNotice, [_row(ctx, one) for one in news[start : start + limits.PAGE_ROWS]]
        )


def _row(ctx: Context, news: News) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": new_id(),
        "contact_id": news.contact_id,
        "kind": news.kind.value,
        "facts": {name: str(value)[: limits.REASON] for name, value in news.facts.items()},
        "object_kind": news.object_kind,
        "object_id": news.object_id,
        "key": news.key[: limits.NAME],
        "happened_at": ctx.now(),
    }


def unread(client: Client) -> int:
    """Return how many notices the contact has not read, up to `MOST_COUNTED`."""
    if client.contact_id is None:
        return 0
    found = select(ClientNotice.id).where(_mine(client), _is_unread()).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def listing(
    client: Client, *, older_than: UUID | None = None, limit: int = limits.PAGE_ROWS
) -> list[Told]:
    """Return what the contact was told, the newest first; nothing for a member who looks."""
    client.require(clients.SEE)
    wanted = select(ClientNotice).where(_mine(client))
    if older_than is not None:
        wanted = wanted.where(ClientNotice.id < older_than)
    rows = db.session.scalars(
        wanted.order_by(ClientNotice.id.desc()).limit(min(limit, limits.PAGE_ROWS))
    )
    return [_told(row) for row in rows]


def newest_unread(client: Client, *, limit: int) -> list[Told]:
    """Return what the contact has not read, the newest first; nothing for a member who looks."""
    client.require(clients.SEE)
    given = {"contact_id": client.contact_id, "limit": limit}
    return [_told(row) for row in db.session.scalars(_newest_unread(), given)]


@cache
def _newest_unread() -> Select[tuple[ClientNotice]]:
    """Build the statement once: the first page sends it."""
    return (
        select(ClientNotice)
        .where(ClientNotice.contact_id == bindparam("contact_id", type_=Id()), _is_unread())
        .order_by(ClientNotice.id.desc())
        .limit(bindparam("limit", type_=Integer()))
    )


def get(client: Client, notice_id: UUID) -> Told | None:
    """Return one notice of the contact's own; None where there is none of that id."""
    client.require(clients.SEE)
    row = db.session.scalar(
        select(ClientNotice).where(_mine(client), ClientNotice.id == notice_id)
    )
    return _told(row) if row else None


def mark_read(client: Client, notice_ids: Collection[UUID]) -> None:
    """Note that the contact has read some of their notices; those of others stay as they are."""
    _mark(client, one_of(ClientNotice.id, notice_ids))


def mark_all_read(client: Client) -> None:
    """Note that the contact has read all of their notices."""
    _mark(client, _is_unread())


def _mark(client: Client, which: ColumnElement[bool]) -> None:
    client.require(clients.SEE)
    client.require(clients.WRITE)
    with client.ctx.transaction() as session:
        session.execute(
            update(ClientNotice)
            .where(
                ClientNotice.tenant_id == client.ctx.tenant.id,
                _mine(client),
                _is_unread(),
                which,
            )
            .values(read_at=client.ctx.now())
            .execution_options(synchronize_session=False)
        )


def _mine(client: Client) -> ColumnElement[bool]:
    return ClientNotice.contact_id == client.contact_id


def _is_unread() -> ColumnElement[bool]:
    return ClientNotice.read_at.is_(None)


def withdraw(ctx: Context, object_kind: str, object_ids: Collection[UUID]) -> None:
    """Take back what was told of things that clients must not see any more, in a transaction."""
    db.session.execute(
        delete(ClientNotice)
        .where(
            ClientNotice.tenant_id == ctx.tenant.id,
            ClientNotice.object_kind == object_kind,
            one_of(ClientNotice.object_id, object_ids),
        )
        .execution_options(synchronize_session=False)
    )


def tidy(ctx: Context) -> int:
    """Forget the oldest notices, at most `limits.PAGE_ROWS`; return their number."""
    old = (
        select(ClientNotice.id)
        .where(
            ClientNotice.tenant_id == ctx.tenant.id,
            ClientNotice.id < first_id_of(SystemClock().now() - KEPT),
        )
        .limit(limits.PAGE_ROWS)
    )
    with ctx.transaction() as session:
        gone = delete(ClientNotice).where(ClientNotice.id.in_(old)).returning(ClientNotice.id)
        return len(session.execute(gone, execution_options={"synchronize_session": False}).all())


def _told(row: ClientNotice) -> Told:
    return Told(
        id=row.id,
        kind=ClientNoticeKind(row.kind),
        facts=row.facts,
        object_kind=row.object_kind,
        object_id=row.object_id,
        happened_at=row.happened_at,
        read_at=row.read_at,
    )
