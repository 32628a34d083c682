"""The outbox, what is due, schedules, and the memory of idempotency keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Flag, Id, Instant, Json, Prose, Words
from billhook.db import ControlRow, EntityRow, TenantRow, partial_index


class Outbox(EntityRow):
    """An event or a job, written in the transaction that causes it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        CheckConstraint("kind IN ('event', 'job')", name="kind"),
        CheckConstraint("state IN ('waiting', 'done', 'dead')", name="state"),
        Index("ix_outbox_batch", "tenant_id", "batch_id"),
        partial_index("ix_outbox_dead", "tenant_id", "id", where="state = 'dead'"),
    )

    batch_id: Mapped[UUID] = mapped_column(Id)
    """Of `DueWork`: all events of a transaction share one, a job has its own."""
    kind: Mapped[str] = mapped_column(Words(10))
    name: Mapped[str] = mapped_column(Words(limits.CODE))
    plugin: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """Whose job it is; empty for the core's."""
    key: Mapped[str | None] = mapped_column(Words(limits.NAME))
    """Makes a job unique, such as event and subscriber."""
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(Words(10), default="waiting")
    attempts: Mapped[int] = mapped_column(Count, default=0)
    last_error: Mapped[str] = mapped_column(Prose, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class DueWork(ControlRow):
    """What waits, over all tenants: ids and times only. A lease is fenced by its count."""

    __tablename__ = "due_work"
    __table_args__ = (
        Index("ix_due_work_tenant", "tenant_id", "due_at"),
        partial_index("ix_due_work_leased", "leased_until", where="leased_until IS NOT NULL"),
    )

    tenant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("tenant.id"), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(Count, default=0)


class Schedule(TenantRow):
    """When a recurring job runs next; a slot becomes one outbox row by its key."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    plugin: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    next_at: Mapped[datetime] = mapped_column(Instant)
    is_active: Mapped[bool] = mapped_column(Flag, default=True)


class Idempotency(TenantRow):
    """The first answer to a key, so that a repeat has no second effect."""

    __tablename__ = "idempotency"

    principal: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)
    route: Mapped[str] = mapped_column(Words(limits.NAME), primary_key=True)
    key: Mapped[str] = mapped_column(Words(limits.NAME), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(Bytes)
    answer: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
