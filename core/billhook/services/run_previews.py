"""What a bill run would do, and how that differs from the last one.

A preview is cut into the parts of a run and computed by its code; of each part
only the counts are kept. A small one is done at once, a large one by a job.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, delete, func, select

from billhook.db import db
from billhook.domain.states import DocumentType, RunMode
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow
from billhook.models.runs import BillRun, BillRunPart
from billhook.sdk.context import Context
from billhook.services import billing, idempotency, run_parts, run_scopes, runs
from billhook.services.billed import CurrencySums
from billhook.services.posting import refuse_date
from billhook.services.run_scopes import RunScope
from billhook.services.runs import RunEntry
from billhook.services.sets import one_of

AT_ONCE = 2_000
"""Charges that are computed while the person waits."""

KEPT = timedelta(days=1)
_RUNS_LOOKED_AT = 50
_CHANGES_SHOWN = 10
_FALL_BACK_AFTER = timedelta(minutes=2)


class CurrencyChange(NamedTuple):
    """Documents and their net of one currency, now and then."""

    currency: str
    documents: int
    documents_then: int
    net: int
    net_then: int

    @property
    def change(self) -> int:
        return self.net - self.net_then


class CustomerChange(NamedTuple):
    """What a customer would be billed, and was."""

    customer: str
    name: str
    currency: str
    net: int
    net_then: int

    @property
    def change(self) -> int:
        return self.net - self.net_then


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A preview beside the last run of the same scope."""

    earlier: RunEntry
    currencies: tuple[CurrencyChange, ...]
    customers: tuple[CustomerChange, ...]
    """Those with the largest changes."""


def begin(
    ctx: Context,
    *,
    until: date,
    issue_on: date,
    mode: RunMode,
    scope: RunScope,
    key: str | None = None,
) -> UUID:
    """Begin a preview and return its id; a small one is done when this returns.

    A repeat with the same key gets the first. Raises PeriodClosed or ValidationFailed
    where the issue date cannot be taken, IdempotencyMismatch.
    """
    ctx.require("bill_runs.start")
    if mode is RunMode.ISSUE:
        refuse_date(ctx, issue_on)
    wish = billing.Wish(until, issue_on, mode, run_scopes.seen(ctx, scope, until))
    is_small = run_scopes.waiting_in(ctx, wish.scope, until).charges <= AT_ONCE
    outcome = idempotency.once(
        ctx,
        route="bill_runs.preview",
        key=key,
        request=[until, issue_on, mode, scope.as_json()],
        effect=lambda: {"id": str(_begun(ctx, wish, is_small))},
    )
    begun = UUID(outcome.answer["id"])
    if is_small:
        billing.resume(ctx, begun)
    return begun


def _begun(ctx: Context, wish: billing.Wish, is_small: bool) -> UUID:
    """Inside a transaction: write a preview, and the job that works it out if nobody has by then."""
    _forget_old(ctx)
    begun = run_parts.begin(
        ctx,
        until=wish.until,
        issue_on=wish.issue_on,
        mode=wish.mode,
        scope=wish.scope,
        is_preview=True,
    )
    due_at = ctx.now() + (_FALL_BACK_AFTER if is_small else timedelta(0))
    billing.continue_by_job(ctx, begun.id, due_at=due_at)
    return begun.id


def _forget_old(ctx: Context) -> None:
    old = select(BillRun.id).where(
        BillRun.tenant_id == ctx.tenant.id,
        BillRun.is_preview,
        BillRun.started_at < ctx.now() - KEPT,
    )
    for row, column in ((BillRunPart, BillRunPart.run_id), (BillRun, BillRun.id)):
        gone = delete(row).where(row.tenant_id == ctx.tenant.id, column.in_(old))
        db.session.execute(gone.execution_options(synchronize_session=False))


def start(ctx: Context, preview_id: UUID) -> UUID:
    """Start the run that was previewed; return its id, the same however often this is asked.

    Raises NotFound, PeriodClosed, ValidationFailed.
    """
    ctx.require("bill_runs.start")
    wanted = run_parts.get(ctx, preview_id)
    return billing.start(
        ctx,
        until=wanted.until,
        issue_on=wanted.issue_on,
        mode=wanted.mode,
        scope=wanted.scope,
        key=str(preview_id),
    )


def comparison(ctx: Context, preview: RunEntry) -> Comparison | None:
    """Set a preview beside the last run of its scope that issued; None where there is none."""
    ctx.require("bill_runs.view")
    earlier = _last_like(ctx, preview)
    if earlier is None:
        return None
    return Comparison(
        earlier=earlier,
        currencies=_currencies(preview.result.currencies, earlier.result.currencies),
        customers=_customers(_previewed(preview), _billed_by(earlier.run.id)),
    )


def _last_like(ctx: Context, preview: RunEntry) -> RunEntry | None:
    rows = db.session.scalars(
        select(BillRun)
        .where(
            ~BillRun.is_preview,
            BillRun.finished_at.is_not(None),
            BillRun.mode == RunMode.ISSUE.value,
        )
        .order_by(BillRun.id.desc())
        .limit(_RUNS_LOOKED_AT)
    )
    like = next((row for row in rows if RunScope.from_json(row.scope) == preview.run.scope), None)
    return runs.get(ctx, like.id) if like else None


def _currencies(
    now: Mapping[str, CurrencySums], then: Mapping[str, CurrencySums]
) -> tuple[CurrencyChange, ...]:
    nothing = CurrencySums()
    return tuple(
        CurrencyChange(
            currency=currency,
            documents=now.get(currency, nothing).documents,
            documents_then=then.get(currency, nothing).documents,
            net=now.get(currency, nothing).net,
            net_then=then.get(currency, nothing).net,
        )
        for currency in sorted({*now, *then})
    )


_Nets = Mapping[tuple[UUID, str], int]


def _previewed(preview: RunEntry) -> _Nets:
    return {(one.customer_id, one.currency): one.net for one in preview.result.customers}


def _billed_by(run_id: UUID) -> _Nets:
    is_credit = DocumentRow.type == DocumentType.CREDIT_NOTE.value
    rows = db.session.execute(
        select(
            DocumentRow.customer_id,
            DocumentRow.currency,
            func.sum(case((is_credit, -DocumentRow.net), else_=DocumentRow.net)),
        )
        .where(DocumentRow.id > runs.made_since(run_id), DocumentRow.bill_run_id == run_id)
        .group_by(DocumentRow.customer_id, DocumentRow.currency)
    )
    return {(customer_id, currency): int(net) for customer_id, currency, net in rows}


def _customers(now: _Nets, then: _Nets) -> tuple[CustomerChange, ...]:
    changes = {key: now.get(key, 0) - then.get(key, 0) for key in {*now, *then}}
    largest = sorted(
        (key for key, change in changes.items() if change),
        key=lambda key: (-abs(changes[key]), key),
    )[:_CHANGES_SHOWN]
    rows = db.session.execute(
        select(Customer.id, Customer.reference, Customer.name).where(
            one_of(Customer.id, {customer_id for customer_id, _currency in largest})
        )
    )
    known = {row.id: row for row in rows}
    return tuple(
        CustomerChange(
            customer=known[customer_id].reference,
            name=known[customer_id].name,
            currency=currency,
            net=now.get((customer_id, currency), 0),
            net_then=then.get((customer_id, currency), 0),
        )
        for customer_id, currency in largest
        if customer_id in known
    )
