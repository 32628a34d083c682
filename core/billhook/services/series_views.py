"""Series as their page shows them: the next numbers, the runs, what can still be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from billhook.db import db
from billhook.domain.numbering import pattern_problems, printed_number
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.brands import BrandRow
from billhook.models.documents import Series, SeriesRun
from billhook.sdk.context import Context

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run that has numbered something."""

    year: int | None
    first_number: int
    last_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """A series with what it numbered, and what it numbers next."""

    code: str
    document_type: DocumentType
    pattern: str
    restarts_yearly: bool
    first_number: int
    version: int
    brand: str
    """Whose own it is; empty for all other brands'."""
    runs: tuple[RunView, ...]
    """The newest first."""
    next_numbers: tuple[str, ...]

    @property
    def is_used(self) -> bool:
        return bool(self.runs)


def listing(ctx: Context) -> list[SeriesView]:
    """Return all series, those of all brands first, each with its next numbers of today."""
    ctx.require("documents.view")
    rows = db.session.execute(
        select(Series, BrandRow.name)
        .outerjoin(
            BrandRow, and_(BrandRow.tenant_id == Series.tenant_id, BrandRow.id == Series.brand_id)
        )
        .order_by(Series.is_default.desc(), BrandRow.name, Series.document_type.desc())
    ).all()
    runs = _runs()
    return [_view(row, brand or "", runs.get(row.id, ()), ctx.today()) for row, brand in rows]


def get(ctx: Context, code: str) -> SeriesView:
    """Return a series. Raises NotFound."""
    for one in listing(ctx):
        if one.code == code:
            return one
    raise NotFound(_("series"), code)


def examples(pattern: str, *, restarts_yearly: bool, begin: int, on: date) -> tuple[str, ...]:
    """Return the next numbers that a pattern prints; none of one that cannot be used."""
    if pattern_problems(pattern, restarts_yearly=restarts_yearly):
        return ()
    return tuple(printed_number(pattern, begin + count, on) for count in range(EXAMPLES))


def next_number(view: SeriesView, on: date) -> int:
    """Return the counter that the series gives next on a day."""
    year = on.year if view.restarts_yearly else None
    last = next((run.last_number for run in view.runs if run.year == year), None)
    return view.first_number if last is None else last + 1


def _runs() -> Mapping[UUID, Sequence[RunView]]:
    found: dict[UUID, list[RunView]] = {}
    rows = db.session.scalars(select(SeriesRun).order_by(SeriesRun.year.desc()))
    for row in rows:
        if row.last_number >= row.first_number:
            found.setdefault(row.series_id, []).append(
                RunView(
                    year=row.year or None,
                    first_number=row.first_number,
                    last_number=row.last_number,
                )
            )
    return found


def _view(row: Series, brand: str, runs: Sequence[RunView], today: date) -> SeriesView:
    begun = SeriesView(
        code=row.code,
        document_type=DocumentType(row.document_type),
        pattern=row.pattern,
        restarts_yearly=row.restarts_yearly,
        first_number=row.first_number,
        version=row.version,
        brand=brand,
        runs=tuple(runs),
        next_numbers=(),
    )
    printed = examples(
        row.pattern,
        restarts_yearly=row.restarts_yearly,
        begin=next_number(begun, today),
        on=today,
    )
    return replace(begun, next_numbers=printed)
