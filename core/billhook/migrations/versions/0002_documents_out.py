"""Documents go out: brands, templates, artefacts, deliveries, attachments, electronic addresses."""

from billhook.sdk.migrations import (
    Bytes,
    CheckConstraint,
    Column,
    Count,
    Flag,
    Id,
    Index,
    Instant,
    Json,
    Prose,
    UniqueConstraint,
    Words,
    add_columns,
    partial_index,
    references,
    tenant_table,
    text,
)

revision = "0002"
down_revision = "0001"

_STATES = "state IN ('queued', 'sent', 'bounced', 'failed', 'opened')"


def upgrade() -> None:
    _parties()
    _brands()
    _artefacts()
    _deliveries()


def _parties() -> None:
    for table in ("tenant", "customer"):
        add_columns(
            table,
            Column("legal_id", Words(80), nullable=False, server_default=text("''")),
            Column("legal_id_scheme", Words(10), nullable=False, server_default=text("''")),
            Column("electronic_address", Words(200), nullable=False, server_default=text("''")),
            Column("electronic_scheme", Words(10), nullable=False, server_default=text("''")),
            Column("contact_name", Words(200), nullable=False, server_default=text("''")),
            Column("phone", Words(80), nullable=False, server_default=text("''")),
        )
    add_columns(
        "tenant",
        Column("extra", Words(200), nullable=False, server_default=text("''")),
        Column("channels", Json, nullable=False, server_default=text("'[]'")),
        Column("formats", Json, nullable=False, server_default=text("'[]'")),
    )
    add_columns(
        "contact",
        Column("receives", Words(3), nullable=False, server_default=text("''")),
    )


def _brands() -> None:
    tenant_table(
        "brand",
        Column("id", Id, nullable=False),
        Column("code", Words(80), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("theme", Words(80), nullable=False),
        Column("renderer", Words(80), nullable=False),
        Column("logo_file_id", Id, nullable=True),
        Column("colours", Json, nullable=False),
        Column("sender_name", Words(200), nullable=False),
        Column("sender_email", Words(254), nullable=False),
        Column("reply_to", Words(254), nullable=False),
        Column("website", Words(200), nullable=False),
        Column("legal_text", Prose, nullable=False),
        Column("bank_accounts", Json, nullable=False),
        Column("is_default", Flag, nullable=False),
        Column("version", Count, nullable=False),
        references("logo_file_id", to="file"),
        UniqueConstraint("tenant_id", "code"),
        partial_index("uq_brand_default", "tenant_id", where="is_default", unique=True),
    )
    tenant_table(
        "document_template",
        Column("brand_id", Id, nullable=False),
        Column("document_type", Words(20), nullable=False),
        Column("blocks", Json, nullable=False),
        Column("columns", Json, nullable=False),
        Column("texts", Json, nullable=False),
        Column("version", Count, nullable=False),
        references("brand_id", to="brand"),
        key=("brand_id", "document_type"),
    )


def _artefacts() -> None:
    tenant_table(
        "draft_attachment",
        Column("draft_id", Id, nullable=False),
        Column("file_id", Id, nullable=False),
        Column("position", Count, nullable=False),
        references("draft_id", to="draft", ondelete="CASCADE"),
        references("file_id", to="file"),
        key=("draft_id", "file_id"),
    )
    tenant_table(
        "artefact",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("kind", Words(10), nullable=False),
        Column("provider", Words(80), nullable=False),
        Column("file_id", Id, nullable=False),
        Column("sha256", Bytes, nullable=False),
        Column("made_by", Json, nullable=False),
        Column("rules", Words(200), nullable=False),
        Column("findings", Json, nullable=False),
        Column("made_at", Instant, nullable=False),
        CheckConstraint("length(sha256) = 32", name="sha256_length"),
        references("document_id", to="document"),
        references("file_id", to="file"),
        UniqueConstraint("tenant_id", "document_id", "provider"),
        CheckConstraint("kind IN ('print', 'e_invoice')", name="kind"),
        partial_index(
            "uq_artefact_print", "tenant_id", "document_id", where="kind = 'print'", unique=True
        ),
        append_only=True,
    )


def _deliveries() -> None:
    tenant_table(
        "delivery_preference",
        Column("customer_id", Id, nullable=False),
        Column("brand_id", Id, nullable=True),
        Column("channels", Json, nullable=True),
        Column("formats", Json, nullable=True),
        Column("tone", Words(20), nullable=True),
        references("customer_id", to="customer"),
        references("brand_id", to="brand"),
        key=("customer_id",),
    )
    tenant_table(
        "delivery",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("channel", Words(80), nullable=False),
        Column("key", Words(200), nullable=True),
        Column("state", Words(10), nullable=False),
        Column("sender", Json, nullable=False),
        Column("language", Words(20), nullable=False),
        Column("subject", Prose, nullable=False),
        Column("text", Prose, nullable=False),
        Column("html", Prose, nullable=False),
        Column("artefacts", Json, nullable=False),
        Column("pictures", Json, nullable=False),
        Column("is_committed", Flag, nullable=False),
        Column("is_captured", Flag, nullable=False),
        Column("remote_id", Words(200), nullable=False),
        Column("last_error", Prose, nullable=False),
        Column("job_id", Id, nullable=True),
        Column("created_at", Instant, nullable=False),
        Column("sent_at", Instant, nullable=True),
        Column("version", Count, nullable=False),
        CheckConstraint(_STATES, name="state"),
        references("document_id", to="document"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_delivery_document", "tenant_id", "document_id"),
        Index("ix_delivery_state", "tenant_id", "state", "id"),
        Index("ix_delivery_remote", "tenant_id", "remote_id"),
        updatable=(
            "state",
            "is_committed",
            "is_captured",
            "remote_id",
            "last_error",
            "job_id",
            "sent_at",
            "version",
        ),
        deletable=False,
    )
    tenant_table(
        "delivery_recipient",
        Column("delivery_id", Id, nullable=False),
        Column("position", Count, nullable=False),
        Column("kind", Words(3), nullable=False),
        Column("address", Words(254), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("state", Words(10), nullable=False),
        Column("reason", Prose, nullable=False),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint("kind IN ('to', 'cc', 'bcc')", name="kind"),
        references("delivery_id", to="delivery"),
        key=("delivery_id", "position"),
        updatable=("state", "reason"),
        deletable=False,
    )
    tenant_table(
        "delivery_step",
        Column("id", Id, nullable=False),
        Column("delivery_id", Id, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("address", Words(254), nullable=False),
        Column("detail", Prose, nullable=False),
        Column("facts", Json, nullable=False),
        Column("happened_at", Instant, nullable=False),
        references("delivery_id", to="delivery"),
        Index("ix_delivery_step_delivery", "tenant_id", "delivery_id", "id"),
        append_only=True,
    )
