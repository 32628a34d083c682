"""Files that people brought in, and how far their reading got."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from billhook import limits
from billhook.columns import Count, Flag, Id, Instant, Json, Words
from billhook.db import EntityRow, references


class ImportRun(EntityRow):
    """One reading of a file, tried or for good."""

    __tablename__ = "import_run"
    __table_args__ = (
        references("file_id", to="file"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        Index("ix_import_run_started", "tenant_id", "id"),
    )

    kind: Mapped[str] = mapped_column(Words(20))
    file_id: Mapped[UUID] = mapped_column(Id)
    name: Mapped[str] = mapped_column(Words(limits.NAME))
    options: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    is_dry_run: Mapped[bool] = mapped_column(Flag)
    state: Mapped[str] = mapped_column(Words(10))
    rows_done: Mapped[int] = mapped_column(Count, default=0)
    rows_total: Mapped[int] = mapped_column(Count, default=0)
    result: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    started_by: Mapped[UUID | None] = mapped_column(Id)
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
