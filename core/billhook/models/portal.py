"""How a tenant runs its portal: its choices, its own domains, changes that wait for a yes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Id, Instant, Json, Prose, Words
from billhook.db import ControlRow, EntityRow, TenantRow, partial_index, references


class PortalDomain(ControlRow):
    """A host name at which a tenant's portal answers, once the tenant has proved that it is theirs."""

    __tablename__ = "portal_domain"
    __table_args__ = (
        partial_index(
            "uq_portal_domain_verified", "domain", where="verified_at IS NOT NULL", unique=True
        ),
    )

    domain: Mapped[str] = mapped_column(Words(253), primary_key=True)
    """In small letters, by IDNA."""
    tenant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("tenant.id"), primary_key=True)
    brand_id: Mapped[UUID | None] = mapped_column(Id)
    """Whose face the log-in page wears there; the default brand's where empty."""
    token: Mapped[str] = mapped_column(Words(limits.CODE))
    """What the domain's TXT record has to say."""
    made_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)


class PortalSetting(TenantRow):
    """A tenant's choices for its portal; no row is as the product comes."""

    __tablename__ = "portal_setting"

    is_open: Mapped[bool] = mapped_column(Flag, default=True)
    link_days: Mapped[int] = mapped_column(Count, default=60)
    """How many days a link in a mail shows its document."""
    approvals: Mapped[list[str]] = mapped_column(Json, default=list)
    """Names of the fields of a customer whose change by the client waits for a yes."""
    message: Mapped[str] = mapped_column(Prose, default="")
    """What all clients read on their first page."""
    version: Mapped[int] = mapped_column(Count, default=1)


class ProfileChange(EntityRow):
    """What a client wants changed about itself, until somebody says yes or no."""

    __tablename__ = "profile_change"
    __table_args__ = (
        references("customer_id", to="customer"),
        references("contact_id", to="contact"),
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        Index("ix_profile_change_customer", "tenant_id", "customer_id", "id"),
        partial_index(
            "uq_profile_change_waiting",
            "tenant_id",
            "customer_id",
            where="state = 'waiting'",
            unique=True,
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(Id)
    contact_id: Mapped[UUID] = mapped_column(Id)
    changes: Mapped[dict[str, str]] = mapped_column(Json)
    """The new values by the columns' names."""
    known: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """What the same columns held when it was asked for."""
    state: Mapped[str] = mapped_column(Words(10), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    """The person of the company; None where the client withdrew it."""
    reason: Mapped[str] = mapped_column(Words(limits.REASON), default="")
