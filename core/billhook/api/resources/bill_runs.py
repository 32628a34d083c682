"""Bill runs by the API."""

from collections.abc import Collection, Sequence
from uuid import UUID

from billhook.api.schemas.bill_runs import (
    BillRunAnswer,
    ComparisonAnswer,
    Expansion,
    ParkedCustomer,
    ParkedQuery,
    RunInput,
    RunPreview,
    RunQuery,
    RunsQuery,
)
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.sdk.api import Made, Page, Routes
from billhook.sdk.context import Context
from billhook.services import billing, parking, run_previews, runs
from billhook.services.runs import RunEntry

routes = Routes("bill runs", "Charges that wait become documents, or drafts, of all at once.")


@routes.get("/bill-runs", requires="bill_runs.view")
def list_bill_runs(ctx: Context, query: RunsQuery) -> Page[BillRunAnswer]:
    """List bill runs, the latest first."""
    found = runs.listing(ctx, after=query.after, limit=query.limit)
    return Page(data=_answers(ctx, found.rows, query.expand), next=found.next or None)


@routes.post("/bill-runs", requires="bill_runs.start")
def start_bill_run(ctx: Context, body: RunInput) -> Made[BillRunAnswer]:
    """Start a bill run; a job works on it.

    Get it again to see how far it is. A customer who cannot be billed is parked with the
    reason, and keeps nobody else from being billed. No charge is billed twice, whatever runs
    beside it.
    """
    started = billing.start(
        ctx,
        until=body.until,
        issue_on=body.issue_on,
        mode=body.mode,
        scope=body.scope(ctx),
        key=str(new_id()),
    )
    return _started(started)


@routes.get("/bill-runs/parked", requires="bill_runs.view")
def list_parked_customers(ctx: Context, query: ParkedQuery) -> Page[ParkedCustomer]:
    """List the customers whom bill runs set aside and who were not billed since."""
    found = parking.search(ctx, run_id=query.bill_run_id, after=query.after, limit=query.limit)
    return Page(data=[ParkedCustomer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/bill-runs/<uuid:run_id>", requires="bill_runs.view")
def get_bill_run(ctx: Context, run_id: UUID, query: RunQuery) -> BillRunAnswer:
    """Get a bill run: how far it is, and what it did."""
    found = runs.get(ctx, run_id)
    if found.run.is_preview:
        raise NotFound(_("bill run"), run_id)
    return _answers(ctx, [found], query.expand)[0]


@routes.post("/bill-runs/<uuid:run_id>/retry", requires="bill_runs.start")
def retry_parked_customers(ctx: Context, run_id: UUID) -> Made[BillRunAnswer]:
    """Start a bill run for those whom a run parked, now that the reason is gone."""
    return _started(runs.retry_parked(ctx, run_id, key=str(new_id())))


@routes.post("/bill-runs/<uuid:run_id>/continue", requires="bill_runs.start")
def continue_bill_run(ctx: Context, run_id: UUID) -> BillRunAnswer:
    """Let a run that stopped be tried again now."""
    runs.go_on(ctx, run_id)
    return BillRunAnswer.of(runs.stored(run_id))


@routes.post("/bill-runs/previews", requires="bill_runs.start")
def preview_bill_run(ctx: Context, body: RunInput, key: str | None) -> Made[RunPreview]:
    """Work out what a bill run would do, by the code that would do it. Nothing is billed.

    Up to 2,000 charges are worked out at once; more by a job: get the preview until it is
    finished. It is kept for a day.
    """
    begun = run_previews.begin(
        ctx,
        until=body.until,
        issue_on=body.issue_on,
        mode=body.mode,
        scope=body.scope(ctx),
        key=key,
    )
    answer = RunPreview(run=BillRunAnswer.of(runs.stored(begun), _WHOLE), comparison=None)
    return Made(answer, at=f"/bill-runs/previews/{begun}")


@routes.get("/bill-runs/previews/<uuid:run_id>", requires="bill_runs.view")
def get_bill_run_preview(ctx: Context, run_id: UUID) -> RunPreview:
    """Get a preview: its sums, who would be parked, and how it differs from the last run."""
    found = _preview(runs.get(ctx, run_id))
    compared = run_previews.comparison(ctx, found) if found.finished_at else None
    return RunPreview(
        run=BillRunAnswer.of(found, _WHOLE),
        comparison=ComparisonAnswer.of(compared) if compared else None,
    )


@routes.post("/bill-runs/previews/<uuid:run_id>/start", requires="bill_runs.start")
def start_previewed_bill_run(ctx: Context, run_id: UUID) -> Made[BillRunAnswer]:
    """Start the run that was previewed: once, however often this is sent."""
    _preview(runs.stored(run_id))
    return _started(run_previews.start(ctx, run_id))


_WHOLE: Sequence[Expansion] = ("parked", "skipped")


def _preview(found: RunEntry) -> RunEntry:
    if not found.run.is_preview:
        raise NotFound(_("preview"), found.run.id)
    return found


def _started(run_id: UUID) -> Made[BillRunAnswer]:
    return Made(BillRunAnswer.of(runs.stored(run_id)), at=f"/bill-runs/{run_id}")


def _answers(
    ctx: Context, entries: Sequence[RunEntry], expand: Collection[Expansion]
) -> list[BillRunAnswer]:
    troubles = runs.troubles(ctx, [one.run.id for one in entries]) if "trouble" in expand else {}
    return [BillRunAnswer.of(one, expand, troubles.get(one.run.id)) for one in entries]
