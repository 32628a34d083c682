"""The books by the API: accounts, journal, trial balance, closing, handing over, proof."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from billhook.api.schemas.ledger import (
    CloseInput,
    ClosingAnswer,
    DayQuery,
    DaysQuery,
    EntriesQuery,
    EntryAnswer,
    EntryQuery,
    FormatAnswer,
    FormatsAnswer,
    LedgerAccountAnswer,
    LedgerAccountsAnswer,
    SealAnswer,
    StatementLineAnswer,
    StatementQuery,
    TrialBalanceAnswer,
)
from billhook.api.schemas.verifications import VerificationAnswer
from billhook.i18n import gettext as _
from billhook.sdk.api import Download, Made, Page, PageQuery, Routes
from billhook.sdk.context import Context
from billhook.services import handing_over, journals, ledgers, verification_runs

routes = Routes("ledger", "The double-entry books that documents are posted to.")

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024


@routes.get("/ledger/accounts", requires="ledger.view")
def list_accounts(ctx: Context, query: DayQuery) -> LedgerAccountsAnswer:
    """List the accounts of the chart, each with its balance as of a day."""
    found = ledgers.balances(ctx, query.as_of)
    return LedgerAccountsAnswer(
        data=[LedgerAccountAnswer.of(one, ctx.tenant.currency) for one in found]
    )


@routes.get("/ledger/accounts/<code>/<currency>/postings", requires="ledger.view")
def list_account_postings(
    ctx: Context, code: str, currency: str, query: StatementQuery
) -> Page[StatementLineAnswer]:
    """List the postings of an account with the running balance, the newest first."""
    found = journals.statement(
        ctx,
        code,
        currency,
        since=query.since,
        until=query.until,
        after=query.after,
        limit=query.limit,
    )
    return Page(
        data=[StatementLineAnswer.of(one, found) for one in found.lines.rows],
        next=found.lines.next or None,
    )


@routes.get("/ledger/trial-balance", requires="ledger.view")
def get_trial_balance(ctx: Context, query: DayQuery) -> TrialBalanceAnswer:
    """Sum up each account's debits and credits, up to and with a day."""
    found = ledgers.trial_balance(ctx, query.as_of)
    return TrialBalanceAnswer.of(found, query.as_of, ctx.tenant.currency)


@routes.get("/ledger/entries", requires="ledger.view")
def list_entries(ctx: Context, query: EntriesQuery) -> Page[EntryAnswer]:
    """List the entries of the journal, the newest first."""
    found = journals.search(
        ctx,
        query.wanted(),
        after=query.after,
        limit=query.limit,
        is_descending=query.direction == "desc",
    )
    postings = journals.postings_of(ctx, [one.id for one in found.rows]) if query.expand else None
    data = [
        EntryAnswer.of(one, None if postings is None else postings.get(one.id, ()))
        for one in found.rows
    ]
    return Page(data=data, next=found.next or None)


@routes.get("/ledger/entries/<uuid:entry_id>", requires="ledger.view")
def get_entry(ctx: Context, entry_id: UUID, query: EntryQuery) -> EntryAnswer:
    """Get an entry with its postings."""
    view = journals.get(ctx, entry_id)
    return EntryAnswer.of(view.entry, view.postings if query.expand else None)


@routes.get("/ledger/entries/<uuid:entry_id>/seal", requires="ledger.view")
def get_entry_seal(ctx: Context, entry_id: UUID) -> SealAnswer:
    """Get an entry's link in the chain of the journal, and its neighbours."""
    return SealAnswer.of(journals.get(ctx, entry_id))


@routes.get("/ledger/closing", requires="ledger.view")
def get_closing(ctx: Context) -> ClosingAnswer:
    """Get the last day that takes no postings any more."""
    return ClosingAnswer(closed_through=ledgers.closed_through(ctx))


@routes.post("/ledger/close", requires="ledger.close")
def close_ledger(ctx: Context, body: CloseInput) -> ClosingAnswer:
    """Close the books through a day, for good. What is found later goes into the next period."""
    ledgers.close(ctx, body.through)
    return ClosingAnswer(closed_through=body.through)


# Handing over


@routes.get("/ledger/export-formats", requires="ledger.view")
def list_ledger_formats(ctx: Context) -> FormatsAnswer:
    """List the formats in which the journal can be handed over to an accountant."""
    own = FormatAnswer(key="csv", title=_("CSV, a row for each posting"), plugin="")
    brought = [
        FormatAnswer(key=one.key, title=one.title, plugin=one.plugin)
        for one in handing_over.ways(ctx)
    ]
    return FormatsAnswer(data=[own, *brought])


@routes.get("/ledger/journal.csv", requires="exports.create")
def export_journal(ctx: Context, query: DaysQuery) -> Download:
    """Download the journal of some days as CSV, a row for each posting.

    Needs the scope `ledger.view`, too.
    """
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by _pieces
    try:
        handing_over.write_csv(ctx, query.since, query.until, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Download(
        name=f"journal-{query.since.isoformat()}-{query.until.isoformat()}.csv",
        content_type="text/csv; charset=utf-8",
        content=_pieces(file),
    )


@routes.get("/ledger/exports/<format_key>", requires="exports.create")
def export_ledger(ctx: Context, format_key: str, query: DaysQuery) -> Download:
    """Download the journal of some days in a plugin's format, such as DATEV.

    `GET /ledger/export-formats` lists them. Needs the scope `ledger.view`, too.
    """
    file = handing_over.export(ctx, format_key, query.since, query.until)
    return Download(name=file.name, content_type=file.content_type, content=file.content)


def _pieces(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


# Proof


@routes.get("/ledger/verifications", requires="ledger.view")
def list_verifications(ctx: Context, query: PageQuery) -> Page[VerificationAnswer]:
    """List the runs that verified the books, the last first."""
    found = verification_runs.search(ctx, after=query.after, limit=query.limit)
    return Page(data=[VerificationAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.post("/ledger/verifications", requires="ledger.view")
def verify_ledger(ctx: Context) -> Made[VerificationAnswer]:
    """Ask for a run that recomputes every chain, sum and balance; a worker does it.

    Where one goes on already, that one is answered.
    """
    run = verification_runs.get(ctx, verification_runs.start(ctx))
    return Made(VerificationAnswer.of(run), at=f"/ledger/verifications/{run.id}")


@routes.get("/ledger/verifications/<uuid:run_id>", requires="ledger.view")
def get_verification(ctx: Context, run_id: UUID) -> VerificationAnswer:
    """Get how far a run is, and what it found."""
    return VerificationAnswer.of(verification_runs.get(ctx, run_id))
