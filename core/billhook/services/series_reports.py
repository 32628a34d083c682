"""The auditor's report on numbers: each run with what lies between its first and last."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select

from billhook.db import db
from billhook.models.documents import DocumentEvent, DocumentSeal, Series, SeriesRun
from billhook.sdk.context import Context


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
