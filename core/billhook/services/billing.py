"""The bill run: waiting charges become documents or drafts, in parts that commit one by one.

A run is cut into ranges of payers. Whoever works on it leases a part, computes
with nothing locked, and commits the part's documents together with its end, so
that a run can be killed anywhere and resumed by anyone. A lease only keeps two
workers from the same work; the part's own row decides who may commit.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

from flask import current_app

from billhook.db import db
from billhook.domain.events import BillRunFinished
from billhook.domain.states import RunMode
from billhook.kernel.statistics import refresh_statistics
from billhook.plugins.relay import Relay
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import outbox, parking, run_parts
from billhook.services.assembling import Assembly, assemble
from billhook.services.billed import PartResult, RunSummary
from billhook.services.buyers import seller, versions
from billhook.services.charging import take
from billhook.services.collecting import uncollected
from billhook.services.draft_rows import write_drafts
from billhook.services.posting import post_documents, refuse_date
from billhook.services.run_parts import Lease, Run
from billhook.services.taxing import Outcome, documents_of

Progress = Callable[[int, int], None]
"""Called with parts done and parts in all."""

Computed = tuple[Assembly, list[Outcome]]
Computing = Future[Computed]

_TRIES = 5
_LOOK_AGAIN = 0.05  # seconds, while others hold what is left
_CONTINUE_AFTER = timedelta(minutes=2)


class _Moved(Exception):
    """Charges or customers changed between reading and writing: read again."""


def run(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    mode: RunMode = RunMode.ISSUE,
    progress: Progress | None = None,
) -> RunSummary:
    """Bill all charges up to and with a date; return what was billed, parked and skipped.

    Raises PeriodClosed or ValidationFailed where the issue date cannot be taken.
    """
    ctx.require("bill_runs.start")
    if mode is RunMode.ISSUE:
        refuse_date(ctx, issue_on)
    with ctx.transaction():
        begun = run_parts.begin(ctx, until=until, issue_on=issue_on, mode=mode)
        outbox.enqueue(
            ctx,
            "billing.continue",
            {"run_id": str(begun.id)},
            key=f"billing.continue:{begun.id}",
            due_at=ctx.now() + _CONTINUE_AFTER,
        )
    return resume(ctx, begun.id, progress=progress)


def resume(ctx: Context, run_id: UUID, *, progress: Progress | None = None) -> RunSummary:
    """Work on a run until all its parts are done, beside others that do the same.

    Safe to repeat at any time. Raises NotFound.
    """
    found = run_parts.get(ctx, run_id)
    relay = runtime().host.relay(ctx.tenant.plugins)
    with ThreadPoolExecutor(max_workers=1) as thread, uncollected():
        for lease, computing in _ahead(ctx, relay, found, thread):
            _finish_part(ctx, relay, found, lease, computing)
            with ctx.transaction() as session:
                refresh_statistics(session)
            if progress:
                progress(*run_parts.counts(ctx, run_id))
    with ctx.transaction():
        if run_parts.finish(ctx, run_id):
            outbox.publish(ctx, BillRunFinished(run_id=run_id))
    return run_parts.summary(ctx, run_id)


def preview(
    ctx: Context, *, until: date, issue_on: date, progress: Progress | None = None
) -> RunSummary:
    """Return what `run` would do, computed by the same code, with nothing written."""
    ctx.require("bill_runs.start")
    refuse_date(ctx, issue_on)
    relay = runtime().host.relay(ctx.tenant.plugins)
    ranges = run_parts.ranges(ctx, until)
    summary = RunSummary()
    with uncollected():
        for number, payers in enumerate(ranges, 1):
            computed = _compute(ctx, relay, payers, until, issue_on)
            summary = summary.plus(PartResult.of(*computed))
            if progress:
                progress(number, len(ranges))
    return summary


def _ahead(
    ctx: Context, relay: Relay, found: Run, thread: ThreadPoolExecutor
) -> Iterator[tuple[Lease, Computing]]:
    """Yield parts to commit, while the next one is computed: the database works meanwhile.

    Waits for parts that others hold, and takes them over when their lease lapses.
    """
    ready: tuple[Lease, Computing] | None = None
    while True:
        lease = run_parts.lease(ctx, found.id, runtime().config.lease)
        following = (lease, _begin(ctx, relay, found, lease, thread)) if lease else None
        if ready:
            yield ready
        elif not following:
            if run_parts.is_done(ctx, found.id):
                return
            time.sleep(_LOOK_AGAIN)
        ready = following


def _begin(
    ctx: Context, relay: Relay, found: Run, lease: Lease, thread: ThreadPoolExecutor
) -> Computing:
    """Compute a part in the thread, on a session of its own."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def compute() -> Computed:
        with app.app_context(), ctx.acting():
            return _compute(ctx, relay, lease.payers, found.until, found.issue_on)

    return thread.submit(compute)


def _finish_part(
    ctx: Context, relay: Relay, found: Run, lease: Lease, computing: Computing
) -> None:
    computed = computing.result()
    for _try in range(_TRIES):
        try:
            _commit(ctx, found, lease, *computed)
        except _Moved:
            computed = _compute(ctx, relay, lease.payers, found.until, found.issue_on)
            continue
        return
    raise RuntimeError(f"Charges of part {lease.part_no} kept changing under the bill run.")


def _compute(
    ctx: Context, relay: Relay, payers: tuple[UUID, UUID], until: date, issue_on: date
) -> Computed:
    assembly = assemble(ctx, relay, payers, until)
    db.session.rollback()  # ends reading: no plugin is waited for with a snapshot held
    outcomes = documents_of(
        ctx, relay, assembly.bills, seller=seller(ctx), issue_on=issue_on, stage="issue"
    )
    return assembly, outcomes


def _commit(
    ctx: Context, found: Run, lease: Lease, assembly: Assembly, outcomes: list[Outcome]
) -> None:
    """Write a part whole. Raises _Moved where what it was computed from has changed."""
    result = PartResult.of(assembly, outcomes)
    billed = [outcome for outcome in outcomes if outcome.bill.buyer.id not in result.parked_ids]
    with ctx.transaction() as session:
        if not run_parts.end(ctx, found.id, lease, result):
            return
        claims = {o.bill.id: _charge_ids(o) for o in billed}
        wanted = [charge_id for ids in claims.values() for charge_id in ids]
        if not take(ctx, wanted) or _has_moved(billed):
            raise _Moved
        if found.mode is RunMode.DRAFT:
            write_drafts(ctx, [outcome.bill for outcome in billed], run_id=found.id)
        else:
            documents = [outcome.document for outcome in billed if outcome.document]
            post_documents(ctx, session, documents, claims=claims, bill_run_id=found.id)
            outbox.wake_when_committed()
        parking.settle(
            ctx, found.id, billed={o.bill.buyer.id for o in billed}, parked=result.parked
        )


def _charge_ids(outcome: Outcome) -> list[UUID]:
    """Return the bill's charges, each once: lines may share one."""
    return list(dict.fromkeys(line.charge_id for line in outcome.bill.lines if line.charge_id))


def _has_moved(billed: list[Outcome]) -> bool:
    wanted = {outcome.bill.buyer.id: outcome.bill.buyer.version for outcome in billed}
    return bool(wanted) and versions(wanted.keys()) != wanted
