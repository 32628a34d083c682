"""What the tenant sells, and its price versions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Day, Flag, Id, Instant, Json, Prose, Words
from billhook.db import EntityRow, partial_index, references


class Product(EntityRow):
    """A thing sold; prices stand beside it, by currency and date."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("tenant_id", "sku"),)

    sku: Mapped[str] = mapped_column(Words(limits.CODE))
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    description: Mapped[str] = mapped_column(Prose, default="")
    unit: Mapped[str] = mapped_column(Words(10), default="C62")  # UN/ECE Recommendation 20
    supply: Mapped[str] = mapped_column(Words(20), default="")
    """goods, service or electronic_service; empty takes the tenant's."""
    tax_category: Mapped[str] = mapped_column(Words(limits.CODE), default="standard")
    revenue_account: Mapped[str] = mapped_column(Words(20), default="")
    is_active: Mapped[bool] = mapped_column(Flag, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Values of the tenant's own fields, by their keys."""


class Price(EntityRow):
    """An immutable price version; a customer's own comes before the product's."""

    __tablename__ = "price"
    __table_args__ = (
        references("product_id", to="product"),
        references("customer_id", to="customer"),
        Index("ix_price_lookup", "tenant_id", "product_id", "currency", "valid_from"),
        partial_index(
            "uq_price_version",
            "tenant_id",
            "product_id",
            "currency",
            "valid_from",
            where="customer_id IS NULL",
            unique=True,
        ),
        partial_index(
            "uq_price_own_version",
            "tenant_id",
            "product_id",
            "customer_id",
            "currency",
            "valid_from",
            where="customer_id IS NOT NULL",
            unique=True,
        ),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity"),
    )

    product_id: Mapped[UUID] = mapped_column(Id)
    customer_id: Mapped[UUID | None] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    model: Mapped[str] = mapped_column(Words(limits.CODE))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    valid_from: Mapped[date] = mapped_column(Day)
    valid_to: Mapped[date | None] = mapped_column(Day)  # the first day without it
    created_at: Mapped[datetime] = mapped_column(Instant)
