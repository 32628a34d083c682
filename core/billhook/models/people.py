"""People who work in tenants: who they are, how they prove it, where they sit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Flag, Id, Instant, Json, Prose, Words
from billhook.db import ControlRow, EntityRow, partial_index


class Person(ControlRow):
    """A human being, once, whatever number of tenants they work for."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(Words(limits.EMAIL), unique=True)  # in lower case
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    language: Mapped[str] = mapped_column(Words(20))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Credential(ControlRow):
    """The Argon2id hash of a person's password."""

    __tablename__ = "credential"

    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str] = mapped_column(Words(500))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class OneTimeLink(ControlRow):
    """An invitation or password reset: the SHA-256 of its token, usable once."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), index=True)
    tenant_id: Mapped[UUID | None] = mapped_column(Id, ForeignKey("tenant.id"))
    """The tenant that invites, and the only one that the link opens; None resets a password."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginSession(ControlRow):
    """A browser's session, by the SHA-256 of its token; ending it is a row's deletion."""

    __tablename__ = "login_session"

    token_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), index=True)
    tenant_id: Mapped[UUID | None] = mapped_column(Id, ForeignKey("tenant.id"))
    """The tenant that the person picked; checked against their seat at each request."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    proved_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the person proved who they are in full; None while the second factor is owed."""
    challenge: Mapped[bytes | None] = mapped_column(Bytes)
    """What a security key is asked to sign; used once."""
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    user_agent: Mapped[str] = mapped_column(Words(500), default="")


class SecondFactor(ControlRow):
    """What proves a person beside their password: an authenticator app or a security key."""

    __tablename__ = "second_factor"
    __table_args__ = (CheckConstraint("kind IN ('totp', 'security_key')", name="kind"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(Words(20))
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    sealed: Mapped[bytes | None] = mapped_column(Bytes)
    """The shared secret of an authenticator app, sealed by Fernet."""
    credential_id: Mapped[bytes | None] = mapped_column(Bytes, unique=True)
    public_key: Mapped[bytes | None] = mapped_column(Bytes)
    uses: Mapped[int] = mapped_column(Count, default=0)
    """A key's signature counter, or the last time step of an app: neither is taken twice."""
    is_confirmed: Mapped[bool] = mapped_column(Flag, default=False)
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(ControlRow):
    """The SHA-256 of a code that stands in for the second factor, once."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), index=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Seat(ControlRow):
    """Ids only: in which tenants a person may look for a membership."""

    __tablename__ = "seat"

    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("tenant.id"), primary_key=True)


class Member(EntityRow):
    """A person's seat in a tenant, with a role."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("tenant_id", "person_id"),)

    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(Words(limits.CODE))
    is_active: Mapped[bool] = mapped_column(Flag, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    scope: Mapped[str] = mapped_column(Words(10), default="all")
    """Whose customers the member sees: all, own, or tags (own ones and those with a tag)."""
    scope_tags: Mapped[list[str]] = mapped_column(Json, default=list)


class RoleRow(EntityRow):
    """A tenant's own bundle of permissions, beside the roles that everybody has."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    code: Mapped[str] = mapped_column(Words(limits.CODE))
    title: Mapped[str] = mapped_column(Words(limits.NAME))
    summary: Mapped[str] = mapped_column(Prose, default="")
    permissions: Mapped[list[str]] = mapped_column(Json)
    version: Mapped[int] = mapped_column(Count, default=1)


class SavedView(EntityRow):
    """A list's filters, sort and columns under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_list", "tenant_id", "list"),)

    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"))
    list: Mapped[str] = mapped_column(Words(limits.CODE))
    title: Mapped[str] = mapped_column(Words(limits.NAME))
    query: Mapped[str] = mapped_column(Prose)
    is_shared: Mapped[bool] = mapped_column(Flag, default=False)
    made_at: Mapped[datetime] = mapped_column(Instant)


class Notification(EntityRow):
    """What a member should know; once per person and key."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "key"),
        Index("ix_notification_person", "tenant_id", "person_id", "id"),
        partial_index("ix_notification_unread", "tenant_id", "person_id", where="read_at IS NULL"),
    )

    person_id: Mapped[UUID] = mapped_column(Id, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(Words(limits.CODE))
    facts: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    object_kind: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    object_id: Mapped[UUID | None] = mapped_column(Id)
    key: Mapped[str] = mapped_column(Words(200))
    happened_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
