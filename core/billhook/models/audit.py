"""Who did what, when, from where: append-only, chained by a job that never blocks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Amount, Bytes, Id, Instant, Json, Words
from billhook.db import EntityRow, TenantRow, references


class Audit(EntityRow):
    """One privileged act. It holds ids, not names."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_object", "tenant_id", "object_kind", "object_id"),
        Index("ix_audit_at", "tenant_id", "happened_at"),
    )

    happened_at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(Words(20))
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    request_id: Mapped[UUID | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(Words(limits.CODE))
    object_kind: Mapped[str] = mapped_column(Words(limits.CODE))
    object_id: Mapped[str] = mapped_column(Words(limits.CODE))
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class AuditLink(TenantRow):
    """A link of the audit chain, in the order in which the job found the rows."""

    __tablename__ = "audit_link"
    __table_args__ = (
        references("audit_id", to="audit"),
        UniqueConstraint("tenant_id", "audit_id"),
        UniqueConstraint("tenant_id", "previous_hash"),
    )

    sequence: Mapped[int] = mapped_column(Amount, primary_key=True)
    audit_id: Mapped[UUID] = mapped_column(Id)
    previous_hash: Mapped[bytes] = mapped_column(Bytes)
    hash: Mapped[bytes] = mapped_column(Bytes)
