"""Issued documents: append-only, written by the kernel alone."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import (
    Amount,
    Bytes,
    Count,
    Day,
    Exact,
    Flag,
    Id,
    Instant,
    Json,
    Prose,
    Words,
)
from billhook.db import EntityRow, TenantRow, partial_index, references


class Series(EntityRow):
    """A numbering scheme for one type of document."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("uq_series_brand", "tenant_id", "brand_id", "document_type", unique=True),
    )

    code: Mapped[str] = mapped_column(Words(limits.CODE))
    document_type: Mapped[str] = mapped_column(Words(20))
    pattern: Mapped[str] = mapped_column(Words(60))
    restarts_yearly: Mapped[bool] = mapped_column(Flag, default=False)
    first_number: Mapped[int] = mapped_column(Amount, default=1)
    is_default: Mapped[bool] = mapped_column(Flag, default=False)
    brand_id: Mapped[UUID | None] = mapped_column(Id)
    """Whose documents it numbers; none for those of brands without a series of their own."""
    version: Mapped[int] = mapped_column(Count, default=1)


class SeriesRun(EntityRow):
    """A gapless run of a series: a year of one that restarts, else all of it.

    The head of its hash chain, moved by the guard of its seals and by nothing else.
    """

    __tablename__ = "series_run"
    __table_args__ = (
        references("series_id", to="series"),
        UniqueConstraint("tenant_id", "series_id", "year"),
    )

    series_id: Mapped[UUID] = mapped_column(Id)
    year: Mapped[int] = mapped_column(Count)  # 0 where the series never restarts
    first_number: Mapped[int] = mapped_column(Amount)
    last_number: Mapped[int] = mapped_column(Amount)  # first_number - 1 while empty
    last_hash: Mapped[bytes] = mapped_column(Bytes)
    last_on: Mapped[date | None] = mapped_column(Day)


class PartySnapshotRow(EntityRow):
    """A seller or buyer as frozen. Erasure empties content and salt; the commitment stays."""

    __tablename__ = "party_snapshot"
    __table_args__ = (CheckConstraint("(content IS NULL) = (salt IS NULL)", name="erased_whole"),)

    commitment: Mapped[bytes] = mapped_column(Bytes)
    salt: Mapped[bytes | None] = mapped_column(Bytes)
    content: Mapped[bytes | None] = mapped_column(Bytes)


class DocumentRow(EntityRow):
    """A document's content; its number is in the seal."""

    __tablename__ = "document"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        references("seller_id", to="party_snapshot"),
        references("buyer_id", to="party_snapshot"),
        references("run_id", to="series_run"),
        references("credits_document_id", to="document"),
        ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["document_seal.tenant_id", "document_seal.document_id"],
            deferrable=True,
            initially="DEFERRED",
            name="fk_document_sealed",
            use_alter=True,
        ),
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["entry.tenant_id", "entry.id"],
            name="fk_document_entry",
        ),
        UniqueConstraint("tenant_id", "entry_id"),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint("payable = gross + rounding - prepaid", name="payable"),
        CheckConstraint(
            "CASE WHEN type IN ('invoice', 'credit_note') THEN entry_id IS NOT NULL OR (net = 0"
            " AND tax = 0 AND gross = 0 AND rounding = 0 AND prepaid = 0)"
            " ELSE entry_id IS NULL END",
            name="posted",
        ),
        CheckConstraint(
            "base_currency <> currency OR (base_net = net AND base_tax = tax)", name="base"
        ),
        Index("ix_document_customer", "tenant_id", "customer_id", "issue_on"),
        Index("ix_document_payer", "tenant_id", "payer_id", "issue_on"),
        Index("ix_document_issued", "tenant_id", "issue_on", "id"),
        partial_index(
            "ix_document_credits",
            "tenant_id",
            "credits_document_id",
            where="credits_document_id IS NOT NULL",
        ),
    )

    type: Mapped[str] = mapped_column(Words(20))
    run_id: Mapped[UUID] = mapped_column(Id)
    """The series run that numbers it."""
    customer_id: Mapped[UUID] = mapped_column(Id)
    payer_id: Mapped[UUID] = mapped_column(Id)
    seller_id: Mapped[UUID] = mapped_column(Id)
    buyer_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    digits: Mapped[int] = mapped_column(Count)
    issue_on: Mapped[date] = mapped_column(Day)
    due_on: Mapped[date] = mapped_column(Day)
    language: Mapped[str] = mapped_column(Words(20))
    net: Mapped[int] = mapped_column(Amount)
    tax: Mapped[int] = mapped_column(Amount)
    gross: Mapped[int] = mapped_column(Amount)
    rounding: Mapped[int] = mapped_column(Amount)
    prepaid: Mapped[int] = mapped_column(Amount)
    payable: Mapped[int] = mapped_column(Amount)
    base_currency: Mapped[str] = mapped_column(Words(3))
    base_rate: Mapped[Decimal] = mapped_column(Exact)
    base_rate_on: Mapped[date] = mapped_column(Day)
    base_net: Mapped[int] = mapped_column(Amount)
    base_tax: Mapped[int] = mapped_column(Amount)
    delivery_country: Mapped[str] = mapped_column(Words(2))
    purchase_order: Mapped[str] = mapped_column(Words(limits.CODE))
    credits_document_id: Mapped[UUID | None] = mapped_column(Id)
    entry_id: Mapped[UUID | None] = mapped_column(Id)
    bill_run_id: Mapped[UUID | None] = mapped_column(Id)
    content: Mapped[bytes] = mapped_column(Bytes)
    """The canonical JSON that is hashed; what is not a column here is in it."""
    content_hash: Mapped[bytes] = mapped_column(Bytes)
    issued_at: Mapped[datetime] = mapped_column(Instant)


