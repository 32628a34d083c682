"""Customers and their contacts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Id, Instant, Json, Prose, Words
from billhook.db import EntityRow, TenantRow, partial_index, references


class Customer(EntityRow):
    """Whom the tenant bills. `reference` is the tenant's own code."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        references("payer_id", to="customer"),
        CheckConstraint("payer_id <> id", name="own_payer"),
        Index("ix_customer_payer", "tenant_id", "payer_id"),
        Index("ix_customer_name", "tenant_id", "name", "id"),
        partial_index(
            "ix_customer_merged",
            "tenant_id",
            "merged_into_id",
            where="merged_into_id IS NOT NULL",
        ),
        Index("ix_customer_owner", "tenant_id", "owner_id", "name", "id"),
        Index("ix_customer_tax_number", "tenant_id", "tax_number"),
        Index("ix_customer_email", "tenant_id", "email"),
    )

    reference: Mapped[str] = mapped_column(Words(limits.CODE))
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    country: Mapped[str] = mapped_column(Words(2))
    subdivision: Mapped[str] = mapped_column(Words(10), default="")
    street: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    extra: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    postal_code: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    city: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    email: Mapped[str] = mapped_column(Words(limits.EMAIL), default="")
    tax_number: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    legal_id: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    legal_id_scheme: Mapped[str] = mapped_column(Words(10), default="")
    electronic_address: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    electronic_scheme: Mapped[str] = mapped_column(Words(10), default="")
    contact_name: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    phone: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    currency: Mapped[str] = mapped_column(Words(3))
    language: Mapped[str] = mapped_column(Words(20))
    time_zone: Mapped[str] = mapped_column(Words(limits.CODE))
    consolidation: Mapped[str] = mapped_column(Words(10), default="run")
    payment_days: Mapped[int | None] = mapped_column(Count)
    purchase_order: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    buyer_reference: Mapped[str] = mapped_column(Words(limits.CODE), default="")  # BT-10
    payer_id: Mapped[UUID | None] = mapped_column(Id)
    """Who pays for this customer; itself where empty."""
    is_active: Mapped[bool] = mapped_column(Flag, default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Count, default=1)
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Values of the tenant's own fields, by their keys."""
    owner_id: Mapped[UUID | None] = mapped_column(Id)
    """The member's person who looks after it."""
    merged_into_id: Mapped[UUID | None] = mapped_column(Id)
    """The customer that took its place, where it was a duplicate."""
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class CustomerTag(TenantRow):
    """A word that a customer is found by, and that a member's scope may name."""

    __tablename__ = "customer_tag"
    __table_args__ = (
        references("customer_id", to="customer"),
        Index("ix_customer_tag_tag", "tenant_id", "tag", "customer_id"),
    )

    customer_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    tag: Mapped[str] = mapped_column(Words(limits.CODE), primary_key=True)


class CustomerNote(EntityRow):
    """What colleagues should know about a customer; never printed."""

    __tablename__ = "customer_note"
    __table_args__ = (
        references("customer_id", to="customer"),
        Index("ix_customer_note_customer", "tenant_id", "customer_id", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(Id)
    author_id: Mapped[UUID | None] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Prose)
    written_at: Mapped[datetime] = mapped_column(Instant)


class Contact(EntityRow):
    """A customer's person, who may enter the portal."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email"),
        references("customer_id", to="customer"),
        Index("ix_contact_customer", "tenant_id", "customer_id"),
    )

    customer_id: Mapped[UUID] = mapped_column(Id)
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    email: Mapped[str] = mapped_column(Words(limits.EMAIL))
    phone: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    receives: Mapped[str] = mapped_column(Words(3), default="")
    """Whether documents go to them too: to, cc, bcc; empty for not."""
    is_active: Mapped[bool] = mapped_column(Flag, default=True)
    portal_rights: Mapped[list[str]] = mapped_column(Json, default=list)
    """What they may do at the portal: see, pay, manage; empty for not entering it."""
    language: Mapped[str] = mapped_column(Words(20), default="")
    """The one that they chose; the customer's where empty."""
    mails: Mapped[list[str]] = mapped_column(Json, default=list)
    """What they are told by mail beside documents: kinds of notices."""


class ParkedCustomer(EntityRow):
    """A payer whom a bill run set aside, and why; gone once billing works again."""

    __tablename__ = "parked_customer"
    __table_args__ = (
        UniqueConstraint("tenant_id", "customer_id"),
        references("customer_id", to="customer"),
    )

    customer_id: Mapped[UUID] = mapped_column(Id)
    run_id: Mapped[UUID] = mapped_column(Id)
    code: Mapped[str] = mapped_column(Words(limits.CODE))
    reason: Mapped[str] = mapped_column(Prose)
    plugin: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    parked_at: Mapped[datetime] = mapped_column(Instant)
