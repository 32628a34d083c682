"""Clients at the portal: how contacts prove who they are, what they were told and what they did."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Flag, Id, Instant, Json, Words
from billhook.db import EntityRow, TenantRow, partial_index, references


class ClientCredential(TenantRow):
    """The Argon2id hash of a contact's password; who has one has an account."""

    __tablename__ = "client_credential"
    __table_args__ = (references("contact_id", to="contact"),)

    contact_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    password_hash: Mapped[str] = mapped_column(Words(500))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ClientLink(TenantRow):
    """A link that opens the portal once: an invitation, a password reset, a look by a member."""

    __tablename__ = "client_link"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("contact_id", to="contact"),
        CheckConstraint("purpose IN ('invitation', 'reset', 'look')", name="purpose"),
        CheckConstraint("(purpose = 'look') = (viewer_id IS NOT NULL)", name="viewer"),
        CheckConstraint("(purpose = 'look') = (contact_id IS NULL)", name="contact"),
        Index("ix_client_link_contact", "tenant_id", "contact_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Id)
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    viewer_id: Mapped[UUID | None] = mapped_column(Id)
    """The person of the company who looks, without an account of the client's."""
    purpose: Mapped[str] = mapped_column(Words(10))
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class ClientSession(TenantRow):
    """A browser's session at the portal, by the SHA-256 of its token; its deletion ends it."""

    __tablename__ = "client_session"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("contact_id", to="contact"),
        CheckConstraint("(viewer_id IS NULL) <> (contact_id IS NULL)", name="whose"),
        Index("ix_client_session_contact", "tenant_id", "contact_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(Id)
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    viewer_id: Mapped[UUID | None] = mapped_column(Id)
    """The person of the company who looks at the client's pages and can change nothing there."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the contact proved who they are in full; None while the second factor is owed."""
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    user_agent: Mapped[str] = mapped_column(Words(500), default="")


class ClientFactor(EntityRow):
    """An authenticator app, which proves a contact beside the password."""

    __tablename__ = "client_factor"
    __table_args__ = (
        references("contact_id", to="contact"),
        UniqueConstraint("tenant_id", "contact_id"),
    )

    contact_id: Mapped[UUID] = mapped_column(Id)
    sealed: Mapped[bytes] = mapped_column(Bytes)
    """The shared secret, sealed by Fernet."""
    uses: Mapped[int] = mapped_column(Count, default=0)
    """The last time step that was taken: none is taken twice."""
    is_confirmed: Mapped[bool] = mapped_column(Flag, default=False)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class ClientRecoveryCode(TenantRow):
    """The SHA-256 of a code that stands in for the second factor, once."""

    __tablename__ = "client_recovery_code"
    __table_args__ = (
        references("contact_id", to="contact"),
        Index("ix_client_recovery_code_contact", "tenant_id", "contact_id"),
    )

    code_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(Id)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class GuestLink(EntityRow):
    """A link in a mail that shows one document without a log-in. Its signature is not stored."""

    __tablename__ = "guest_link"
    __table_args__ = (
        references("document_id", to="document"),
        Index("ix_guest_link_document", "tenant_id", "document_id"),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was first opened."""


class DocumentSeen(TenantRow):
    """When a client first saw a document at the portal."""

    __tablename__ = "document_seen"
    __table_args__ = (references("document_id", to="document"),)

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    guest_link_id: Mapped[UUID | None] = mapped_column(Id)


class PortalVisit(EntityRow):
    """What was done at the portal, by whom; kept for the company that bills."""

    __tablename__ = "portal_visit"
    __table_args__ = (
        references("customer_id", to="customer"),
        Index("ix_portal_visit_customer", "tenant_id", "customer_id", "id"),
    )

    happened_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(Words(limits.CODE))
    customer_id: Mapped[UUID] = mapped_column(Id)
    contact_id: Mapped[UUID | None] = mapped_column(Id)
    guest_link_id: Mapped[UUID | None] = mapped_column(Id)
    viewer_id: Mapped[UUID | None] = mapped_column(Id)
    object_kind: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    object_id: Mapped[UUID | None] = mapped_column(Id)
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    user_agent: Mapped[str] = mapped_column(Words(limits.NAME), default="")


class ClientNotice(EntityRow):
    """What a contact should know when they open the portal; once per contact and key."""

    __tablename__ = "client_notice"
    __table_args__ = (
        references("contact_id", to="contact"),
        UniqueConstraint("tenant_id", "contact_id", "key"),
        Index("ix_client_notice_contact", "tenant_id", "contact_id", "id"),
        Index("ix_client_notice_object", "tenant_id", "object_id"),
        partial_index(
            "ix_client_notice_unread", "tenant_id", "contact_id", where="read_at IS NULL"
        ),
    )

    contact_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Words(limits.CODE))
    facts: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    object_kind: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    object_id: Mapped[UUID | None] = mapped_column(Id)
    key: Mapped[str] = mapped_column(Words(200))
    happened_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
