"""The bill run: waiting charges become documents or drafts, in parts that commit one by one.

A run is cut into ranges of payers. Whoever works on it leases a part, computes
with nothing locked, and commits the part's documents together with its end, so
that a run can be killed anywhere and resumed by anyone. A lease only keeps two
workers from the same work; the part's own row decides who may commit.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask import current_app

from billhook.db import db
from billhook.domain.bills import Bill
from billhook.domain.events import BillRunFinished
from billhook.domain.states import RunMode
from billhook.kernel import Prepared
from billhook.kernel.statistics import refresh_statistics
from billhook.plugins.relay import Relay
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import outbox, parking, run_parts, run_scopes
from billhook.services.assembling import Assembly, assemble
from billhook.services.billed import PartResult, RunSummary
from billhook.services.buyers import seller, versions
from billhook.services.charging import take
from billhook.services.draft_rows import write_drafts
from billhook.services.idempotency import once
from billhook.services.pacing import undisturbed
from billhook.services.posting import prepare_documents, refuse_date, write
from billhook.services.run_parts import Lease, Run
from billhook.services.run_scopes import EVERYTHING, RunScope
from billhook.services.taxing import Outcome, documents_of

Progress = Callable[[int, int], None]
"""Called with parts done and parts in all."""


CONTINUE = "billing.continue"
"""The job that works on a run that its starter did not finish, or left to it."""

_TRIES = 5
_LOOK_AGAIN = 0.05  # seconds, while others hold what is left
_CONTINUE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a run, computed: what will be written, and what it was computed from."""

    result: PartResult
    bills: tuple[Bill, ...]
    charge_ids: tuple[UUID, ...]
    prepared: Prepared | None
    """None where the run stops at drafts, or there is nothing to issue."""


Computing = Future[Part]


class _Moved(Exception):
    """Charges or customers changed between reading and writing: read again."""


def run(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    mode: RunMode = RunMode.ISSUE,
    scope: RunScope = EVERYTHING,
    progress: Progress | None = None,
) -> RunSummary:
    """Bill all charges up to and with a date; return what was billed, parked and skipped.

    Raises PeriodClosed or ValidationFailed where the issue date cannot be taken.
    """
    begun = _begun(ctx, Wish(until, issue_on, mode, scope), due_at=ctx.now() + _CONTINUE_AFTER)
    return resume(ctx, begun, progress=progress)


def start(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    mode: RunMode,
    scope: RunScope,
    key: str,
) -> UUID:
    """Let a job bill; return the run's id, the same for the same key. Raises as `run` does."""
    ctx.require("bill_runs.start")
    wish = Wish(until, issue_on, mode, scope)
    outcome = once(
        ctx,
        route="bill_runs.start",
        key=key,
        request=[until, issue_on, mode, scope.as_json()],
        effect=lambda: {"run_id": str(_begun(ctx, wish, due_at=ctx.now()))},
    )
    return UUID(outcome.answer["run_id"])


class Wish(NamedTuple):
    """What a person wants billed."""

    until: date
    issue_on: date
    mode: RunMode
    scope: RunScope


def _begun(ctx: Context, wish: Wish, *, due_at: datetime) -> UUID:
    """Write a run with the job that works on it unless somebody else has finished it by then."""
    ctx.require("bill_runs.start")
    if wish.mode is RunMode.ISSUE:
        refuse_date(ctx, wish.issue_on)
    with ctx.transaction():
        begun = run_parts.begin(
            ctx,
            until=wish.until,
            issue_on=wish.issue_on,
            mode=wish.mode,
            scope=run_scopes.seen(ctx, wish.scope, wish.until),
        )
        continue_by_job(ctx, begun.id, due_at=due_at)
        return begun.id


def continue_by_job(ctx: Context, run_id: UUID, *, due_at: datetime) -> None:
    """Let a job work on a run, inside the transaction that begins it."""
    key = job_key(run_id)
    outbox.enqueue(ctx, CONTINUE, {"run_id": str(run_id)}, key=key, due_at=due_at)


def job_key(run_id: UUID) -> str:
    """Return the key of the job that works on a run."""
    return f"{CONTINUE}:{run_id}"


