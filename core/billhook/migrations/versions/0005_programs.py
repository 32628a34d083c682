"""The door for programs: keys with what was asked with them, and webhooks."""

from billhook.migrations.control import control_table
from billhook.sdk.migrations import (
    Bytes,
    CheckConstraint,
    Column,
    Count,
    ForeignKeyConstraint,
    Id,
    Index,
    Instant,
    Json,
    Prose,
    UniqueConstraint,
    Words,
    partial_index,
    references,
    tenant_table,
)

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _keys()
    _endpoints()
    _messages()


def _keys() -> None:
    control_table(
        "api_secret",
        Column("secret_hash", Bytes, nullable=False),
        Column("tenant_id", Id, nullable=False),
        Column("key_id", Id, nullable=False),
        Column("hint", Words(20), nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=True),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index("ix_api_secret_key_id", "key_id"),
        key=("secret_hash",),
    )
    tenant_table(
        "api_key",
        Column("id", Id, nullable=False),
        Column("name", Words(200), nullable=False),
        Column("scopes", Json, nullable=False),
        Column("api_version", Words(10), nullable=False),
        Column("requests_per_minute", Count, nullable=False),
        Column("expires_at", Instant, nullable=True),
        Column("revoked_at", Instant, nullable=True),
        Column("made_by", Id, nullable=True),
        Column("made_at", Instant, nullable=False),
        Column("used_at", Instant, nullable=True),
        Column("used_from", Words(80), nullable=False),
        Column("version", Count, nullable=False),
    )
    tenant_table(
        "api_request",
        Column("id", Id, nullable=False),
        Column("key_id", Id, nullable=False),
        Column("requested_at", Instant, nullable=False),
        Column("method", Words(10), nullable=False),
        Column("route", Words(200), nullable=False),
        Column("path", Words(200), nullable=False),
        Column("status", Count, nullable=False),
        Column("problem", Words(80), nullable=False),
        Column("milliseconds", Count, nullable=False),
        Column("address", Words(80), nullable=False),
        Column("user_agent", Words(200), nullable=False),
        Column("api_version", Words(10), nullable=False),
        references("key_id", to="api_key"),
        Index("ix_api_request_key", "tenant_id", "key_id", "id"),
        updatable=(),
    )


def _endpoints() -> None:
    tenant_table(
        "webhook_endpoint",
        Column("id", Id, nullable=False),
        Column("url", Words(2000), nullable=False),
        Column("description", Words(200), nullable=False),
        Column("events", Json, nullable=False),
        Column("state", Words(10), nullable=False),
        Column("state_reason", Words(80), nullable=False),
        Column("failing_since", Instant, nullable=True),
        Column("made_by", Id, nullable=True),
        Column("made_at", Instant, nullable=False),
        Column("version", Count, nullable=False),
        CheckConstraint("state IN ('active', 'paused', 'disabled')", name="state"),
    )
    tenant_table(
        "webhook_secret",
        Column("id", Id, nullable=False),
        Column("endpoint_id", Id, nullable=False),
        Column("sealed", Bytes, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=True),
        references("endpoint_id", to="webhook_endpoint", ondelete="CASCADE"),
        Index("ix_webhook_secret_endpoint", "tenant_id", "endpoint_id"),
    )


def _messages() -> None:
    tenant_table(
        "webhook_message",
        Column("id", Id, nullable=False),
        Column("event", Words(80), nullable=False),
        Column("body", Prose, nullable=False),
        Column("made_at", Instant, nullable=False),
        Index("ix_webhook_message_event", "tenant_id", "event", "id"),
        updatable=(),
    )
    tenant_table(
        "webhook_delivery",
        Column("id", Id, nullable=False),
        Column("endpoint_id", Id, nullable=False),
        Column("message_id", Id, nullable=False),
        Column("state", Words(10), nullable=False),
        Column("attempts", Count, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("finished_at", Instant, nullable=True),
        references("endpoint_id", to="webhook_endpoint", ondelete="CASCADE"),
        references("message_id", to="webhook_message", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "message_id", "endpoint_id"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed', 'dropped')", name="state"),
        Index("ix_webhook_delivery_endpoint", "tenant_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_state", "tenant_id", "state", "id"),
    )
    tenant_table(
        "webhook_attempt",
        Column("id", Id, nullable=False),
        Column("delivery_id", Id, nullable=False),
        Column("attempted_at", Instant, nullable=False),
        Column("headers", Json, nullable=False),
        Column("status", Count, nullable=True),
        Column("answer", Prose, nullable=False),
        Column("error", Words(500), nullable=False),
        Column("milliseconds", Count, nullable=False),
        Column("address", Words(80), nullable=False),
        references("delivery_id", to="webhook_delivery", ondelete="CASCADE"),
        Index("ix_webhook_attempt_delivery", "tenant_id", "delivery_id", "id"),
        updatable=(),
    )
    control_table(
        "due_webhook",
        Column("tenant_id", Id, nullable=False),
        Column("delivery_id", Id, nullable=False),
        Column("endpoint_id", Id, nullable=False),
        Column("due_at", Instant, nullable=False),
        Column("leased_until", Instant, nullable=True),
        Column("fence", Count, nullable=False),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        Index("ix_due_webhook_endpoint", "endpoint_id", "due_at"),
        partial_index("ix_due_webhook_leased", "leased_until", where="leased_until IS NOT NULL"),
        key=("tenant_id", "delivery_id"),
    )
