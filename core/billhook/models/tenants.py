"""Tenants: one legal entity each, with one base currency and its tax registrations."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Day, Flag, Id, Instant, Json, Words
from billhook.db import ControlRow, EntityRow


class Tenant(ControlRow):
    """Found by slug or id before anything else; readable without a tenant in scope."""

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint(
            "clock_offset_seconds = 0 OR (clock_offset_seconds > 0 AND is_sandbox = (1 = 1))",
            name="clock_offset",
        ),
        CheckConstraint("cash_rounding >= 0", name="cash_rounding"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(Words(limits.CODE), unique=True)
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    country: Mapped[str] = mapped_column(Words(2))
    subdivision: Mapped[str] = mapped_column(Words(10), default="")
    street: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    postal_code: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    city: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    email: Mapped[str] = mapped_column(Words(limits.EMAIL), default="")
    extra: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    legal_id: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    legal_id_scheme: Mapped[str] = mapped_column(Words(10), default="")
    electronic_address: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    electronic_scheme: Mapped[str] = mapped_column(Words(10), default="")
    contact_name: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    phone: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    channels: Mapped[list[str]] = mapped_column(Json, default=list)
    """How issued documents go out by themselves; none for only on demand."""
    formats: Mapped[list[str]] = mapped_column(Json, default=list)
    """The e-invoice formats that its documents must pass."""
    currency: Mapped[str] = mapped_column(Words(3))
    time_zone: Mapped[str] = mapped_column(Words(limits.CODE))
    language: Mapped[str] = mapped_column(Words(20))
    supplies: Mapped[str] = mapped_column(Words(20))
    """What it sells where a product does not say: goods, service, electronic_service."""
    tax_engine: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    tax_rounding: Mapped[str] = mapped_column(Words(10), default="group")
    prices_include_tax: Mapped[bool] = mapped_column(Flag, default=False)
    cash_rounding: Mapped[int] = mapped_column(Count, default=0)
    payment_days: Mapped[int] = mapped_column(Count, default=30)
    retention_years: Mapped[int] = mapped_column(Count, default=10)
    """How long the law asks to keep documents whole before personal data may go."""
    requires_second_factor: Mapped[bool] = mapped_column(Flag, default=False)
    guide_dismissed: Mapped[bool] = mapped_column(Flag, default=False)
    is_sandbox: Mapped[bool] = mapped_column(Flag)
    clock_offset_seconds: Mapped[int] = mapped_column(Count, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)


class TaxRegistration(EntityRow):
    """The tenant's registration for tax in one jurisdiction."""

    __tablename__ = "tax_registration"
    __table_args__ = (UniqueConstraint("tenant_id", "country", "subdivision", "scheme", "number"),)

    country: Mapped[str] = mapped_column(Words(2))
    subdivision: Mapped[str] = mapped_column(Words(10), default="")
    scheme: Mapped[str] = mapped_column(Words(20))
    number: Mapped[str] = mapped_column(Words(limits.CODE))
    valid_from: Mapped[date | None] = mapped_column(Day)
    valid_to: Mapped[date | None] = mapped_column(Day)
