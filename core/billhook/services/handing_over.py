"""Handing the journal over to an accountant: as CSV, or by a plugin in their program's format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.domain.bookings import BookedEntry, BookedLine, BookedPeriod
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.ledger import Account, EntryRow, EntrySeal, PostingRow
from billhook.money import to_major
from billhook.plugins.registries import LEDGER_EXPORTS
from billhook.plugins.runtime import relay
from billhook.problems import Problem, errors
from billhook.sdk.context import Context
from billhook.sdk.providers import LedgerFile
from billhook.services import audit
from billhook.services.exports.sheets import Cell, write

MOST_ENTRIES = 99_999
"""Of one file by a plugin: what programs take at once, and what is held in memory."""

_ROWS = 1_000
COLUMNS = (
    *("sequence", "entry_on", "kind", "number", "document_type", "customer", "customer_name"),
    *("line_no", "account", "account_name", "currency", "debit", "credit"),
    *("base_currency", "base_amount", "tax_category", "tax_rate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A format that the tenant can hand over in."""

    key: str
    title: str
    plugin: str


def ways(ctx: Context) -> list[Way]:
    """Return what the tenant's plugins offer beside CSV."""
    ctx.require("ledger.view")
    return [
        Way(key=key, title=str(factory.title), plugin=plugin)
        for plugin, key, factory in relay(ctx).factories(LEDGER_EXPORTS)
    ]


def count(ctx: Context, since: date, until: date) -> int:
    """Return how many entries the days have."""
    ctx.require("ledger.view")
    within = select(func.count()).select_from(EntryRow)
    return db.session.scalar(within.where(EntryRow.entry_on.between(since, until))) or 0


def write_csv(ctx: Context, since: date, until: date, out: BinaryIO) -> int:
    """Write a row for each posting of the days, in journal order; return how many there are."""
    ctx.require("ledger.view")
    ctx.require("exports.create")
    written = write(out, "csv", COLUMNS, _rows(since, until))
    _note(ctx, "journal", since, until, written)
    return written


def export(ctx: Context, key: str, since: date, until: date) -> LedgerFile:
    """Return the days' entries as a plugin writes them.

    Raises PluginUnavailable, PluginFailed, Rejected, and ValidationFailed where the plugin
    finds what it cannot express, or the days have too many entries for one file.
    """
    ctx.require("ledger.view")
    ctx.require("exports.create")
    exporter = relay(ctx).ledger_export(key, ctx)
    if count(ctx, since, until) > MOST_ENTRIES:
        raise ValidationFailed([_too_many()])
    entries = list(_entries(since, until))
    db.session.rollback()  # ends reading: no plugin is waited for with a snapshot held
    period = BookedPeriod(since=since, until=until, base_currency=ctx.tenant.currency)
    file = exporter.write(period, entries)
    if errors(file.problems):
        raise ValidationFailed(list(file.problems))
    _note(ctx, key, since, until, len(entries))
    return file


def _too_many() -> Problem:
    return Problem(
        code="ledger.too_many_entries",
        path="until",
        message=_(
            "One file takes at most %(count)s entries. Choose fewer days.", count=MOST_ENTRIES
        ),
    )


def _note(ctx: Context, kind: str, since: date, until: date, rows: int) -> None:
    with ctx.transaction():
        audit.record(
            ctx,
            "export.finished",
            "export",
            new_id(),
            kind=kind,
            since=since.isoformat(),
            until=until.isoformat(),
            rows=rows,
        )


def _postings(since: date, until: date) -> Iterator[Any]:
    def on(row: Any, beside: Any, joined: Any) -> Any:
        return and_(row.tenant_id == beside.tenant_id, joined)

    query = (
        select(
            EntrySeal.sequence,
            EntryRow,
            PostingRow,
            Account.code,
            Account.name.label("account_name"),
            Account.type.label("account_type"),
            DocumentSeal.printed_number,
            DocumentRow.type.label("document_type"),
            DocumentRow.due_on,
            Customer.reference,
            Customer.name.label("customer_name"),
        )
        .select_from(EntrySeal)
        .join(EntryRow, on(EntryRow, EntrySeal, EntryRow.id == EntrySeal.entry_id))
        .join(PostingRow, on(PostingRow, EntryRow, PostingRow.entry_id == EntryRow.id))
        .join(Account, on(Account, PostingRow, Account.id == PostingRow.account_id))
        .outerjoin(DocumentRow, on(DocumentRow, EntryRow, DocumentRow.entry_id == EntryRow.id))
        .outerjoin(
            DocumentSeal,
            on(DocumentSeal, DocumentRow, DocumentSeal.document_id == DocumentRow.id),
        )
        .outerjoin(Customer, on(Customer, DocumentRow, Customer.id == DocumentRow.payer_id))
        .where(EntryRow.entry_on.between(since, until))
        .order_by(EntrySeal.sequence, PostingRow.line_no)
        .execution_options(yield_per=_ROWS)
    )
    yield from db.session.execute(query)


def _rows(since: date, until: date) -> Iterator[Sequence[Cell]]:
    for row in _postings(since, until):
        posting, entry = row.PostingRow, row.EntryRow
        amount = to_major(abs(posting.amount), posting.currency)
        yield (
            row.sequence,
            entry.entry_on,
            entry.kind,
            row.printed_number or "",
            row.document_type or "",
            row.reference or "",
            row.customer_name or "",
            posting.line_no,
            row.code,
            row.account_name,
            posting.currency,
            amount if posting.amount > 0 else None,
            amount if posting.amount < 0 else None,
            entry.base_currency,
            to_major(posting.base_amount, entry.base_currency),
            posting.tax_category,
            posting.tax_rate,
        )


def _entries(since: date, until: date) -> Iterator[BookedEntry]:
    """Gather the postings of each entry; they come in journal order."""
    gathered: list[Any] = []
    for row in _postings(since, until):
        if gathered and row.sequence != gathered[0].sequence:
            yield _entry(gathered)
            gathered = []
        gathered.append(row)
    if gathered:
        yield _entry(gathered)


def _entry(rows: Sequence[Any]) -> BookedEntry:
    first = rows[0]
    return BookedEntry(
        sequence=first.sequence,
        entry_on=first.EntryRow.entry_on,
        kind=first.EntryRow.kind,
        base_currency=first.EntryRow.base_currency,
        lines=tuple(_line(row) for row in rows),
        number=first.printed_number or "",
        document_type=first.document_type or "",
        due_on=first.due_on,
        customer=first.reference or "",
        customer_name=first.customer_name or "",
    )


def _line(row: Any) -> BookedLine:
    posting: PostingRow = row.PostingRow
    return BookedLine(
        account=row.code,
        account_type=row.account_type,
        currency=posting.currency,
        amount=posting.amount,
        base_amount=posting.base_amount,
        tax_category=posting.tax_category,
        tax_rate=posting.tax_rate,
    )
