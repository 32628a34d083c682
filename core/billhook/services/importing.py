"""Import files: all rows or none, or all but the bad ones; safe to run twice.

```python
with open("customers.csv", "rb") as file:
    report = run(ctx, "customers", file)
```
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Literal, get_args
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from billhook import limits
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.fields import Fields
from billhook.services.imports import charges, customers, products
from billhook.services.imports.columns import Column, Matched, match
from billhook.services.imports.outcomes import Kind, Outcome
from billhook.services.imports.sheets import BrokenFile, Row, Sheet, open_sheet, rows_of

ImportKind = Literal["customers", "products", "charges"]
KINDS: tuple[ImportKind, ...] = get_args(ImportKind)
_MODULES: Mapping[ImportKind, Kind] = {
    "customers": customers,
    "products": products,
    "charges": charges,
}
_BATCH = 1_000

Progress = Callable[[int, int], None]
"""Is told how many lines are done, and how many there are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """Why a row was refused: its line in the file, the field, and what to do."""

    line: int
    field: str
    column: str
    """The header over the field, as the file writes it; empty where the file has none."""
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do."""

    id: UUID
    kind: ImportKind
    rows: int
    new: int
    changed: int
    unchanged: int
    bad: int
    errors: tuple[RowError, ...]
    """Of bad rows, in file order; the first thousand."""
    warnings: tuple[RowError, ...]
    """Of rows that are taken nevertheless, in file order; the first thousand."""
    ignored_columns: tuple[str, ...]
    is_dry_run: bool
    is_written: bool
    """False for a dry run, and where bad rows stopped it."""


def columns(kind: ImportKind) -> tuple[Column, ...]:
    """Return the fields that a file of this kind can bring."""
    return _MODULES[kind].COLUMNS


def run(
    ctx: Context,
    kind: ImportKind,
    file: BinaryIO,
    *,
    explicit: Mapping[str, str] | None = None,
    source: str = "",
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Read a seekable CSV or XLSX file and store its rows in one transaction.

    `explicit` maps headers to fields where the names do not say it. A bad row
    stops all, unless `skip_bad` leaves out the bad ones alone.

    Raises BrokenFile for a file that cannot be read, ValidationFailed for its
    header, Conflict where another writes the same rows at that moment.
    """
    ctx.require("imports.create")
    source = _source(source)
    with open_sheet(file) as sheet, ctx.transaction() as session:
        header, rows = rows_of(sheet)
        matched = match(header.cells, columns(kind), explicit or {})
        tally = _Tally(matched)
        try:
            with session.begin_nested():
                for batch in _batches(rows):
                    values = [_values(matched, row) for row in batch]
                    tally.add(batch, _MODULES[kind].take(ctx, values, source=source))
                    progress(batch[-1].line, max(sheet.lines, batch[-1].line))
                if dry_run or (tally.bad and not skip_bad):
                    raise _Undone
                report = tally.report(kind, is_dry_run=False, is_written=True)
                _record(ctx, report, sheet)
        except _Undone:
            report = tally.report(kind, is_dry_run=dry_run, is_written=False)
        except IntegrityError as error:
            raise _raced() from error
    return report


def _values(matched: Matched, row: Row) -> dict[str, str]:
    """Raises BrokenFile where something stands in a column without a name."""
    for place in matched.nameless:
        if row.cells[place].strip():
            raise BrokenFile(
                _("Column %(place)s has no name in the header. Give it one.", place=place + 1),
                line=row.line,
            )
    return matched.values(row.cells)


class _Undone(Exception):
    """Takes back what was stored, once all rows were tried."""


def _source(source: str) -> str:
    """Raises ValidationFailed."""
    fields = Fields()
    found = fields.text("source", source, limit=limits.CODE)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    return found


def _batches(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    """Raises BrokenFile where there are too many rows."""
    count = 0
    while batch := tuple(islice(rows, _BATCH)):
        count += len(batch)
        if count > limits.IMPORT_ROWS:
            raise BrokenFile(
                _("The file has more than %(limit)s rows. Split it.", limit=limits.IMPORT_ROWS)
            )
        yield batch


def _raced() -> Conflict:
    return Conflict(
        _(
            "Somebody else stored the same rows at this moment, so nothing was written. Run the "
            "import again: it is safe to."
        )
    )


def _record(ctx: Context, report: ImportReport, sheet: Sheet) -> None:
    audit.record(
        ctx,
        "import.finished",
        "import",
        report.id,
        kind=report.kind,
        new=report.new,
        changed=report.changed,
        unchanged=report.unchanged,
        bad=report.bad,
        sha256=sheet.sha256,
    )


@dataclass(slots=True)
class _Tally:
    """What became of the rows so far."""

    matched: Matched
    states: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return self.states["refused"]

    def add(self, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> None:
        for row, outcome in zip(rows, outcomes, strict=True):
            self.states[outcome.state] += 1
            said = self.errors if outcome.state == "refused" else self.warnings
            if len(said) < limits.ROW_ERRORS_SHOWN:
                said += [self._error(row, problem) for problem in outcome.problems]

    def _error(self, row: Row, problem: Problem) -> RowError:
        return RowError(
            line=row.line,
            field=problem.path,
            column=self.matched.headers.get(problem.path, ""),
            code=problem.code,
            message=problem.message,
        )

    def report(self, kind: ImportKind, *, is_dry_run: bool, is_written: bool) -> ImportReport:
        return ImportReport(
            id=new_id(),
            kind=kind,
            rows=self.states.total(),
            new=self.states["new"],
            changed=self.states["changed"],
            unchanged=self.states["unchanged"],
            bad=self.bad,
            errors=tuple(self.errors[: limits.ROW_ERRORS_SHOWN]),
            warnings=tuple(self.warnings[: limits.ROW_ERRORS_SHOWN]),
            ignored_columns=self.matched.ignored,
            is_dry_run=is_dry_run,
            is_written=is_written,
        )
