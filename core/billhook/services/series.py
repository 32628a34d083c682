"""Numbering series, their runs, and the auditor's report on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.domain.numbering import pattern_problems, printed_number
from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.kernel.batch import SeriesRunRef
from billhook.models.documents import DocumentEvent, DocumentSeal, Series, SeriesRun
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.sets import insert_missing

DEFAULTS = (
    ("invoices", DocumentType.INVOICE, "INV-{yyyy}-{number:5}"),
    ("credit-notes", DocumentType.CREDIT_NOTE, "CN-{yyyy}-{number:5}"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEntry:
    """A series as people see it."""

    code: str
    document_type: str
    pattern: str
    restarts_yearly: bool
    first_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A run's numbers: complete when `count` is what lies between first and last."""

    series: str
    year: int | None
    first: int
    last: int
    count: int
    first_printed: str
    last_printed: str
    voided: tuple[str, ...]

    @property
    def missing(self) -> int:
        return self.last - self.first + 1 - self.count


def create_defaults(ctx: Context) -> None:
    """Give a new tenant a series for invoices and one for credit notes."""
    session = db.session
    for code, kind, pattern in DEFAULTS:
        session.add(
            Series(
                tenant_id=ctx.tenant.id,
                id=new_id(),
                code=code,
                document_type=kind.value,
                pattern=pattern,
                restarts_yearly=True,
                first_number=1,
                is_default=True,
            )
        )
    session.flush()


def listing(ctx: Context) -> list[SeriesEntry]:
    """Return all series, by code."""
    ctx.require("documents.view")
    return [_entry(row) for row in db.session.scalars(select(Series).order_by(Series.code))]


def change(
    ctx: Context,
    code: str,
    *,
    pattern: str | None = None,
    restarts_yearly: bool | None = None,
    first_number: int | None = None,
) -> SeriesEntry:
    """Change how a series numbers from now on; issued numbers stay.

    Raises NotFound, ValidationFailed: a first number is settable while the run is empty.
    """
    ctx.require("series.manage")
    with ctx.transaction() as session:
        row = session.scalar(select(Series).where(Series.code == code).with_for_update())
        if row is None:
            raise NotFound(_("series"), code)
        if pattern is not None:
            row.pattern = pattern
        if restarts_yearly is not None:
            _refuse_used(row, "restarts_yearly")
            row.restarts_yearly = restarts_yearly
        problems = pattern_problems(row.pattern, restarts_yearly=row.restarts_yearly)
        if problems:
            raise ValidationFailed(problems)
        if first_number is not None:
            _refuse_used(row, "first_number")
            if not 1 <= first_number < 10**15:
                raise ValidationFailed([_first_number_problem()])
            row.first_number = first_number
        session.flush()
        audit.record(ctx, "series.changed", "series", row.id, code=code, pattern=row.pattern)
        return _entry(row)


def _first_number_problem() -> Problem:
    return Problem(
        code="series.first_number",
        path="first_number",
        message=_("Choose a first number between 1 and 999,999,999,999,999."),
    )


def _refuse_used(row: Series, path: str) -> None:
    """Raises ValidationFailed once a run of the series has begun."""
    used = db.session.scalar(select(SeriesRun.id).where(SeriesRun.series_id == row.id).limit(1))
    if used is not None:
        raise ValidationFailed(
            [
                Problem(
                    code="series.used",
                    path=path,
                    message=_(
                        "Series %(code)s has numbered documents already, so that this is fixed. "
                        "Change the pattern, or wait for the next year's run.",
                        code=row.code,
                    ),
                )
            ]
        )


