"""Deliveries: what went to whom by which channel, and every try of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Id, Instant, Json, Prose, Words
from billhook.db import EntityRow, TenantRow, references

_STATES = "state IN ('queued', 'sent', 'bounced', 'failed', 'opened')"


class DeliveryPreference(TenantRow):
    """How a customer wants documents; NULL is as the tenant has it."""

    __tablename__ = "delivery_preference"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("brand_id", to="brand"),
    )

    customer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    brand_id: Mapped[UUID | None] = mapped_column(Id)
    channels: Mapped[list[str] | None] = mapped_column(Json)
    formats: Mapped[list[str] | None] = mapped_column(Json)
    formats_by_channel: Mapped[dict[str, list[str]] | None] = mapped_column(Json)
    """What goes along by a channel, where that differs from `formats`."""
    tone: Mapped[str | None] = mapped_column(Words(20))


class Delivery(EntityRow):
    """One message about a document. What it says is fixed when it is made."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        references("document_id", to="document"),
        CheckConstraint(_STATES, name="state"),
        Index("ix_delivery_document", "tenant_id", "document_id"),
        Index("ix_delivery_state", "tenant_id", "state", "id"),
        Index("ix_delivery_remote", "tenant_id", "remote_id"),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(Words(limits.CODE))
    key: Mapped[str | None] = mapped_column(Words(limits.NAME))
    """Makes a delivery that nobody asked for by hand unique: document and channel."""
    state: Mapped[str] = mapped_column(Words(10))
    sender: Mapped[dict[str, str]] = mapped_column(Json)
    language: Mapped[str] = mapped_column(Words(20))
    subject: Mapped[str] = mapped_column(Prose)
    text: Mapped[str] = mapped_column(Prose)
    html: Mapped[str] = mapped_column(Prose)
    artefacts: Mapped[list[str]] = mapped_column(Json, default=list)
    """Ids of what is attached; the document's own attachments go along."""
    pictures: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """Name and file of what the page shows."""
    is_committed: Mapped[bool] = mapped_column(Flag, default=False)
    """Whether a try that has no result passed the point after which the other side may have it."""
    is_captured: Mapped[bool] = mapped_column(Flag, default=False)
    """A sandbox sends nothing: it shows what it would have sent."""
    remote_id: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    last_error: Mapped[str] = mapped_column(Prose, default="")
    job_id: Mapped[UUID | None] = mapped_column(Id)
    """In the outbox, of the job that tries it; forgotten there a while after it is done."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)


class DeliveryRecipient(TenantRow):
    __tablename__ = "delivery_recipient"
    __table_args__ = (
        references("delivery_id", to="delivery"),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint("kind IN ('to', 'cc', 'bcc')", name="kind"),
    )

    delivery_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    position: Mapped[int] = mapped_column(Count, primary_key=True)
    kind: Mapped[str] = mapped_column(Words(3))
    address: Mapped[str] = mapped_column(Words(limits.EMAIL))
    name: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    state: Mapped[str] = mapped_column(Words(10))
    reason: Mapped[str] = mapped_column(Prose, default="")


class DeliveryStep(EntityRow):
    """A try, an answer, news from outside: the trail of a delivery; append-only."""

    __tablename__ = "delivery_step"
    __table_args__ = (
        references("delivery_id", to="delivery"),
        Index("ix_delivery_step_delivery", "tenant_id", "delivery_id", "id"),
    )

    delivery_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Words(20))
    """tried, committed, sent, refused, postponed, failed, unknown, bounced, opened, retried"""
    address: Mapped[str] = mapped_column(Words(limits.EMAIL), default="")
    detail: Mapped[str] = mapped_column(Prose, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    happened_at: Mapped[datetime] = mapped_column(Instant)
