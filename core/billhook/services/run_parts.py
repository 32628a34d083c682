"""The rows of bill runs: cutting a run into parts, leasing and ending them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, or_, select, update

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.states import RunMode
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.charges import ChargeOpen
from billhook.models.runs import BillRun, BillRunPart
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit
from billhook.services.billed import PartResult, RunSummary
from billhook.services.run_scopes import EVERYTHING, RunScope, in_scope

Payers = tuple[UUID, UUID]
"""The first and the last payer of a range, both inclusive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run was asked for."""

    id: UUID
    until: date
    issue_on: date
    mode: RunMode
    scope: RunScope = EVERYTHING
    is_preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A part to work on; only the holder of the latest fence may end it."""

    part_no: int
    payers: Payers
    fence: int


def begin(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    mode: RunMode,
    scope: RunScope = EVERYTHING,
    is_preview: bool = False,
) -> Run:
    """Write a run and its parts, inside a transaction."""
    begun = Run(
        id=new_id(),
        until=until,
        issue_on=issue_on,
        mode=mode,
        scope=scope,
        is_preview=is_preview,
    )
    session = db.session
    session.add(
        BillRun(
            tenant_id=ctx.tenant.id,
            id=begun.id,
            until=until,
            issue_on=issue_on,
            mode=mode.value,
            started_at=ctx.now(),
            started_by=ctx.actor.id if ctx.actor.kind is ActorKind.PERSON else None,
            scope=scope.as_json(),
            is_preview=is_preview,
        )
    )
    session.flush()
    session.add_all(
        BillRunPart(
            tenant_id=ctx.tenant.id,
            run_id=begun.id,
            part_no=number,
            first_payer_id=first,
            last_payer_id=last,
            fence=0,
        )
        for number, (first, last) in enumerate(ranges(ctx, until, scope), 1)
    )
    session.flush()
    if not is_preview:
        facts = {"until": until.isoformat(), "mode": mode.value}
        audit.record(ctx, "bill_run.started", "bill_run", begun.id, **facts)
    return begun


def ranges(ctx: Context, until: date, scope: RunScope = EVERYTHING) -> list[Payers]:
    """Cut the payers with waiting charges into ranges of a bearable size."""
    rows = db.session.execute(
        select(ChargeOpen.payer_id, func.count())
        .where(ChargeOpen.charged_on <= until, ~ChargeOpen.is_held, *in_scope(scope))
        .group_by(ChargeOpen.payer_id)
        .order_by(ChargeOpen.payer_id)
    )
    found: list[Payers] = []
    payers = charges = 0
    for payer_id, count in rows:
        is_full = payers == limits.DOCUMENTS_PER_CHUNK or (
            charges + count > limits.CHARGES_PER_PART
        )
        if not found or is_full:
            found.append((payer_id, payer_id))
            payers = charges = 0
        found[-1] = (found[-1][0], payer_id)
        payers, charges = payers + 1, charges + count
    return found


def get(ctx: Context, run_id: UUID) -> Run:
    """Return a run. Raises NotFound."""
    row = db.session.scalar(select(BillRun).where(BillRun.id == run_id))
    if row is None:
        raise NotFound(_("bill run"), run_id)
    return run_of(row)


def run_of(row: BillRun) -> Run:
    """Return what a run's row asks for."""
    return Run(
        id=row.id,
        until=row.until,
        issue_on=row.issue_on,
        mode=RunMode(row.mode),
        scope=RunScope.from_json(row.scope),
        is_preview=row.is_preview,
    )


def lease(ctx: Context, run_id: UUID, span: timedelta) -> Lease | None:
    """Take the next part that nobody works on, by the machine's clock; None where none is free."""
    now = SystemClock().now()
    with ctx.transaction() as session:
        row = session.scalar(
            select(BillRunPart)
            .where(
                BillRunPart.run_id == run_id,
                BillRunPart.done_at.is_(None),
                or_(BillRunPart.leased_until.is_(None), BillRunPart.leased_until < now),
            )
            .order_by(BillRunPart.part_no)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.leased_until = now + span
        row.fence += 1
        session.flush()
        return Lease(
            part_no=row.part_no, payers=(row.first_payer_id, row.last_payer_id), fence=row.fence
        )


def end(ctx: Context, run_id: UUID, lease: Lease, result: PartResult) -> bool:
    """Mark a part as done, first in its transaction; tell whether it was still ours."""
    done = db.session.execute(
        update(BillRunPart)
        .where(
            BillRunPart.tenant_id == ctx.tenant.id,
            BillRunPart.run_id == run_id,
            BillRunPart.part_no == lease.part_no,
            BillRunPart.fence == lease.fence,
            BillRunPart.done_at.is_(None),
        )
        .values(done_at=ctx.now(), result=result.as_json())
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], done).rowcount == 1


def counts(ctx: Context, run_id: UUID) -> tuple[int, int]:
    """Return how many parts are done, and how many there are."""
    done, all_parts = db.session.execute(
        select(func.count(BillRunPart.done_at), func.count()).where(BillRunPart.run_id == run_id)
    ).one()
    return done, all_parts


def is_done(ctx: Context, run_id: UUID) -> bool:
    done, all_parts = counts(ctx, run_id)
    db.session.rollback()  # a later look sees what others did meanwhile
    return done == all_parts


def finish(ctx: Context, run_id: UUID) -> bool:
    """Mark the run as finished; tell whether it was not yet."""
    done = db.session.execute(
        update(BillRun)
        .where(
            BillRun.tenant_id == ctx.tenant.id,
            BillRun.id == run_id,
            BillRun.finished_at.is_(None),
        )
        .values(finished_at=ctx.now())
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], done).rowcount == 1


def summary(ctx: Context, run_id: UUID) -> RunSummary:
    """Add up what the parts did."""
    total = RunSummary(run_id=run_id)
    stored = db.session.scalars(
        select(BillRunPart.result)
        .where(BillRunPart.run_id == run_id, BillRunPart.done_at.is_not(None))
        .order_by(BillRunPart.part_no)
    )
    for result in stored:
        if result is not None:
            total = total.plus(PartResult.from_json(result))
    return total
