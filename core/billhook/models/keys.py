"""Keys of programs, and what was asked with them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Count, Id, Instant, Json, Words
from billhook.db import ControlRow, EntityRow, references


class ApiSecret(ControlRow):
    """The SHA-256 of what a program shows; it leads to the tenant and the key."""

    __tablename__ = "api_secret"

    secret_hash: Mapped[bytes] = mapped_column(Bytes, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("tenant.id"))
    key_id: Mapped[UUID] = mapped_column(Id, index=True)
    hint: Mapped[str] = mapped_column(Words(20))
    """Its first characters, by which people tell keys apart."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it is worth nothing any more: the key's end, or that of its overlap after a rotation."""


class ApiKey(EntityRow):
    """A program that may use the API: what it may do, and how often."""

    __tablename__ = "api_key"

    name: Mapped[str] = mapped_column(Words(limits.NAME))
    scopes: Mapped[list[str]] = mapped_column(Json)
    api_version: Mapped[str] = mapped_column(Words(10))
    """The dated version that it was made in, and is answered in where it names none."""
    requests_per_minute: Mapped[int] = mapped_column(Count)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    made_by: Mapped[UUID | None] = mapped_column(Id)
    """The person or key that made it."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    used_from: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """The network address of its last use."""
    version: Mapped[int] = mapped_column(Count, default=1)


class ApiRequest(EntityRow):
    """A request to the API, without its content; its id is the request's."""

    __tablename__ = "api_request"
    __table_args__ = (
        references("key_id", to="api_key"),
        Index("ix_api_request_key", "tenant_id", "key_id", "id"),
    )

    key_id: Mapped[UUID] = mapped_column(Id)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    method: Mapped[str] = mapped_column(Words(10))
    route: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    path: Mapped[str] = mapped_column(Words(limits.NAME))
    """Without the query."""
    status: Mapped[int] = mapped_column(Count)
    problem: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """The code of the problem that it was refused with."""
    milliseconds: Mapped[int] = mapped_column(Count)
    address: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    user_agent: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    api_version: Mapped[str] = mapped_column(Words(10), default="")
