"""Bill runs as people follow them: how far each is, what it did, what stopped it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.ids import first_id_of, made_at
from billhook.limits import PAGE_ROWS
from billhook.models.customers import Customer, ParkedCustomer
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft
from billhook.models.people import Person
from billhook.models.runs import BillRun, BillRunPart
from billhook.models.work import DueWork, Outbox
from billhook.sdk.context import Context
from billhook.services import audit, billing, documents, outbox, run_parts
from billhook.services.billed import PartResult, RunSummary
from billhook.services.documents import DocumentEntry
from billhook.services.paging import Order, Slice, cut
from billhook.services.run_parts import Run
from billhook.services.run_scopes import RunScope
from billhook.services.sets import one_of

_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run as people see it; what it did so far stands in `result`."""

    run: Run
    started_at: datetime
    started_by: str
    """Name of the person; empty for the command line and schedules."""
    finished_at: datetime | None
    done: int
    parts: int
    result: PartResult

    @property
    def documents(self) -> int:
        return sum(sums.documents for sums in self.result.currencies.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a run does not go on."""

    reason: str
    is_given_up: bool
    due_at: datetime | None
    """When it is tried again, by the machine's clock."""


def get(ctx: Context, run_id: UUID) -> RunEntry:
    """Return a run, or a preview of one. Raises NotFound."""
    ctx.require("bill_runs.view")
    return stored(run_id)


def stored(run_id: UUID) -> RunEntry:
    """Return what `get` does for a use-case that asked for its own permission."""
    row = db.session.execute(_runs().where(BillRun.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(_("bill run"), run_id)
    return _entries([row])[0]


def listing(ctx: Context, *, after: str = "", limit: int = PAGE_ROWS) -> Slice[RunEntry]:
    """Return the runs, newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("bill_runs.view")
    page = cut(
        _runs().where(~BillRun.is_preview),
        [Order(BillRun.id, UUID)],
        after=after,
        limit=limit,
        make=lambda row: row,
        is_descending=True,
    )
    return Slice(rows=tuple(_entries(page.rows)), next=page.next)


def running(ctx: Context) -> list[RunEntry]:
    """Return the runs that are not finished."""
    ctx.require("bill_runs.view")
    wanted = _runs().where(BillRun.finished_at.is_(None), ~BillRun.is_preview)
    return _entries(db.session.execute(wanted.order_by(BillRun.id)).all())


def trouble(ctx: Context, run_id: UUID) -> Trouble | None:
    """Tell why the job of a run does not get on; None while it does. Raises NotFound."""
    ctx.require("bill_runs.view")
    run_parts.get(ctx, run_id)
    return troubles(ctx, [run_id]).get(run_id)


def troubles(ctx: Context, run_ids: Collection[UUID]) -> dict[UUID, Trouble]:
    """Tell why the jobs of runs do not get on; those that do are left out."""
    ctx.require("bill_runs.view")
    keys = {billing.job_key(run_id): run_id for run_id in run_ids}
    rows = db.session.scalars(
        select(Outbox)
        .where(Outbox.key.in_(keys), Outbox.last_error != "", Outbox.state != "done")
        .execution_options(populate_existing=True)
    ).all()
    due = db.session.execute(
        select(DueWork.batch_id, DueWork.due_at).where(
            DueWork.tenant_id == ctx.tenant.id,
            DueWork.batch_id.in_([row.batch_id for row in rows]),
        )
    )
    due_at = dict(due.tuples().all())
    return {
        keys[row.key]: Trouble(
            reason=row.last_error,
            is_given_up=row.state == "dead",
            due_at=due_at.get(row.batch_id),
        )
        for row in rows
        if row.key
    }


def go_on(ctx: Context, run_id: UUID) -> None:
    """Let the job of a run that stopped try again now. Raises NotFound, Conflict."""
    ctx.require("bill_runs.start")
    if run_parts.get(ctx, run_id).is_preview:
        raise NotFound(_("bill run"), run_id)
    with ctx.transaction() as session:
        row = _job(run_id)
        if row is None or row.state == "done":
            raise Conflict(_("This run is not stopped. Load its page again."))
        row.state, row.attempts = "waiting", 0
        session.flush()
        outbox.make_due(ctx.tenant.id, row.batch_id, outbox.due(ctx))
        audit.record(ctx, "bill_run.continued", "bill_run", run_id)
        outbox.wake_when_committed()


def retry_parked(ctx: Context, run_id: UUID, *, key: str) -> UUID:
    """Start a run over the charges of whom a run parked, up to its day; return the new run's id.

    Nobody is billed twice. Raises NotFound, Conflict where nobody is parked any more,
    and what `billing.start` raises.
    """
    ctx.require("bill_runs.start")
    earlier = run_parts.get(ctx, run_id)
    payers = _payers_of_parked(run_id)
    if not payers:
        raise Conflict(_("Nobody is parked by this run any more. There is nothing to try again."))
    return billing.start(
        ctx,
        until=earlier.until,
        issue_on=max(earlier.issue_on, ctx.today()),
        mode=earlier.mode,
        scope=RunScope(payers=payers),
        key=key,
    )


def _payers_of_parked(run_id: UUID) -> tuple[UUID, ...]:
    rows = db.session.execute(
        select(Customer.id, Customer.payer_id)
        .join(
            ParkedCustomer,
            and_(
                ParkedCustomer.tenant_id == Customer.tenant_id,
                ParkedCustomer.customer_id == Customer.id,
            ),
        )
        .where(ParkedCustomer.run_id == run_id)
        .order_by(Customer.id)
    )
    return tuple(dict.fromkeys(row.payer_id or row.id for row in rows))


def made_since(run_id: UUID) -> UUID:
    """Return an id before all that a run made, whatever the clocks of the servers that worked on it."""
    return first_id_of(made_at(run_id) - _CLOCKS_DIFFER)


def documents_of(ctx: Context, run_id: UUID, *, limit: int = 50) -> list[DocumentEntry]:
    """Return the first documents that a run issued: they were made after the run was."""
    ctx.require("documents.view")
    rows = db.session.execute(
        documents.entries()
        .where(DocumentRow.id > made_since(run_id), DocumentRow.bill_run_id == run_id)
        .order_by(DocumentRow.id)
        .limit(limit)
    )
    return [documents.entry(row) for row in rows]


def drafts_of(ctx: Context, run_id: UUID) -> int:
    """Return how many drafts of a run still wait to be issued."""
    ctx.require("drafts.view")
    counted = select(func.count()).select_from(Draft)
    return (
        db.session.scalar(counted.where(Draft.id > made_since(run_id), Draft.run_id == run_id))
        or 0
    )


def _job(run_id: UUID) -> Outbox | None:
    return db.session.scalars(
        select(Outbox)
        .where(Outbox.key == billing.job_key(run_id))
        .execution_options(populate_existing=True)
    ).one_or_none()


def _runs() -> Select[Any]:
    return select(BillRun, Person.name).outerjoin(Person, Person.id == BillRun.started_by)


def _entries(rows: Sequence[Any]) -> list[RunEntry]:
    results = _results({row[0].id for row in rows})
    return [_entry(row[0], row[1] or "", results.get(row[0].id, [])) for row in rows]


def _results(run_ids: Collection[UUID]) -> dict[UUID, list[PartResult | None]]:
    if not run_ids:
        return {}
    found: dict[UUID, list[PartResult | None]] = {}
    stored = db.session.execute(
        select(BillRunPart.run_id, BillRunPart.result)
        .where(one_of(BillRunPart.run_id, run_ids))
        .order_by(BillRunPart.run_id, BillRunPart.part_no)
    )
    for run_id, result in stored:
        part = PartResult.from_json(result) if result is not None else None
        found.setdefault(run_id, []).append(part)
    return found


def _entry(row: BillRun, started_by: str, parts: Sequence[PartResult | None]) -> RunEntry:
    done = [part for part in parts if part is not None]
    summary = RunSummary(run_id=row.id)
    for part in done:
        summary = summary.plus(part)
    return RunEntry(
        run=run_parts.run_of(row),
        started_at=row.started_at,
        started_by=started_by,
        finished_at=row.finished_at,
        done=len(done),
        parts=len(parts),
        result=summary.result,
    )
