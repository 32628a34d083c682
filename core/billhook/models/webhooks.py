"""Webhooks: whom to tell of what, what was said, and what they answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Id, Instant, Json, Prose, Words
from billhook.db import ControlRow, EntityRow, partial_index, references


class WebhookEndpoint(EntityRow):
    """An address that is told of events."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (CheckConstraint("state IN ('active', 'paused', 'disabled')", name="state"),)

    url: Mapped[str] = mapped_column(Words(limits.URL))
    description: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    events: Mapped[list[str]] = mapped_column(Json)
    """Names of events; none is all of them."""
    state: Mapped[str] = mapped_column(Words(10), default="active")
    state_reason: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """Why it was disabled, as a code: gone, failing."""
    failing_since: Mapped[datetime | None] = mapped_column(Instant)
    """Since when no attempt succeeded; None while it answers."""
    made_by: Mapped[UUID | None] = mapped_column(Id)
    """The person or key that made it."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)


class WebhookSecret(EntityRow):
    """What messages to an endpoint are signed with; two are live while one is rotated."""

    __tablename__ = "webhook_secret"
    __table_args__ = (
        references("endpoint_id", to="webhook_endpoint", ondelete="CASCADE"),
        Index("ix_webhook_secret_endpoint", "tenant_id", "endpoint_id"),
    )

    endpoint_id: Mapped[UUID] = mapped_column(Id)
    sealed: Mapped[bytes] = mapped_column(Bytes)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


class WebhookMessage(EntityRow):
    """An event as endpoints are told of it; its id is the event's and the header `webhook-id`."""

    __tablename__ = "webhook_message"
    __table_args__ = (Index("ix_webhook_message_event", "tenant_id", "event", "id"),)

    event: Mapped[str] = mapped_column(Words(limits.CODE))
    body: Mapped[str] = mapped_column(Prose)
    """Exactly what is sent and signed, every time."""
    made_at: Mapped[datetime] = mapped_column(Instant)


class WebhookDelivery(EntityRow):
    """A message to an endpoint, until it is received or given up."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        references("endpoint_id", to="webhook_endpoint", ondelete="CASCADE"),
        references("message_id", to="webhook_message", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "message_id", "endpoint_id"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed', 'dropped')", name="state"),
        Index("ix_webhook_delivery_endpoint", "tenant_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_state", "tenant_id", "state", "id"),
    )

    endpoint_id: Mapped[UUID] = mapped_column(Id)
    message_id: Mapped[UUID] = mapped_column(Id)
    state: Mapped[str] = mapped_column(Words(10), default="waiting")
    """Dropped is what waited for an endpoint that was disabled."""
    attempts: Mapped[int] = mapped_column(Count, default=0)
    """Since it was made or last replayed."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class WebhookAttempt(EntityRow):
    """One request to an endpoint, and its answer."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        references("delivery_id", to="webhook_delivery", ondelete="CASCADE"),
        Index("ix_webhook_attempt_delivery", "tenant_id", "delivery_id", "id"),
    )

    delivery_id: Mapped[UUID] = mapped_column(Id)
    attempted_at: Mapped[datetime] = mapped_column(Instant)
    headers: Mapped[dict[str, Any]] = mapped_column(Json)
    """What was sent beside the body; signatures stand in it, secrets do not."""
    status: Mapped[int | None] = mapped_column(Count)
    """HTTP's; None where no answer came."""
    answer: Mapped[str] = mapped_column(Prose, default="")
    """The beginning of the answer's body."""
    error: Mapped[str] = mapped_column(Words(limits.REASON), default="")
    milliseconds: Mapped[int] = mapped_column(Count)
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """The network address that the name was resolved to."""


class DueWebhook(ControlRow):
    """What waits to be sent, over all tenants: ids and times only. A lease is fenced by its count."""

    __tablename__ = "due_webhook"
    __table_args__ = (
        Index("ix_due_webhook_endpoint", "endpoint_id", "due_at"),
        partial_index("ix_due_webhook_leased", "leased_until", where="leased_until IS NOT NULL"),
    )

    tenant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("tenant.id"), primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(Id)
    due_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(Count, default=0)
