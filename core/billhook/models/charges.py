"""Charges, the queue of those that wait, and the claims that bill each once."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Amount, Bytes, Day, Exact, Flag, Id, Instant, Json, Prose, Words
from billhook.db import EntityRow, TenantRow, references


class ChargeRow(EntityRow):
    """Append-only. Its state is where it stands: queue, claim, or neither."""

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("tenant_id", "source", "reference"),
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        references("product_id", to="product"),
        CheckConstraint(
            "(amount IS NOT NULL AND unit_price IS NULL)"
            " OR (amount IS NULL AND unit_price IS NOT NULL)"
            " OR (amount IS NULL AND unit_price IS NULL AND product_id IS NOT NULL)",
            name="priced_once",
        ),
        CheckConstraint("(period_start IS NULL) = (period_end IS NULL)", name="period_whole"),
        CheckConstraint("period_end > period_start", name="period_order"),
        Index("ix_charge_customer", "tenant_id", "customer_id", "charged_on"),
        Index("ix_charge_date", "tenant_id", "charged_on", "id"),
    )

    source: Mapped[str] = mapped_column(Words(limits.CODE))
    reference: Mapped[str] = mapped_column(Words(limits.CODE))
    customer_id: Mapped[UUID] = mapped_column(Id)
    payer_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    charged_on: Mapped[date] = mapped_column(Day)
    period_start: Mapped[date | None] = mapped_column(Day)
    period_end: Mapped[date | None] = mapped_column(Day)
    description: Mapped[str] = mapped_column(Prose)
    sku: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    unit: Mapped[str] = mapped_column(Words(10), default="")
    product_id: Mapped[UUID | None] = mapped_column(Id)
    quantity: Mapped[Decimal] = mapped_column(Exact)
    unit_price: Mapped[Decimal | None] = mapped_column(Exact)
    base_quantity: Mapped[Decimal] = mapped_column(Exact)
    amount: Mapped[int | None] = mapped_column(Amount)
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    supply: Mapped[str] = mapped_column(Words(20), default="")
    tax_category: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    revenue_account: Mapped[str] = mapped_column(Words(20), default="")
    group_key: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    group_label: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    purchase_order: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    delivery_country: Mapped[str] = mapped_column(Words(2), default="")
    content_hash: Mapped[bytes] = mapped_column(Bytes)
    """SHA-256 of what the source sent; the same reference with another is an error."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class ChargeOpen(TenantRow):
    """The queue: a charge that waits. Claiming deletes the row."""

    __tablename__ = "charge_open"
    __table_args__ = (
        references("charge_id", to="charge"),
        Index("ix_charge_open_payer", "tenant_id", "payer_id", "charged_on"),
    )

    charge_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    payer_id: Mapped[UUID] = mapped_column(Id)
    charged_on: Mapped[date] = mapped_column(Day)
    is_held: Mapped[bool] = mapped_column(Flag, default=False)


class ChargeClaim(TenantRow):
    """The only guard against billing twice: one holder, a draft or document, per charge.

    Deleted when its draft is discarded; permanent once a document line refers to it.
    """

    __tablename__ = "charge_claim"
    __table_args__ = (
        references("charge_id", to="charge"),
        UniqueConstraint("tenant_id", "charge_id", "holder_id"),
        Index("ix_charge_claim_holder", "tenant_id", "holder_id"),
    )

    charge_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    holder_id: Mapped[UUID] = mapped_column(Id)