class DocumentLineRow(TenantRow):
    __tablename__ = "document_line"
    __table_args__ = (
        references("document_id", to="document"),
        references("charge_id", "document_id", to="charge_claim", key=("charge_id", "holder_id")),
        references(
            "credited_document_id",
            "credited_line_no",
            to="document_line",
            key=("document_id", "line_no"),
        ),
        Index("ix_document_line_charge", "tenant_id", "charge_id"),
        Index("ix_document_line_credited", "tenant_id", "credited_document_id"),
    )

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line_no: Mapped[int] = mapped_column(Count, primary_key=True)
    description: Mapped[str] = mapped_column(Prose)
    sku: Mapped[str] = mapped_column(Words(limits.CODE))
    quantity: Mapped[Decimal] = mapped_column(Exact)
    unit_price: Mapped[Decimal] = mapped_column(Exact)
    net: Mapped[int] = mapped_column(Amount)
    group_no: Mapped[int] = mapped_column(Count)
    revenue_account: Mapped[str] = mapped_column(Words(20))
    product_id: Mapped[UUID | None] = mapped_column(Id)
    charge_id: Mapped[UUID | None] = mapped_column(Id)
    credited_document_id: Mapped[UUID | None] = mapped_column(Id)
    credited_line_no: Mapped[int | None] = mapped_column(Count)


class DocumentAdjustmentRow(TenantRow):
    """BG-20, BG-21: signed net, part of the document's net."""

    __tablename__ = "document_adjustment"
    __table_args__ = (references("document_id", to="document"),)

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    adjustment_no: Mapped[int] = mapped_column(Count, primary_key=True)
    kind: Mapped[str] = mapped_column(Words(10))
    reason: Mapped[str] = mapped_column(Words(limits.REASON))
    net: Mapped[int] = mapped_column(Amount)
    group_no: Mapped[int] = mapped_column(Count)
    account: Mapped[str] = mapped_column(Words(20))


class DocumentTaxRow(TenantRow):
    """A component of a tax group: taxable net, rate and tax."""

    __tablename__ = "document_tax"
    __table_args__ = (references("document_id", to="document"),)

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    group_no: Mapped[int] = mapped_column(Count, primary_key=True)
    component_no: Mapped[int] = mapped_column(Count, primary_key=True)
    """0 where the treatment has no tax at all."""
    category: Mapped[str] = mapped_column(Words(10))
    exemption_code: Mapped[str] = mapped_column(Words(limits.CODE))
    tax_name: Mapped[str] = mapped_column(Words(20))
    country: Mapped[str] = mapped_column(Words(2))
    subdivision: Mapped[str] = mapped_column(Words(10))
    kind: Mapped[str] = mapped_column(Words(12))
    rate: Mapped[Decimal] = mapped_column(Exact)
    net: Mapped[int] = mapped_column(Amount)
    tax: Mapped[int] = mapped_column(Amount)
    base_net: Mapped[int] = mapped_column(Amount)
    base_tax: Mapped[int] = mapped_column(Amount)
    registration_id: Mapped[UUID | None] = mapped_column(Id)


class DocumentSeal(TenantRow):
    """The number, the chain link, and the proof that the document is whole."""

    __tablename__ = "document_seal"
    __table_args__ = (
        references("document_id", to="document"),
        references("run_id", to="series_run"),
        UniqueConstraint("tenant_id", "run_id", "number", "hash"),
        UniqueConstraint("tenant_id", "run_id", "number"),
        UniqueConstraint("tenant_id", "run_id", "previous_hash"),
        UniqueConstraint("tenant_id", "printed_number"),
        ForeignKeyConstraint(
            ["tenant_id", "run_id", "previous_number", "previous_hash"],
            [
                "document_seal.tenant_id",
                "document_seal.run_id",
                "document_seal.number",
                "document_seal.hash",
            ],
            name="fk_document_seal_chain",
        ),
        CheckConstraint("previous_number = number - 1", name="gapless"),
    )

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    run_id: Mapped[UUID] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Amount)
    printed_number: Mapped[str] = mapped_column(Words(limits.CODE))
    previous_number: Mapped[int | None] = mapped_column(Amount)
    previous_hash: Mapped[bytes] = mapped_column(Bytes)
    content_hash: Mapped[bytes] = mapped_column(Bytes)
    hash: Mapped[bytes] = mapped_column(Bytes)


class DocumentEvent(EntityRow):
    """What happened to a document after issue; the document itself never changes."""

    __tablename__ = "document_event"
    __table_args__ = (
        references("document_id", to="document"),
        references("related_id", to="document"),
        Index("ix_document_event_document", "tenant_id", "document_id"),
        partial_index(
            "uq_document_event_void",
            "tenant_id",
            "document_id",
            where="kind = 'voided'",
            unique=True,
        ),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Words(20))
    related_id: Mapped[UUID | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(Words(limits.REASON), default="")
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    happened_at: Mapped[datetime] = mapped_column(Instant)


class DocumentLink(TenantRow):
    """What became of what: both sides are drafts or documents, which share their ids."""

    __tablename__ = "document_link"
    __table_args__ = (
        CheckConstraint("kind IN ('split', 'merged', 'rebilled', 'duplicated')", name="kind"),
        CheckConstraint("parent_id <> child_id", name="other"),
        Index("ix_document_link_child", "tenant_id", "child_id"),
    )

    parent_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    child_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Words(20))
    part: Mapped[str] = mapped_column(Words(10), default="")
    """Which part of a split the child is: A, B, …"""
    made_at: Mapped[datetime] = mapped_column(Instant)
