"""Notices: what a member should know, kept as facts and told in their language when shown.

A notice is written in the transaction of what it tells of, once per person and
key. It holds ids, numbers and counts, never names: whoever may not see the
object any more learns nothing from it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from billhook import limits
from billhook.db import db, is_writing
from billhook.ids import new_id
from billhook.models.customers import Customer, CustomerTag
from billhook.models.people import Member, Notification, RoleRow
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services.permissions import ROLES, granted
from billhook.services.sets import insert_missing, one_of

MOST_COUNTED = 100
"""Nobody reads a larger number on a badge."""


class NoticeKind(StrEnum):
    DELIVERY_FAILED = "delivery.failed"
    RUN_FINISHED = "bill_run.finished"
    JOB_GIVEN_UP = "job.given_up"
    PLUGIN_FAILING = "plugin.failing"
    IMPORT_FINISHED = "import.finished"
    WEBHOOK_DISABLED = "webhook.disabled"
    QUESTION_ASKED = "question.asked"
    QUESTION_ANSWERED = "question.answered"
    QUESTION_CLOSED = "question.closed"
    QUESTION_ASSIGNED = "question.assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a member is told."""

    id: UUID
    kind: NoticeKind
    facts: Mapping[str, str]
    object_kind: str
    object_id: UUID | None
    happened_at: datetime
    read_at: datetime | None


def notify(
    ctx: Context,
    people: Collection[UUID],
    kind: NoticeKind,
    *,
    facts: Mapping[str, object],
    object_kind: str = "",
    object_id: UUID | None = None,
    key: str,
) -> None:
    """Tell people something, inside the transaction that makes it so; nobody twice by one key."""
    if not is_writing():
        raise RuntimeError("A notice is written inside the transaction of what it tells of.")
    told = {name: str(value)[: limits.REASON] for name, value in facts.items()}
    rows = [
        {
            "tenant_id": ctx.tenant.id,
            "id": new_id(),
            "person_id": person_id,
            "kind": kind.value,
            "facts": told,
            "object_kind": object_kind,
            "object_id": object_id,
            "key": key[: limits.NAME],
            "happened_at": ctx.now(),
        }
        for person_id in sorted(set(people))
    ]
    insert_missing(Notification, rows)


def holders(ctx: Context, permission: str, *, customer_id: UUID | None = None) -> list[UUID]:
    """Return the active members whose role has the permission and who see the customer, if one is named."""
    of_plugins = [one.name for one in runtime().host.relay(ctx.tenant.plugins).permissions()]
    own = {
        row.code: frozenset(row.permissions)
        for row in db.session.execute(select(RoleRow.code, RoleRow.permissions))
    }
    members = db.session.execute(
        select(Member.person_id, Member.role, Member.scope, Member.scope_tags).where(
            Member.is_active
        )
    ).all()
    found = [
        row
        for row in members
        if permission
        in (granted(row.role, of_plugins) if row.role in ROLES else own.get(row.role, ()))
    ]
    if customer_id is None or all(row.scope == "all" for row in found):
        return [row.person_id for row in found]
    owner_id, tags = _whose(customer_id)
    return [
        row.person_id
        for row in found
        if row.scope == "all"
        or row.person_id == owner_id
        or (row.scope == "tags" and tags & set(row.scope_tags))
    ]


def _whose(customer_id: UUID) -> tuple[UUID | None, set[str]]:
    owner_id = db.session.scalar(select(Customer.owner_id).where(Customer.id == customer_id))
    tags = db.session.scalars(
        select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id)
    )
    return owner_id, set(tags)


def starter_or_holders(ctx: Context, started_by: UUID | None, permission: str) -> list[UUID]:
    """Return who started something while they still work here, else everybody whose task it is."""
    is_here = started_by is not None and db.session.scalar(
        select(Member.id).where(Member.person_id == started_by, Member.is_active)
    )
    return [started_by] if started_by and is_here else holders(ctx, permission)


def listing(
    ctx: Context, *, older_than: UUID | None = None, limit: int = limits.PAGE_ROWS
) -> list[Notice]:
    """Return what the member who acts was told, the newest first."""
    wanted = select(Notification).where(_mine(ctx))
    if older_than is not None:
        wanted = wanted.where(Notification.id < older_than)
    rows = db.session.scalars(
        wanted.order_by(Notification.id.desc()).limit(min(limit, limits.PAGE_ROWS))
    )
    return [_notice(row) for row in rows]


def get(ctx: Context, notice_id: UUID) -> Notice | None:
    """Return one notice of the member's own; None where there is none of that id."""
    row = db.session.scalar(select(Notification).where(_mine(ctx), Notification.id == notice_id))
    return _notice(row) if row else None


def unread_count(ctx: Context) -> int:
    """Return how many notices the member has not read, up to `MOST_COUNTED`."""
    if ctx.actor.id is None:
        return 0
    unread = (
        select(Notification.id)
        .where(Notification.tenant_id == ctx.tenant.id, _mine(ctx), Notification.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(unread)) or 0


def mark_read(ctx: Context, notice_ids: Collection[UUID]) -> None:
    """Note that the member has read some of their notices; those of others stay as they are."""
    _mark(ctx, one_of(Notification.id, notice_ids))


def mark_all_read(ctx: Context) -> None:
    """Note that the member has read all of their notices."""
    _mark(ctx, Notification.read_at.is_(None))


def _mark(ctx: Context, which: ColumnElement[bool]) -> None:
    with ctx.transaction() as session:
        session.execute(
            update(Notification)
            .where(
                Notification.tenant_id == ctx.tenant.id,
                _mine(ctx),
                Notification.read_at.is_(None),
                which,
            )
            .values(read_at=ctx.now())
            .execution_options(synchronize_session=False)
        )


def _mine(ctx: Context) -> ColumnElement[bool]:
    return Notification.person_id == ctx.actor.id


def _notice(row: Notification) -> Notice:
    return Notice(
        id=row.id,
        kind=NoticeKind(row.kind),
        facts=row.facts,
        object_kind=row.object_kind,
        object_id=row.object_id,
        happened_at=row.happened_at,
        read_at=row.read_at,
    )