def resume(ctx: Context, run_id: UUID, *, progress: Progress | None = None) -> RunSummary:
    """Work on a run until all its parts are done, beside others that do the same.

    Safe to repeat at any time. Raises NotFound.
    """
    found = run_parts.get(ctx, run_id)
    relay = runtime().host.relay(ctx.tenant.plugins)
    with ThreadPoolExecutor(max_workers=1) as thread, undisturbed():
        for lease, computing in _ahead(ctx, relay, found, thread):
            _finish_part(ctx, relay, found, lease, computing)
            with ctx.transaction() as session:
                refresh_statistics(session)
            if progress:
                progress(*run_parts.counts(ctx, run_id))
    with ctx.transaction():
        if run_parts.finish(ctx, run_id) and not found.is_preview:
            outbox.publish(ctx, BillRunFinished(run_id=run_id))
    return run_parts.summary(ctx, run_id)


def preview(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    scope: RunScope = EVERYTHING,
    progress: Progress | None = None,
) -> RunSummary:
    """Return what `run` would do, computed by the same code, with nothing written."""
    ctx.require("bill_runs.start")
    refuse_date(ctx, issue_on)
    relay = runtime().host.relay(ctx.tenant.plugins)
    ranges = run_parts.ranges(ctx, until, scope)
    summary = RunSummary()
    with undisturbed():
        for number, payers in enumerate(ranges, 1):
            computed = _compute(ctx, relay, payers, Wish(until, issue_on, RunMode.ISSUE, scope))
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

    def compute() -> Part:
        with app.app_context(), ctx.acting():
            return _part(ctx, relay, found, lease)

    return thread.submit(compute)


def _finish_part(
    ctx: Context, relay: Relay, found: Run, lease: Lease, computing: Computing
) -> None:
    part = computing.result()
    for _try in range(_TRIES):
        try:
            _commit(ctx, found, lease, part)
        except _Moved:
            part = _part(ctx, relay, found, lease)
            continue
        return
    raise RuntimeError(f"Charges of part {lease.part_no} kept changing under the bill run.")


def _part(ctx: Context, relay: Relay, found: Run, lease: Lease) -> Part:
    """Compute a part down to the rows that will be written."""
    wish = Wish(found.until, found.issue_on, found.mode, found.scope)
    assembly, outcomes = _compute(ctx, relay, lease.payers, wish)
    result = PartResult.of(assembly, outcomes)
    if found.is_preview:
        return Part(result=result.with_customers(outcomes), bills=(), charge_ids=(), prepared=None)
    billed = [outcome for outcome in outcomes if outcome.bill.buyer.id not in result.parked_ids]
    claims = {outcome.bill.id: outcome.bill.charge_ids for outcome in billed}
    documents = [outcome.document for outcome in billed if outcome.document]
    prepared = None
    if found.mode is RunMode.ISSUE and documents:
        prepared = prepare_documents(ctx, documents, claims=claims, bill_run_id=found.id)
    return Part(
        result=result,
        bills=tuple(outcome.bill for outcome in billed),
        charge_ids=tuple(charge_id for ids in claims.values() for charge_id in ids),
        prepared=prepared,
    )


def _compute(
    ctx: Context, relay: Relay, payers: tuple[UUID, UUID], wish: Wish
) -> tuple[Assembly, list[Outcome]]:
    assembly = assemble(ctx, relay, payers, wish.until, wish.scope)
    db.session.rollback()  # ends reading: no plugin is waited for with a snapshot held
    outcomes = documents_of(
        ctx, relay, assembly.bills, seller=seller(ctx), issue_on=wish.issue_on, stage="issue"
    )
    return assembly, outcomes


def _commit(ctx: Context, found: Run, lease: Lease, part: Part) -> None:
    """Write a part whole. Raises _Moved where what it was computed from has changed."""
    with ctx.transaction() as session:
        if not run_parts.end(ctx, found.id, lease, part.result) or found.is_preview:
            return
        if not take(ctx, part.charge_ids) or _has_moved(part.bills):
            raise _Moved
        if part.prepared:
            write(session, part.prepared)
            outbox.wake_when_committed()
        else:
            write_drafts(ctx, part.bills, run_id=found.id, issue_on=found.issue_on)
        billed = {bill.buyer.id for bill in part.bills}
        parking.settle(ctx, found.id, billed=billed, parked=part.result.parked)


def _has_moved(bills: Sequence[Bill]) -> bool:
    wanted = {bill.buyer.id: bill.buyer.version for bill in bills}
    return bool(wanted) and versions(wanted.keys()) != wanted
