"""Numbering series and their runs.

A tenant has one series for each type of document, and a brand may have its own.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select

from billhook.db import db
from billhook.domain.numbering import may_collide, pattern_problems, printed_number
from billhook.domain.sealing import FIRST
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.kernel.batch import SeriesRunRef
from billhook.models.brands import BrandRow
from billhook.models.documents import Series, SeriesRun
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
    version: int | None = None,
) -> SeriesEntry:
    """Change how a series numbers from now on; issued numbers stay.

    Raises NotFound, Conflict where it is no longer of the version that was changed, and
    ValidationFailed: a first number is settable while the run is empty.
    """
    ctx.require("series.manage")
    with ctx.transaction() as session:
        row = next((one for one in _locked() if one.code == code), None)
        if row is None:
            raise NotFound(_("series"), code)
        if version is not None and row.version != version:
            raise Conflict(_("Somebody else changed this series just now."))
        if pattern is not None:
            row.pattern = pattern.strip()
        if restarts_yearly is not None and restarts_yearly != row.restarts_yearly:
            _refuse_used(row, "restarts_yearly")
            row.restarts_yearly = restarts_yearly
        _refuse_pattern(row)
        if first_number is not None and first_number != row.first_number:
            _refuse_used(row, "first_number")
            if not 1 <= first_number < 10**15:
                raise ValidationFailed([_first_number_problem()])
            row.first_number = first_number
        row.version += 1
        session.flush()
        audit.record(ctx, "series.changed", "series", row.id, code=code, pattern=row.pattern)
        return _entry(row)


def create(ctx: Context, brand_code: str, kind: DocumentType, *, pattern: str) -> SeriesEntry:
    """Give a brand a series of its own for a type of document; it begins at 1.

    Documents of the brand that are issued from now on are numbered by it. Raises
    NotFound, ValidationFailed.
    """
    ctx.require("series.manage")
    with ctx.transaction() as session:
        brand = session.scalar(select(BrandRow).where(BrandRow.code == brand_code))
        if brand is None:
            raise NotFound(_("brand"), brand_code)
        row = Series(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            code=f"{brand.code}-{kind.value.replace('_', '-')}",
            document_type=kind.value,
            pattern=pattern.strip(),
            restarts_yearly="{yy" in pattern,
            first_number=1,
            is_default=False,
            brand_id=brand.id,
            version=1,
        )
        if any((one.brand_id, one.document_type) == (brand.id, kind.value) for one in _locked()):
            raise ValidationFailed([_taken_problem(brand.name)])
        _refuse_pattern(row)
        session.add(row)
        session.flush()
        audit.record(ctx, "series.added", "series", row.id, code=row.code, pattern=row.pattern)
        return _entry(row)


def _locked() -> list[Series]:
    """Return all series, locked: changes of them take turns, so that no two print alike."""
    return list(db.session.scalars(select(Series).order_by(Series.id).with_for_update()))


def _taken_problem(brand: str) -> Problem:
    return Problem(
        code="series.brand_has_one",
        path="brand",
        message=_("The brand %(brand)s has a series for these documents already.", brand=brand),
    )


def _refuse_pattern(row: Series) -> None:
    """Raises ValidationFailed where numbers could not be read, repeat, or be another series'."""
    problems = pattern_problems(row.pattern, restarts_yearly=row.restarts_yearly)
    if not problems:
        with db.session.no_autoflush:
            rows = db.session.scalars(select(Series).where(Series.id != row.id))
            alike = [one.code for one in rows if may_collide(one.pattern, row.pattern)]
        problems = [_collision_problem(code) for code in alike[:1]]
    if problems:
        raise ValidationFailed(problems)


def _collision_problem(code: str) -> Problem:
    return Problem(
        code="series.pattern_taken",
        path="pattern",
        message=_(
            "The series %(code)s prints the same numbers. Begin them with other letters.",
            code=code,
        ),
    )


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


def brands_with_own() -> set[UUID]:
    """Return the brands that have a series of their own; mostly none."""
    return {
        brand_id
        for brand_id in db.session.scalars(select(Series.brand_id).distinct())
        if brand_id is not None
    }


def _numbering(kind: DocumentType, brand_id: UUID | None) -> Series:
    """Return the brand's own series for a type, else the tenant's. Raises NotFound."""
    rows = db.session.scalars(
        select(Series).where(
            Series.document_type == kind.value,
            or_(Series.is_default, Series.brand_id == brand_id),
        )
    ).all()
    own = next((row for row in rows if brand_id and row.brand_id == brand_id), None)
    row = own or next((row for row in rows if row.is_default), None)
    if row is None:
        raise NotFound(_("series"), kind.value)
    return row


def run_for(
    ctx: Context, kind: DocumentType, issue_on: date, *, brand_id: UUID | None = None
) -> SeriesRunRef:
    """Return the run that numbers a brand's documents of a type on a date; begin it if missing.

    Inside a transaction. Raises NotFound where the tenant has no series for the type.
    """
    row = _numbering(kind, brand_id)
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


def expected_number(
    ctx: Context, kind: DocumentType, issue_on: date, *, brand_id: UUID | None = None
) -> str:
    """Return the number that a brand's document would get now; another may take it first.

    Raises NotFound where the tenant has no series for the type.
    """
    row = _numbering(kind, brand_id)
    year = issue_on.year if row.restarts_yearly else 0
    last = db.session.scalar(
        select(SeriesRun.last_number).where(SeriesRun.series_id == row.id, SeriesRun.year == year)
    )
    number = row.first_number if last is None else last + 1
    return printed_number(row.pattern, number, issue_on)


def last_date(ctx: Context, issue_on: date) -> date | None:
    """Return the latest issue date in the runs that the date would fall into."""
    found = db.session.execute(
        select(Series.restarts_yearly, SeriesRun.year, SeriesRun.last_on).join(
            SeriesRun,
            and_(
                SeriesRun.tenant_id == Series.tenant_id,
                SeriesRun.series_id == Series.id,
            ),
        )
    ).all()
    dates = [
        row.last_on
        for row in found
        if row.last_on and row.year == (issue_on.year if row.restarts_yearly else 0)
    ]
    return max(dates, default=None)


def _entry(row: Series) -> SeriesEntry:
    return SeriesEntry(
        code=row.code,
        document_type=row.document_type,
        pattern=row.pattern,
        restarts_yearly=row.restarts_yearly,
        first_number=row.first_number,
    )
