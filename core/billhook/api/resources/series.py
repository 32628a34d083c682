"""Number series by the API."""

from billhook.api.schemas.series import (
    NewSeries,
    NextNumbersAnswer,
    NumbersAnswer,
    NumbersQuery,
    SeriesAnswer,
    SeriesChanges,
    SeriesTrial,
)
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import series, series_reports, series_views

routes = Routes("series", "How documents are numbered, and which number comes next.")


@routes.get("/series", requires="documents.view")
def list_series(ctx: Context) -> Page[SeriesAnswer]:
    """List the number series: all of them, on one page."""
    return Page(data=[SeriesAnswer.of(one) for one in series_views.listing(ctx)], next=None)


@routes.post("/series", requires="series.manage")
def create_series(ctx: Context, body: NewSeries) -> Made[SeriesAnswer]:
    """Give a brand a series of its own for a type of document; it begins at 1.

    Documents of the brand that are issued from now on are numbered by it. Needs
    `documents.view`, too.
    """
    made = series.create(ctx, body.brand, body.document_type, pattern=body.pattern)
    return Made(SeriesAnswer.of(series_views.get(ctx, made.code)), at=f"/series/{made.code}")


@routes.get("/series/numbers", requires="documents.view")
def report_numbers(ctx: Context, query: NumbersQuery) -> Page[NumbersAnswer]:
    """Report the numbers of each series and year: first, last, voided, and that none is missing."""
    found = series_reports.report(ctx, query.year)
    return Page(data=[NumbersAnswer.of(one) for one in found], next=None)


@routes.get("/series/<code>", requires="documents.view")
def get_series(ctx: Context, code: str) -> SeriesAnswer:
    """Get a number series by its code."""
    return SeriesAnswer.of(series_views.get(ctx, code))


@routes.patch("/series/<code>", requires="series.manage")
def change_series(ctx: Context, code: str, body: SeriesChanges, match: Match) -> SeriesAnswer:
    """Change how a series numbers from now on; numbers that were given stay.

    Needs `documents.view`, too.
    """
    stored = series_views.get(ctx, code)
    series.change(ctx, code, **body.model_dump(), version=match.require(stored.version))
    return SeriesAnswer.of(series_views.get(ctx, code))


@routes.ask("/series/<code>/preview", requires="documents.view")
def preview_series(ctx: Context, code: str, body: SeriesTrial) -> NextNumbersAnswer:
    """Tell which numbers a change of a series would print next; nothing is changed."""
    known = series_views.get(ctx, code)
    today = ctx.today()
    begin = body.first_number or known.first_number
    printed = series_views.examples(
        known.pattern if body.pattern is None else body.pattern.strip(),
        restarts_yearly=known.restarts_yearly
        if known.is_used or body.restarts_yearly is None
        else body.restarts_yearly,
        begin=series_views.next_number(known, today) if known.is_used else begin,
        on=today,
    )
    return NextNumbersAnswer(next_numbers=list(printed))
