"""Bill runs, in parts that commit one by one."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billhook.columns import Count, Day, Flag, Id, Instant, Json, Words
from billhook.db import EntityRow, TenantRow, partial_index, references


class BillRun(EntityRow):
    __tablename__ = "bill_run"
    __table_args__ = (CheckConstraint("mode IN ('issue', 'draft')", name="mode"),)

    until: Mapped[date] = mapped_column(Day)
    issue_on: Mapped[date] = mapped_column(Day)
    mode: Mapped[str] = mapped_column(Words(10))
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    started_by: Mapped[UUID | None] = mapped_column(Id)
    """The member's person; None for the operator and schedules."""
    scope: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Which customers it was narrowed to; everybody where empty."""
    is_preview: Mapped[bool] = mapped_column(Flag, default=False)
    """Its parts are computed and counted, and nothing is billed."""


class BillRunPart(TenantRow):
    """A range of payers; done and counted in the transaction that bills them."""

    __tablename__ = "bill_run_part"
    __table_args__ = (
        references("run_id", to="bill_run"),
        partial_index(
            "ix_bill_run_part_waiting", "tenant_id", "run_id", "part_no", where="done_at IS NULL"
        ),
    )

    run_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    part_no: Mapped[int] = mapped_column(Count, primary_key=True)
    first_payer_id: Mapped[UUID] = mapped_column(Id)
    last_payer_id: Mapped[UUID] = mapped_column(Id)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(Count, default=0)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What it billed, parked and skipped: `billing.PartResult` as JSON."""
