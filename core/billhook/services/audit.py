"""The audit log: one row for each privileged act, in the transaction of the act.

Rows hold ids, not names. They are chained afterwards by `link`, which a
schedule calls: what no link names yet is linked, so that a row is never passed
over because its transaction committed late, and no writer waits for another.

``content = SHA-256(canonical JSON of the row, every value a text)``;
``hash = SHA-256(0x01 ‖ previous hash, 32 bytes, zero at first ‖ tenant UUID, 16
‖ sequence, int64 big-endian ‖ content, 32)``, as in the journal.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from operator import eq, ge, lt
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from billhook import limits
from billhook.columns import instant_text
from billhook.db import db, insert, is_writing
from billhook.domain.sealing import FIRST, canonical, entry_hash
from billhook.i18n import gettext as _
from billhook.ids import first_id_of, made_at, new_id
from billhook.kernel.batch import AuditRecord
from billhook.models.audit import Audit, AuditLink
from billhook.problems import Problem
from billhook.sdk.context import Context

REACH = timedelta(days=1)
"""How much older than the newest linked row a row may be that commits now."""

LINKS_AT_ONCE = 1_000


def record(
    ctx: Context, action: str, object_kind: str, object_id: object, /, **details: object
) -> None:
    """Note a privileged act, inside its transaction. Details are ids, codes and counts."""
    record_all(ctx, action, object_kind, [object_id], **details)


def record_all(
    ctx: Context, action: str, object_kind: str, object_ids: Iterable[object], /, **details: object
) -> None:
    """Note the same act on each of many things, in one statement, inside its transaction."""
    if not is_writing():
        raise RuntimeError("An act is noted inside the transaction that does it.")
    noted = [audit_record(ctx, action, object_kind, one, **details) for one in object_ids]
    if noted:
        db.session.execute(insert(Audit), [_noted(ctx, one) for one in noted])


def _noted(ctx: Context, noted: AuditRecord) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": noted.id,
        "happened_at": ctx.now(),
        "actor_kind": noted.actor_kind,
        "actor_id": noted.actor_id,
        "address": noted.address,
        "request_id": noted.request_id,
        "action": noted.action,
        "object_kind": noted.object_kind,
        "object_id": noted.object_id,
        "details": dict(noted.details),
    }


def audit_record(
    ctx: Context, action: str, object_kind: str, object_id: object, /, **details: object
) -> AuditRecord:
    """Return the note of an act as the kernel's batches carry it."""
    return AuditRecord(
        id=new_id(),
        actor_kind=ctx.actor.kind.value,
        actor_id=ctx.actor.id,
        address=ctx.actor.address,
        request_id=ctx.request_id,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        details={name: str(value) for name, value in details.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One privileged act, as people see it."""

    id: UUID
    happened_at: datetime
    actor_kind: str
    actor_id: UUID | None
    address: str
    request_id: UUID | None
    action: str
    object_kind: str
    object_id: str
    details: dict[str, str]


def listing(
    ctx: Context,
    *,
    action: str | None = None,
    object_kind: str | None = None,
    object_id: str | None = None,
    actor_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    older_than: UUID | None = None,
    limit: int = limits.PAGE_ROWS,
) -> list[Act]:
    """List the acts that all filters let through, newest first.

    `since` is the first instant, `until` the first one after; `older_than` goes on
    after the last act of an earlier page.
    """
    ctx.require("audit.view")
    filters = [
        (Audit.action, eq, action),
        (Audit.object_kind, eq, object_kind),
        (Audit.object_id, eq, object_id),
        (Audit.actor_id, eq, actor_id),
        (Audit.happened_at, ge, since),
        (Audit.happened_at, lt, until),
        (Audit.id, lt, older_than),
    ]
    wanted = select(Audit).where(
        *(compare(column, value) for column, compare, value in filters if value is not None)
    )
    found = db.session.scalars(
        wanted.order_by(Audit.id.desc()).limit(min(limit, limits.PAGE_ROWS))
    )
    return [_act(row) for row in found]


def _act(row: Audit) -> Act:
    return Act(
        id=row.id,
        happened_at=row.happened_at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        address=row.address,
        request_id=row.request_id,
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        details=row.details,
    )


# The chain


def link(ctx: Context, *, reach: timedelta | None = REACH) -> int:
    """Link the rows that no link names yet, at most `LINKS_AT_ONCE`; return their number.

    Looks no further back than `reach` before the newest linked row; None looks at
    all. Two at once cannot fork the chain: the second one's links are refused.
    """
    with ctx.transaction() as session:
        last = _last_link()
        start, previous = (last.sequence, last.hash) if last else (0, FIRST)
        waiting = session.scalars(_unlinked(last, reach).limit(LINKS_AT_ONCE)).all()
        links = []
        for sequence, row in enumerate(waiting, start=start + 1):
            hashed = entry_hash(previous, ctx.tenant.id, sequence, _content_hash(row))
            links.append(
                {
                    "tenant_id": ctx.tenant.id,
                    "sequence": sequence,
                    "audit_id": row.id,
                    "previous_hash": previous,
                    "hash": hashed,
                }
            )
            previous = hashed
        if links:
            session.execute(insert(AuditLink), links)
    return len(links)


def verify_chain(ctx: Context) -> Problem | None:
    """Return what is wrong with the first record where the chain is broken."""
    expected, previous, last = 1, FIRST, None
    with closing(db.session.execute(_chain())) as chain:
        for last, row in chain:
            if row is None or (last.sequence, last.previous_hash) != (expected, previous):
                return _broken(last.sequence, last.audit_id)
            if last.hash != entry_hash(previous, ctx.tenant.id, expected, _content_hash(row)):
                return _broken(last.sequence, last.audit_id)
            expected, previous = expected + 1, last.hash
    passed_over = last and db.session.scalars(_passed_over(last).limit(1)).first()
    return _broken(expected, passed_over.id) if passed_over else None


def _chain() -> Select[tuple[AuditLink, Audit]]:
    """Select the links with their rows; a link whose row is gone comes with None."""
    is_linked = (Audit.tenant_id == AuditLink.tenant_id) & (Audit.id == AuditLink.audit_id)
    return (
        select(AuditLink, Audit)
        .outerjoin(Audit, is_linked)
        .order_by(AuditLink.sequence)
        .execution_options(yield_per=LINKS_AT_ONCE, populate_existing=True)
    )


def _last_link() -> AuditLink | None:
    return db.session.scalars(
        select(AuditLink).order_by(AuditLink.sequence.desc()).limit(1)
    ).first()


def _unlinked(last: AuditLink | None, reach: timedelta | None) -> Select[tuple[Audit]]:
    named = select(AuditLink.audit_id).where(
        AuditLink.tenant_id == Audit.tenant_id, AuditLink.audit_id == Audit.id
    )
    wanted = select(Audit).where(~named.exists()).order_by(Audit.id)
    if last is None or reach is None:
        return wanted
    return wanted.where(Audit.id >= first_id_of(made_at(last.audit_id) - reach))


def _passed_over(last: AuditLink) -> Select[tuple[Audit]]:
    """Select the rows without a link that the job no longer looks at."""
    return _unlinked(None, None).where(Audit.id < first_id_of(made_at(last.audit_id) - REACH))


def _content_hash(row: Audit) -> bytes:
    content: dict[str, Any] = {
        "id": str(row.id),
        "happened_at": instant_text(row.happened_at),
        "actor_kind": row.actor_kind,
        "actor_id": str(row.actor_id or ""),
        "address": row.address,
        "request_id": str(row.request_id or ""),
        "action": row.action,
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "details": row.details,
    }
    return sha256(canonical(content)).digest()


def _broken(sequence: int, audit_id: UUID) -> Problem:
    return Problem(
        code="audit.chain_broken",
        path=f"audit/{audit_id}",
        message=_(
            "The audit log is broken at its record %(sequence)s (%(id)s): it was changed, or "
            "records before it are missing. Compare with a backup of that time.",
            sequence=sequence,
            id=str(audit_id),
        ),
    )
