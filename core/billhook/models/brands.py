"""Brands of a tenant, and the templates under them."""

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Id, Json, Prose, Words
from billhook.db import EntityRow, TenantRow, partial_index, references


class BrandRow(EntityRow):
    """A face towards clients; one of them is what customers without a choice see."""

    __tablename__ = "brand"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        references("logo_file_id", to="file"),
        partial_index("uq_brand_default", "tenant_id", where="is_default", unique=True),
    )

    code: Mapped[str] = mapped_column(Words(limits.CODE))
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    theme: Mapped[str] = mapped_column(Words(limits.CODE))
    renderer: Mapped[str] = mapped_column(Words(limits.CODE))
    logo_file_id: Mapped[UUID | None] = mapped_column(Id)
    colours: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    sender_name: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    sender_email: Mapped[str] = mapped_column(Words(limits.EMAIL), default="")
    reply_to: Mapped[str] = mapped_column(Words(limits.EMAIL), default="")
    website: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    legal_text: Mapped[str] = mapped_column(Prose, default="")
    font: Mapped[str] = mapped_column(Words(limits.CODE), default="")
    """The typeface of the portal; the theme's where empty."""
    favicon_file_id: Mapped[UUID | None] = mapped_column(Id)
    legal_links: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """Label and address of what clients have to find, such as imprint, privacy, terms."""
    bank_accounts: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    is_default: Mapped[bool] = mapped_column(Flag, default=False)
    version: Mapped[int] = mapped_column(Count, default=1)


class TemplateRow(TenantRow):
    """What a brand changed about one type of document; nothing stands for the theme's own."""

    __tablename__ = "document_template"
    __table_args__ = (references("brand_id", to="brand"),)

    brand_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    document_type: Mapped[str] = mapped_column(Words(20), primary_key=True)
    blocks: Mapped[list[str]] = mapped_column(Json)
    columns: Mapped[list[str]] = mapped_column(Json)
    texts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    version: Mapped[int] = mapped_column(Count, default=1)
