"""The rooms people work in: own fields, notes, roles, views, second factors, links, progress."""

from alembic import op

from billhook.migrations.control import control_table
from billhook.sdk.migrations import (
    Bytes,
    CheckConstraint,
    Column,
    Count,
    Flag,
    ForeignKeyConstraint,
    Id,
    Index,
    Instant,
    Json,
    Prose,
    UniqueConstraint,
    Words,
    add_columns,
    let_be_emptied,
    partial_index,
    references,
    tenant_table,
    text,
)

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _own_fields()
    _series()
    _documents()
    _customers()
    _erasure()
    _drafts()
    _people()
    _second_factors()
    _work()


def _own_fields() -> None:
    tenant_table(
        "custom_field",
        Column("id", Id, nullable=False),
        Column("subject", Words(20), nullable=False),
        Column("key", Words(80), nullable=False),
        Column("label", Words(200), nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("choices", Json, nullable=False),
        Column("is_required", Flag, nullable=False),
        Column("is_printed", Flag, nullable=False),
        Column("is_active", Flag, nullable=False),
        Column("position", Count, nullable=False),
        Column("version", Count, nullable=False),
        CheckConstraint("subject IN ('customer', 'product', 'document', 'line')", name="subject"),
        CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes_no')", name="kind"),
        UniqueConstraint("tenant_id", "subject", "key"),
    )
    for table in ("customer", "product", "draft", "draft_line"):
        add_columns(table, Column("fields", Json, nullable=False, server_default=text("'{}'")))


def _series() -> None:
    """A brand may number its documents by series of its own."""
    add_columns(
        "series",
        Column("brand_id", Id, nullable=True),
        Column("version", Count, nullable=False, server_default=text("1")),
    )
    op.create_index(
        "uq_series_brand", "series", ["tenant_id", "brand_id", "document_type"], unique=True
    )


def _documents() -> None:
    """The credit notes against a document are found without reading all documents."""
    op.create_index(
        "ix_document_credits",
        "document",
        ["tenant_id", "credits_document_id"],
        postgresql_where=text("credits_document_id IS NOT NULL"),
        sqlite_where=text("credits_document_id IS NOT NULL"),
    )


def _customers() -> None:
    add_columns(
        "customer",
        Column("owner_id", Id, nullable=True),
        Column("merged_into_id", Id, nullable=True),
        Column("erased_at", Instant, nullable=True),
    )
    op.create_index("ix_customer_name", "customer", ["tenant_id", "name", "id"])
    op.create_index(
        "ix_customer_merged",
        "customer",
        ["tenant_id", "merged_into_id"],
        postgresql_where=text("merged_into_id IS NOT NULL"),
        sqlite_where=text("merged_into_id IS NOT NULL"),
    )
    op.create_index("ix_customer_owner", "customer", ["tenant_id", "owner_id", "name", "id"])
    op.create_index("ix_customer_tax_number", "customer", ["tenant_id", "tax_number"])
    op.create_index("ix_customer_email", "customer", ["tenant_id", "email"])
    tenant_table(
        "customer_tag",
        Column("customer_id", Id, nullable=False),
        Column("tag", Words(80), nullable=False),
        references("customer_id", to="customer"),
        Index("ix_customer_tag_tag", "tenant_id", "tag", "customer_id"),
        key=("customer_id", "tag"),
    )
    tenant_table(
        "customer_note",
        Column("id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("author_id", Id, nullable=True),
        Column("text", Prose, nullable=False),
        Column("written_at", Instant, nullable=False),
        references("customer_id", to="customer"),
        Index("ix_customer_note_customer", "tenant_id", "customer_id", "id"),
        updatable=("customer_id",),
    )
    add_columns(
        "tenant", Column("retention_years", Count, nullable=False, server_default=text("10"))
    )


def _erasure() -> None:
    """What a person was sent may be emptied after retention; nothing else of it may change."""
    add_columns("file", Column("erased_at", Instant, nullable=True))
    add_columns("delivery_preference", Column("formats_by_channel", Json, nullable=True))
    let_be_emptied("delivery", subject="''", text="''", html="''")
    let_be_emptied("delivery_recipient", address="''", name="''")
    let_be_emptied("delivery_step", address="''", detail="''", facts="'{}'")


def _drafts() -> None:
    add_columns(
        "draft",
        Column("buyer_reference", Words(80), nullable=True),
        Column("language", Words(20), nullable=False, server_default=text("''")),
        Column("payment_days", Count, nullable=True),
        Column("terms", Prose, nullable=False, server_default=text("''")),
        Column("reference", Words(80), nullable=False, server_default=text("''")),
        Column("brand_id", Id, nullable=True),
    )
    add_columns("draft_line", Column("key", Id, nullable=True))
    op.create_index("ix_draft_state", "draft", ["tenant_id", "state", "id"])
    tenant_table(
        "document_link",
        Column("parent_id", Id, nullable=False),
        Column("child_id", Id, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("part", Words(10), nullable=False),
        Column("made_at", Instant, nullable=False),
        CheckConstraint("kind IN ('split', 'merged', 'rebilled', 'duplicated')", name="kind"),
        CheckConstraint("parent_id <> child_id", name="other"),
        Index("ix_document_link_child", "tenant_id", "child_id"),
        key=("parent_id", "child_id"),
        append_only=True,
    )


def _people() -> None:
    tenant_table(
        "role",
        Column("id", Id, nullable=False),
        Column("code", Words(80), nullable=False),
        Column("title", Words(200), nullable=False),
        Column("summary", Prose, nullable=False),
        Column("permissions", Json, nullable=False),
        Column("version", Count, nullable=False),
        UniqueConstraint("tenant_id", "code"),
    )
    add_columns(
        "member",
        Column("scope", Words(10), nullable=False, server_default=text("'all'")),
        Column("scope_tags", Json, nullable=False, server_default=text("'[]'")),
    )
    tenant_table(
        "saved_view",
        Column("id", Id, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("list", Words(80), nullable=False),
        Column("title", Words(200), nullable=False),
        Column("query", Prose, nullable=False),
        Column("is_shared", Flag, nullable=False),
        Column("made_at", Instant, nullable=False),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        Index("ix_saved_view_list", "tenant_id", "list"),
    )
    tenant_table(
        "notification",
        Column("id", Id, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("kind", Words(80), nullable=False),
        Column("facts", Json, nullable=False),
        Column("object_kind", Words(80), nullable=False),
        Column("object_id", Id, nullable=True),
        Column("key", Words(200), nullable=False),
        Column("happened_at", Instant, nullable=False),
        Column("read_at", Instant, nullable=True),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        UniqueConstraint("tenant_id", "person_id", "key"),
        Index("ix_notification_person", "tenant_id", "person_id", "id"),
        partial_index("ix_notification_unread", "tenant_id", "person_id", where="read_at IS NULL"),
        updatable=("read_at",),
    )


def _second_factors() -> None:
    """Of a person, whichever companies they work for."""
    control_table(
        "second_factor",
        Column("id", Id, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("name", Words(200), nullable=False),
        Column("sealed", Bytes, nullable=True),
        Column("credential_id", Bytes, nullable=True),
        Column("public_key", Bytes, nullable=True),
        Column("uses", Count, nullable=False),
        Column("is_confirmed", Flag, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("used_at", Instant, nullable=True),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        UniqueConstraint("credential_id"),
        CheckConstraint("kind IN ('totp', 'security_key')", name="kind"),
        Index("ix_second_factor_person_id", "person_id"),
    )
    control_table(
        "recovery_code",
        Column("code_hash", Bytes, nullable=False),
        Column("person_id", Id, nullable=False),
        Column("used_at", Instant, nullable=True),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        Index("ix_recovery_code_person_id", "person_id"),
        key=("code_hash",),
    )
    add_columns(
        "login_session",
        Column("proved_at", Instant, nullable=True),
        Column("challenge", Bytes, nullable=True),
        Column("address", Words(80), nullable=False, server_default=text("''")),
        Column("user_agent", Words(500), nullable=False, server_default=text("''")),
    )
    add_columns(
        "tenant",
        Column("requires_second_factor", Flag, nullable=False, server_default=text("false")),
        Column("guide_dismissed", Flag, nullable=False, server_default=text("false")),
    )


def _work() -> None:
    add_columns(
        "bill_run",
        Column("started_by", Id, nullable=True),
        Column("scope", Json, nullable=False, server_default=text("'{}'")),
        Column("is_preview", Flag, nullable=False, server_default=text("false")),
    )
    op.create_index("ix_charge_date", "charge", ["tenant_id", "charged_on", "id"])
    tenant_table(
        "import_run",
        Column("id", Id, nullable=False),
        Column("kind", Words(20), nullable=False),
        Column("file_id", Id, nullable=False),
        Column("name", Words(200), nullable=False),
        Column("options", Json, nullable=False),
        Column("is_dry_run", Flag, nullable=False),
        Column("state", Words(10), nullable=False),
        Column("rows_done", Count, nullable=False),
        Column("rows_total", Count, nullable=False),
        Column("result", Json, nullable=False),
        Column("started_by", Id, nullable=True),
        Column("started_at", Instant, nullable=False),
        Column("finished_at", Instant, nullable=True),
        references("file_id", to="file"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        Index("ix_import_run_started", "tenant_id", "id"),
    )
