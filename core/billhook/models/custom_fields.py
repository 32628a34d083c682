"""The tenant's own fields on customers, products, documents and lines."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Json, Words
from billhook.db import EntityRow


class CustomField(EntityRow):
    """A field as the tenant defined it; values stand with their objects, by `key`."""

    __tablename__ = "custom_field"
    __table_args__ = (
        UniqueConstraint("tenant_id", "subject", "key"),
        CheckConstraint("subject IN ('customer', 'product', 'document', 'line')", name="subject"),
        CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes_no')", name="kind"),
    )

    subject: Mapped[str] = mapped_column(Words(20))
    key: Mapped[str] = mapped_column(Words(limits.CODE))
    label: Mapped[str] = mapped_column(Words(limits.NAME))
    kind: Mapped[str] = mapped_column(Words(20))
    choices: Mapped[list[str]] = mapped_column(Json, default=list)
    is_required: Mapped[bool] = mapped_column(Flag, default=False)
    is_printed: Mapped[bool] = mapped_column(Flag, default=False)
    is_active: Mapped[bool] = mapped_column(Flag, default=True)
    position: Mapped[int] = mapped_column(Count)
    version: Mapped[int] = mapped_column(Count, default=1)
