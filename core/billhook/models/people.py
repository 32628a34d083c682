"""People who work in tenants: who they are, how they prove it, where they sit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Flag, Id, Instant, Words
from billhook.db import ControlRow, EntityRow


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