def run_for(ctx: Context, kind: DocumentType, issue_on: date) -> SeriesRunRef:
    """Return the run that numbers a type of document on a date; begin it where it is missing.

    Inside a transaction. Raises NotFound where the tenant has no series for the type.
    """
    row = db.session.scalar(
        select(Series).where(Series.document_type == kind.value, Series.is_default)
    )
    if row is None:
        raise NotFound(_("series"), kind.value)
    year = issue_on.year if row.restarts_yearly else 0
    wanted = select(SeriesRun.id).where(SeriesRun.series_id == row.id, SeriesRun.year == year)
    run_id = db.session.scalar(wanted)
    if run_id is None:
        insert_missing(
            SeriesRun,
            [
                {
                    "tenant_id": ctx.tenant.id,
                    "id": new_id(),
                    "series_id": row.id,
                    "year": year,
                    "first_number": row.first_number,
                    "last_number": row.first_number - 1,
                    "last_hash": FIRST,
                    "last_on": None,
                }
            ],
        )
        run_id = db.session.scalar(wanted)
        assert run_id is not None
    return SeriesRunRef(id=run_id, pattern=row.pattern)


def expected_number(ctx: Context, kind: DocumentType, issue_on: date) -> str:
    """Return the number that a document of the type would get now; another may take it first.

    Raises NotFound where the tenant has no series for the type.
    """
    row = db.session.scalar(
        select(Series).where(Series.document_type == kind.value, Series.is_default)
    )
    if row is None:
        raise NotFound(_("series"), kind.value)
    year = issue_on.year if row.restarts_yearly else 0
    last = db.session.scalar(
        select(SeriesRun.last_number).where(SeriesRun.series_id == row.id, SeriesRun.year == year)
    )
    number = row.first_number if last is None else last + 1
    return printed_number(row.pattern, number, issue_on)


def last_date(ctx: Context, issue_on: date) -> date | None:
    """Return the latest issue date in the runs that the date would fall into."""
    found = db.session.execute(
        select(Series.restarts_yearly, SeriesRun.year, SeriesRun.last_on)
        .join(
            SeriesRun,
            and_(
                SeriesRun.tenant_id == Series.tenant_id,
                SeriesRun.series_id == Series.id,
            ),
        )
        .where(Series.is_default)
    ).all()
    dates = [
        row.last_on
        for row in found
        if row.last_on and row.year == (issue_on.year if row.restarts_yearly else 0)
    ]
    return max(dates, default=None)


def report(ctx: Context, year: int | None = None) -> list[RunReport]:
    """Report each run's numbers, with the voided ones: proof that none is missing."""
    ctx.require("documents.view")
    runs = db.session.execute(
        select(SeriesRun, Series.code)
        .join(
            Series, and_(Series.tenant_id == SeriesRun.tenant_id, Series.id == SeriesRun.series_id)
        )
        .order_by(Series.code, SeriesRun.year)
    ).all()
    wanted = [(run, code) for run, code in runs if year is None or run.year in (0, year)]
    return [_report(run, code) for run, code in wanted if run.last_number >= run.first_number]


def _report(run: SeriesRun, code: str) -> RunReport:
    count = db.session.scalar(
        select(func.count()).select_from(DocumentSeal).where(DocumentSeal.run_id == run.id)
    )
    printed = dict(
        db.session.execute(
            select(DocumentSeal.number, DocumentSeal.printed_number).where(
                DocumentSeal.run_id == run.id,
                DocumentSeal.number.in_([run.first_number, run.last_number]),
            )
        )
        .tuples()
        .all()
    )
    return RunReport(
        series=code,
        year=run.year or None,
        first=run.first_number,
        last=run.last_number,
        count=count or 0,
        first_printed=printed.get(run.first_number, ""),
        last_printed=printed.get(run.last_number, ""),
        voided=_voided(run.id),
    )


def _voided(run_id: UUID) -> tuple[str, ...]:
    found: Sequence[str] = db.session.scalars(
        select(DocumentSeal.printed_number)
        .join(
            DocumentEvent,
            and_(
                DocumentEvent.tenant_id == DocumentSeal.tenant_id,
                DocumentEvent.document_id == DocumentSeal.document_id,
            ),
        )
        .where(DocumentSeal.run_id == run_id, DocumentEvent.kind == "voided")
        .order_by(DocumentSeal.number)
    ).all()
    return tuple(found)


def _entry(row: Series) -> SeriesEntry:
    return SeriesEntry(
        code=row.code,
        document_type=row.document_type,
        pattern=row.pattern,
        restarts_yearly=row.restarts_yearly,
        first_number=row.first_number,
    )
