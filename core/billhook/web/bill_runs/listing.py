"""The list of bill runs."""

from flask import url_for

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import runs
from billhook.services.paging import Slice
from billhook.services.runs import RunEntry
from billhook.web.labels import label
from billhook.web.lists import Badge, Column, Kind, ListPage, ListQuery


def state(row: RunEntry) -> Badge:
    """Return how far a run is, as a word."""
    if row.finished_at is None:
        return Badge(gettext("Running"), "info")
    if row.result.parked:
        return Badge(gettext("Some are parked"), "warn")
    return Badge(gettext("Finished"), "good")


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[RunEntry]:
    return runs.listing(ctx, after=after, limit=limit)


PAGE = ListPage(
    name="bill_runs",
    title=_("Bill runs"),
    permission="bill_runs.view",
    template="bill_runs/list.html",
    columns=(
        Column(
            key="started",
            label=_("Started"),
            kind=Kind.INSTANT,
            value=lambda row: row.started_at,
            href=lambda row: url_for("bill_runs.run", run_id=row.run.id),
            is_title=True,
        ),
        Column(
            key="by",
            label=_("By"),
            value=lambda row: row.started_by or gettext("Command line"),
        ),
        Column(
            key="until",
            label=_("Charges up to"),
            kind=Kind.DAY,
            value=lambda row: row.run.until,
        ),
        Column(key="mode", label=_("What becomes of them"), value=lambda row: label(row.run.mode)),
        Column(
            key="scope",
            label=_("For"),
            value=lambda row: (
                gettext("Everybody") if row.run.scope.is_everything else gettext("A part")
            ),
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=state),
        Column(
            key="documents",
            label=_("Documents"),
            kind=Kind.NUMBER,
            value=lambda row: row.documents,
        ),
        Column(
            key="parked",
            label=_("Parked"),
            kind=Kind.NUMBER,
            value=lambda row: len(row.result.parked),
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.run.id,
)
