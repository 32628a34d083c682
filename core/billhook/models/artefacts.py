"""What was made of an issued document: the very bytes that clients and offices got."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Bytes, Id, Instant, Json, Words
from billhook.db import EntityRow, partial_index, references


class Artefact(EntityRow):
    """A rendering of an issued document, made once and kept; append-only."""

    __tablename__ = "artefact"
    __table_args__ = (
        UniqueConstraint("tenant_id", "document_id", "provider"),
        CheckConstraint("kind IN ('print', 'e_invoice')", name="kind"),
        partial_index(
            "uq_artefact_print", "tenant_id", "document_id", where="kind = 'print'", unique=True
        ),
        references("document_id", to="document"),
        references("file_id", to="file"),
    )

    document_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Words(10))
    """For people, of which a document has one, or an e-invoice."""
    provider: Mapped[str] = mapped_column(Words(limits.CODE))
    """The key of the renderer or format that made it."""
    file_id: Mapped[UUID] = mapped_column(Id)
    sha256: Mapped[bytes] = mapped_column(Bytes)
    made_by: Mapped[dict[str, str]] = mapped_column(Json)
    """Name and version of plugin and theme, id and version of the brand."""
    rules: Mapped[str] = mapped_column(Words(limits.NAME), default="")
    """The rule sets that the bytes were checked by; empty where none was."""
    findings: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    made_at: Mapped[datetime] = mapped_column(Instant)
