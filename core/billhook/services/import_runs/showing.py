"""Imports as people follow them, and the rows that could not be read."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.imports import ImportRun
from billhook.models.people import Person
from billhook.sdk.context import Context
from billhook.services import files
from billhook.services.importing import ImportKind, ImportReport, RowError
from billhook.services.imports.sheets import open_sheet, rows_of
from billhook.services.paging import Order, Slice, cut

PERMISSIONS: Mapping[str, str] = {
    "customers": "customers.edit",
    "products": "products.edit",
    "charges": "charges.edit",
}


class Stage(StrEnum):
    """How far an import is."""

    BROUGHT = "brought"  # its columns are to be matched
    CHECKING = "checking"
    CHECKED = "checked"
    STORING = "storing"
    STORED = "stored"
    STOPPED = "stopped"  # by bad rows; nothing was stored
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is read."""

    explicit: Mapping[str, str] = field(default_factory=dict)
    """Header to field; empty for a column that is left out."""
    source: str = ""
    skip_bad: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Options":
        """Return what `as_json` stored."""
        return cls(**stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a reading found, or did."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    is_written: bool = False
    reason: str = ""
    """Why the file could not be read at all."""

    @classmethod
    def of(cls, report: ImportReport) -> "Result":
        return cls(
            rows=report.rows,
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
            bad=report.bad,
            errors=report.errors,
            warnings=report.warnings,
            ignored_columns=report.ignored_columns,
            is_written=report.is_written,
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Result":
        """Return what `as_json` stored."""
        given = dict(stored)
        for name in ("errors", "warnings"):
            given[name] = tuple(RowError(**one) for one in stored.get(name, ()))
        given["ignored_columns"] = tuple(stored.get("ignored_columns", ()))
        return cls(**given)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which the row keeps it."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEntry:
    """An import as people see it."""

    id: UUID
    kind: ImportKind
    name: str
    stage: Stage
    done: int
    total: int
    """Rows, about; 0 where nobody counted."""
    options: Options
    result: Result
    started_by: str
    started_at: datetime
    finished_at: datetime | None


def get(ctx: Context, run_id: UUID) -> ImportEntry:
    """Raises NotFound."""
    ctx.require("imports.create")
    row = db.session.execute(
        _runs().where(ImportRun.id == run_id).execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(_("import"), run_id)
    return _entry(row)


def listing(ctx: Context, *, after: str = "", limit: int = PAGE_ROWS) -> Slice[ImportEntry]:
    """Return the imports, newest first. Raises ValidationFailed for a cursor that is none."""
    ctx.require("imports.create")
    order = [Order(ImportRun.id, UUID)]
    return cut(_runs(), order, after=after, limit=limit, make=_entry, is_descending=True)


def bad_rows(ctx: Context, run_id: UUID) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    """Return header and bad rows of a file, each with its reason in a last column.

    Of many, the first that were kept. Raises NotFound, FileDamaged.
    """
    ctx.require("imports.create")
    row = found(run_id)
    reasons: dict[int, list[str]] = {}
    for error in Result.from_json(row.result).errors:
        told = f"{error.column or error.field}: {error.message}" if error.field else error.message
        reasons.setdefault(error.line, []).append(told)
    _file, content = files.stored(ctx, row.file_id)
    with open_sheet(io.BytesIO(content)) as sheet:
        header, rows = rows_of(sheet)
        bad = [[*one.cells, " ".join(reasons[one.line])] for one in rows if one.line in reasons]
    return [*header.cells, _("What to do")], iter(bad)


def found(run_id: UUID) -> ImportRun:
    """Return the row of an import. Raises NotFound."""
    row = db.session.scalar(
        select(ImportRun).where(ImportRun.id == run_id).execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("import"), run_id)
    return row


def _runs() -> Select[Any]:
    return select(ImportRun, Person.name).outerjoin(Person, Person.id == ImportRun.started_by)


def _entry(found: Row[Any]) -> ImportEntry:
    row, name = found[:2]
    result = Result.from_json(row.result) if row.result else Result()
    return ImportEntry(
        id=row.id,
        kind=row.kind,
        name=row.name,
        stage=_stage(row, result),
        done=row.rows_done,
        total=row.rows_total,
        options=Options.from_json(row.options),
        result=result,
        started_by=name or "",
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _stage(row: ImportRun, result: Result) -> Stage:
    match row.state, row.is_dry_run:
        case "failed", _:
            return Stage.FAILED
        case "done", True:
            return Stage.CHECKED
        case "done", False:
            return Stage.STORED if result.is_written else Stage.STOPPED
        case "waiting", True:
            return Stage.BROUGHT
        case _, is_dry_run:
            return Stage.CHECKING if is_dry_run else Stage.STORING
