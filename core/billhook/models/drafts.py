"""Drafts: what may become a document. They share the document's UUID."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Day, Exact, Id, Instant, Json, Prose, Words
from billhook.db import EntityRow, TenantRow, references
from billhook.ids import new_id


class Draft(EntityRow):
    """Priced, grouped and open to change; taxed and numbered when it is issued."""

    __tablename__ = "draft"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        references("credits_document_id", to="document"),
        CheckConstraint("state IN ('open', 'approved', 'discarded')", name="state"),
        Index("ix_draft_payer", "tenant_id", "payer_id"),
        Index("ix_draft_state", "tenant_id", "state", "id"),
    )

    type: Mapped[str] = mapped_column(Words(20))
    state: Mapped[str] = mapped_column(Words(10))
    customer_id: Mapped[UUID] = mapped_column(Id)
    payer_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    delivery_country: Mapped[str] = mapped_column(Words(2), default="")
    purchase_order: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    note: Mapped[str] = mapped_column(Prose, default="")
    credits_document_id: Mapped[UUID | None] = mapped_column(Id)
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """Discounts and surcharges of the whole document."""
    run_id: Mapped[UUID | None] = mapped_column(Id)
    issue_on: Mapped[date | None] = mapped_column(Day)
    """Asked for by the run; the day of issue where empty."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)
    buyer_reference: Mapped[str | None] = mapped_column(Words(limits.CODE))  # BT-10
    """The customer's own where None."""
    language: Mapped[str] = mapped_column(Words(20), default="")
    """The customer's where empty."""
    payment_days: Mapped[int | None] = mapped_column(Count)
    """The customer's where None."""
    terms: Mapped[str] = mapped_column(Prose, default="")  # BT-20
    reference: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """Which part of a split it is, such as INV-2026-0012-A."""
    brand_id: Mapped[UUID | None] = mapped_column(Id)
    """The customer's where None."""
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Values of the tenant's own fields, by their keys."""


class DraftLine(TenantRow):
    """A line with its frozen price; its tax is assessed anew until issue."""

    __tablename__ = "draft_line"
    __table_args__ = (
        references("draft_id", to="draft", ondelete="CASCADE"),
        references("product_id", to="product"),
        references("charge_id", to="charge"),
    )

    draft_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line_no: Mapped[int] = mapped_column(Count, primary_key=True)
    key: Mapped[UUID | None] = mapped_column(Id, default=new_id)
    """The same while the draft is edited, wherever the line moves; None on those of old."""
    description: Mapped[str] = mapped_column(Prose)
    sku: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    unit: Mapped[str] = mapped_column(Words(10), default="")
    quantity: Mapped[Decimal] = mapped_column(Exact)
    unit_price: Mapped[Decimal] = mapped_column(Exact)
    base_quantity: Mapped[Decimal] = mapped_column(Exact)
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    supply: Mapped[str] = mapped_column(Words(20))
    tax_category: Mapped[str] = mapped_column(Words(limits.CODE))
    revenue_account: Mapped[str] = mapped_column(Words(20), default="")
    supplied_on: Mapped[date] = mapped_column(Day)
    period_start: Mapped[date | None] = mapped_column(Day)
    period_end: Mapped[date | None] = mapped_column(Day)
    section_key: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    section_label: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    product_id: Mapped[UUID | None] = mapped_column(Id)
    charge_id: Mapped[UUID | None] = mapped_column(Id)
    explanation: Mapped[str] = mapped_column(Prose, default="")
    plugins: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Name and version of the plugins that priced it."""
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)


class DraftAttachment(TenantRow):
    """A file that goes out with the document."""

    __tablename__ = "draft_attachment"
    __table_args__ = (
        references("draft_id", to="draft", ondelete="CASCADE"),
        references("file_id", to="file"),
    )

    draft_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    file_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    position: Mapped[int] = mapped_column(Count)
