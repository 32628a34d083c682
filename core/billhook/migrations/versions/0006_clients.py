"""The client's side: accounts of contacts, links in mails, questions, a portal of the tenant's own."""

from sqlalchemy import text

from billhook.migrations.control import control_table
from billhook.sdk.migrations import (
    Amount,
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
    partial_index,
    references,
    tenant_table,
)

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _choices()
    _accounts()
    _traces()
    _portal()
    _questions()


def _choices() -> None:
    add_columns(
        "contact",
        Column("portal_rights", Json, nullable=False, server_default=text("'[]'")),
        Column("language", Words(20), nullable=False, server_default=text("''")),
        Column("mails", Json, nullable=False, server_default=text("'[]'")),
    )
    add_columns(
        "brand",
        Column("font", Words(80), nullable=False, server_default=text("''")),
        Column("favicon_file_id", Id, nullable=True),
        Column("legal_links", Json, nullable=False, server_default=text("'[]'")),
    )


def _accounts() -> None:
    tenant_table(
        "client_credential",
        Column("contact_id", Id, nullable=False),
        Column("password_hash", Words(500), nullable=False),
        Column("changed_at", Instant, nullable=False),
        references("contact_id", to="contact"),
        key=("contact_id",),
    )
    tenant_table(
        "client_link",
        Column("token_hash", Bytes, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("viewer_id", Id, nullable=True),
        Column("purpose", Words(10), nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("used_at", Instant, nullable=True),
        references("contact_id", to="contact"),
        references("customer_id", to="customer"),
        CheckConstraint("(purpose = 'look') = (viewer_id IS NOT NULL)", name="viewer"),
        CheckConstraint("(purpose = 'look') = (contact_id IS NULL)", name="contact"),
        CheckConstraint("purpose IN ('invitation', 'reset', 'look')", name="purpose"),
        Index("ix_client_link_contact", "tenant_id", "contact_id"),
        key=("token_hash",),
    )
    tenant_table(
        "client_session",
        Column("token_hash", Bytes, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("viewer_id", Id, nullable=True),
        Column("created_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("proved_at", Instant, nullable=True),
        Column("address", Words(80), nullable=False),
        Column("user_agent", Words(500), nullable=False),
        references("contact_id", to="contact"),
        references("customer_id", to="customer"),
        CheckConstraint("(viewer_id IS NULL) <> (contact_id IS NULL)", name="whose"),
        Index("ix_client_session_contact", "tenant_id", "contact_id"),
        key=("token_hash",),
    )
    tenant_table(
        "client_factor",
        Column("id", Id, nullable=False),
        Column("contact_id", Id, nullable=False),
        Column("sealed", Bytes, nullable=False),
        Column("uses", Count, nullable=False),
        Column("is_confirmed", Flag, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("used_at", Instant, nullable=True),
        references("contact_id", to="contact"),
        UniqueConstraint("tenant_id", "contact_id"),
    )
    tenant_table(
        "client_recovery_code",
        Column("code_hash", Bytes, nullable=False),
        Column("contact_id", Id, nullable=False),
        Column("used_at", Instant, nullable=True),
        references("contact_id", to="contact"),
        Index("ix_client_recovery_code_contact", "tenant_id", "contact_id"),
        key=("code_hash",),
    )


def _traces() -> None:
    tenant_table(
        "guest_link",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("revoked_at", Instant, nullable=True),
        Column("opened_at", Instant, nullable=True),
        references("document_id", to="document"),
        Index("ix_guest_link_document", "tenant_id", "document_id"),
        updatable=("revoked_at", "opened_at"),
    )
    tenant_table(
        "document_seen",
        Column("document_id", Id, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("guest_link_id", Id, nullable=True),
        references("document_id", to="document"),
        key=("document_id",),
        updatable=(),
    )
    tenant_table(
        "portal_visit",
        Column("id", Id, nullable=False),
        Column("happened_at", Instant, nullable=False),
        Column("kind", Words(80), nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("guest_link_id", Id, nullable=True),
        Column("viewer_id", Id, nullable=True),
        Column("object_kind", Words(80), nullable=False),
        Column("object_id", Id, nullable=True),
        Column("address", Words(80), nullable=False),
        Column("user_agent", Words(200), nullable=False),
        references("customer_id", to="customer"),
        Index("ix_portal_visit_customer", "tenant_id", "customer_id", "id"),
        updatable=("address", "user_agent"),  # an erasure takes them
    )
    tenant_table(
        "client_notice",
        Column("id", Id, nullable=False),
        Column("contact_id", Id, nullable=False),
        Column("kind", Words(80), nullable=False),
        Column("facts", Json, nullable=False),
        Column("object_kind", Words(80), nullable=False),
        Column("object_id", Id, nullable=True),
        Column("key", Words(200), nullable=False),
        Column("happened_at", Instant, nullable=False),
        Column("read_at", Instant, nullable=True),
        references("contact_id", to="contact"),
        UniqueConstraint("tenant_id", "contact_id", "key"),
        Index("ix_client_notice_contact", "tenant_id", "contact_id", "id"),
        Index("ix_client_notice_object", "tenant_id", "object_id"),
        partial_index(
            "ix_client_notice_unread", "tenant_id", "contact_id", where="read_at IS NULL"
        ),
    )


def _portal() -> None:
    control_table(
        "portal_domain",
        Column("domain", Words(253), nullable=False),
        Column("tenant_id", Id, nullable=False),
        Column("brand_id", Id, nullable=True),
        Column("token", Words(80), nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("verified_at", Instant, nullable=True),
        ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
        partial_index(
            "uq_portal_domain_verified", "domain", where="verified_at IS NOT NULL", unique=True
        ),
        key=("domain", "tenant_id"),
    )
    tenant_table(
        "portal_setting",
        Column("is_open", Flag, nullable=False),
        Column("link_days", Count, nullable=False),
        Column("approvals", Json, nullable=False),
        Column("message", Prose, nullable=False),
        Column("version", Count, nullable=False),
        key=(),
    )
    tenant_table(
        "profile_change",
        Column("id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("contact_id", Id, nullable=False),
        Column("changes", Json, nullable=False),
        Column("known", Json, nullable=False),
        Column("state", Words(10), nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("decided_at", Instant, nullable=True),
        Column("decided_by", Id, nullable=True),
        Column("reason", Words(500), nullable=False),
        references("contact_id", to="contact"),
        references("customer_id", to="customer"),
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index("ix_profile_change_customer", "tenant_id", "customer_id", "id"),
        partial_index(
            "uq_profile_change_waiting",
            "tenant_id",
            "customer_id",
            where="state = 'waiting'",
            unique=True,
        ),
    )


def _questions() -> None:
    tenant_table(
        "question",
        Column("id", Id, nullable=False),
        Column("document_id", Id, nullable=False),
        Column("customer_id", Id, nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("guest_link_id", Id, nullable=True),
        Column("kind", Words(10), nullable=False),
        Column("reason", Words(80), nullable=False),
        Column("line_no", Count, nullable=True),
        Column("amount", Amount, nullable=True),
        Column("state", Words(10), nullable=False),
        Column("assignee_id", Id, nullable=True),
        Column("asked_at", Instant, nullable=False),
        Column("closed_at", Instant, nullable=True),
        Column("version", Count, nullable=False),
        references("customer_id", to="customer"),
        references("document_id", to="document"),
        CheckConstraint("kind IN ('question', 'dispute')", name="kind"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint("state IN ('open', 'answered', 'closed')", name="state"),
        Index("ix_question_customer", "tenant_id", "customer_id", "id"),
        partial_index(
            "ix_question_disputed",
            "tenant_id",
            "document_id",
            where="kind = 'dispute' AND state <> 'closed'",
        ),
        Index("ix_question_document", "tenant_id", "document_id"),
        Index("ix_question_state", "tenant_id", "state", "id"),
    )
    tenant_table(
        "question_message",
        Column("id", Id, nullable=False),
        Column("question_id", Id, nullable=False),
        Column("author", Words(10), nullable=False),
        Column("contact_id", Id, nullable=True),
        Column("person_id", Id, nullable=True),
        Column("text", Prose, nullable=False),
        Column("act", Words(10), nullable=False),
        Column("written_at", Instant, nullable=False),
        references("question_id", to="question"),
        CheckConstraint("author IN ('client', 'company')", name="author"),
        Index("ix_question_message_question", "tenant_id", "question_id", "id"),
        updatable=("text",),  # by an erasure alone
    )
    tenant_table(
        "question_file",
        Column("message_id", Id, nullable=False),
        Column("file_id", Id, nullable=False),
        references("file_id", to="file"),
        references("message_id", to="question_message"),
        key=("message_id", "file_id"),
        updatable=(),
    )
