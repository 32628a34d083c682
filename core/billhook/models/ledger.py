"""The double-entry ledger: append-only, sealed, chained."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Amount, Bytes, Count, Day, Exact, Id, Instant, Small, Words
from billhook.db import EntityRow, TenantRow, references


class Account(EntityRow):
    """An account of the chart in one currency."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code", "currency"),
        UniqueConstraint("tenant_id", "id", "currency"),
    )

    code: Mapped[str] = mapped_column(Words(20))
    currency: Mapped[str] = mapped_column(Words(3))
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    type: Mapped[str] = mapped_column(Words(10))


class EntryRow(EntityRow):
    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["entry_seal.tenant_id", "entry_seal.entry_id"],
            deferrable=True,
            initially="DEFERRED",
            name="fk_entry_sealed",
            use_alter=True,
        ),
        Index("ix_entry_on", "tenant_id", "entry_on"),
    )

    entry_on: Mapped[date] = mapped_column(Day)
    kind: Mapped[str] = mapped_column(Words(20))
    source_id: Mapped[UUID] = mapped_column(Id)
    base_currency: Mapped[str] = mapped_column(Words(3))
    content_hash: Mapped[bytes] = mapped_column(Bytes)
    posted_at: Mapped[datetime] = mapped_column(Instant)


class PostingRow(TenantRow):
    """Debit positive, in minor units."""

    __tablename__ = "posting"
    __table_args__ = (
        references("entry_id", to="entry"),
        references("account_id", "currency", to="account", key=("id", "currency")),
        references("customer_id", to="customer"),
        references("registration_id", to="tax_registration"),
        Index("ix_posting_account", "tenant_id", "account_id", "entry_id"),
        Index("ix_posting_customer", "tenant_id", "customer_id"),
    )

    entry_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line_no: Mapped[int] = mapped_column(Small, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    amount: Mapped[int] = mapped_column(Amount)
    base_amount: Mapped[int] = mapped_column(Amount)
    customer_id: Mapped[UUID | None] = mapped_column(Id)
    registration_id: Mapped[UUID | None] = mapped_column(Id)
    tax_category: Mapped[str] = mapped_column(Words(10))
    tax_rate: Mapped[Decimal | None] = mapped_column(Exact)


class EntrySeal(TenantRow):
    """The entry's place in the journal, and its chain link."""

    __tablename__ = "entry_seal"
    __table_args__ = (
        references("entry_id", to="entry"),
        ForeignKeyConstraint(["tenant_id"], ["journal_head.tenant_id"]),
        UniqueConstraint("tenant_id", "sequence", "hash"),
        UniqueConstraint("tenant_id", "sequence"),
        UniqueConstraint("tenant_id", "previous_hash"),
        ForeignKeyConstraint(
            ["tenant_id", "previous_sequence", "previous_hash"],
            ["entry_seal.tenant_id", "entry_seal.sequence", "entry_seal.hash"],
            name="fk_entry_seal_chain",
        ),
        CheckConstraint("previous_sequence = sequence - 1", name="gapless"),
    )

    entry_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    sequence: Mapped[int] = mapped_column(Amount)
    previous_sequence: Mapped[int | None] = mapped_column(Amount)
    previous_hash: Mapped[bytes] = mapped_column(Bytes)
    content_hash: Mapped[bytes] = mapped_column(Bytes)
    hash: Mapped[bytes] = mapped_column(Bytes)


class JournalHead(TenantRow):
    """The head of the tenant's journal chain, and the day through which it is closed."""

    __tablename__ = "journal_head"

    last_sequence: Mapped[int] = mapped_column(Amount, default=0)
    last_hash: Mapped[bytes] = mapped_column(Bytes)
    closed_through: Mapped[date | None] = mapped_column(Day)


class Receivable(EntityRow):
    """What gets paid: a document, later an instalment or an opening item."""

    __tablename__ = "receivable"
    __table_args__ = (
        references("document_id", to="document"),
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        UniqueConstraint("tenant_id", "document_id"),
        CheckConstraint("allocated BETWEEN 0 AND amount", name="allocated"),
        Index("ix_receivable_payer", "tenant_id", "payer_id", "due_on"),
    )

    document_id: Mapped[UUID | None] = mapped_column(Id)
    customer_id: Mapped[UUID] = mapped_column(Id)
    payer_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    amount: Mapped[int] = mapped_column(Amount)
    allocated: Mapped[int] = mapped_column(Amount, default=0)
    due_on: Mapped[date] = mapped_column(Day)


class Credit(EntityRow):
    """What a credit note gives back, until it is allocated or refunded."""

    __tablename__ = "credit"
    __table_args__ = (
        references("document_id", to="document"),
        references("customer_id", to="customer"),
        references("payer_id", to="customer"),
        UniqueConstraint("tenant_id", "document_id"),
        CheckConstraint("allocated BETWEEN 0 AND amount", name="allocated"),
        Index("ix_credit_payer", "tenant_id", "payer_id"),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    customer_id: Mapped[UUID] = mapped_column(Id)
    payer_id: Mapped[UUID] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(Words(3))
    amount: Mapped[int] = mapped_column(Amount)
    allocated: Mapped[int] = mapped_column(Amount, default=0)


class Allocation(EntityRow):
    """Append-only: so much of a credit settles so much of a receivable; negative takes it back.

    The sums stand, bounded, in the two rows that it refers to.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        references("receivable_id", to="receivable"),
        references("credit_id", to="credit"),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_allocation_receivable", "tenant_id", "receivable_id"),
        Index("ix_allocation_credit", "tenant_id", "credit_id"),
    )

    receivable_id: Mapped[UUID] = mapped_column(Id)
    credit_id: Mapped[UUID] = mapped_column(Id)
    amount: Mapped[int] = mapped_column(Amount)
    allocated_on: Mapped[date] = mapped_column(Day)
    created_at: Mapped[datetime] = mapped_column(Instant)


class LineBalance(TenantRow):
    """How much of an issued line is credited; made at the first credit."""

    __tablename__ = "line_balance"
    __table_args__ = (
        references("document_id", "line_no", to="document_line", key=("document_id", "line_no")),
        CheckConstraint(
            "(amount >= 0 AND credited BETWEEN 0 AND amount)"
            " OR (amount < 0 AND credited BETWEEN amount AND 0)",
            name="credited",
        ),
    )

    document_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    line_no: Mapped[int] = mapped_column(Count, primary_key=True)
    amount: Mapped[int] = mapped_column(Amount)
    credited: Mapped[int] = mapped_column(Amount)
