"""Stored files."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Amount, Bytes, Instant, Words
from billhook.db import EntityRow


class File(EntityRow):
    """A file's name and hash; its bytes lie in the store under the hash."""

    __tablename__ = "file"

    name: Mapped[str] = mapped_column(Words(limits.NAME))
    content_type: Mapped[str] = mapped_column(Words(limits.CODE))
    size: Mapped[int] = mapped_column(Amount)
    sha256: Mapped[bytes] = mapped_column(Bytes)
    created_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its bytes went for good, with the personal data in them."""
