"""The list of imports, and the words for what they are of and how far they are."""

from babel.support import LazyProxy
from flask import url_for

from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import import_runs
from billhook.services.import_runs import ImportEntry, Stage
from billhook.services.paging import Slice
from billhook.web.lists import Badge, Column, Kind, ListPage, ListQuery

KINDS: dict[str, LazyProxy] = {
    "customers": _("Customers"),
    "products": _("Products and prices"),
    "charges": _("Charges"),
}
STAGES: dict[Stage, tuple[LazyProxy, str]] = {
    Stage.BROUGHT: (_("Columns to be matched"), "info"),
    Stage.CHECKING: (_("Being checked"), "info"),
    Stage.CHECKED: (_("Checked, not stored"), "warn"),
    Stage.STORING: (_("Being stored"), "info"),
    Stage.STORED: (_("Stored"), "good"),
    Stage.STOPPED: (_("Stopped by bad rows"), "bad"),
    Stage.FAILED: (_("Cannot be read"), "bad"),
}


def badge(stage: Stage) -> Badge:
    """Return how far an import is, as a word."""
    text, tone = STAGES[stage]
    return Badge(str(text), tone)


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[ImportEntry]:
    return import_runs.listing(ctx, after=after, limit=limit)


PAGE = ListPage(
    name="imports",
    title=_("Imports"),
    permission="imports.create",
    template="imports/list.html",
    columns=(
        Column(
            key="name",
            label=_("File"),
            value=lambda row: row.name,
            href=lambda row: url_for("imports.run", run_id=row.id),
            is_title=True,
        ),
        Column(key="kind", label=_("Of"), value=lambda row: KINDS[row.kind]),
        Column(
            key="started",
            label=_("Brought in"),
            kind=Kind.INSTANT,
            value=lambda row: row.started_at,
        ),
        Column(key="by", label=_("By"), value=lambda row: row.started_by),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=lambda row: badge(row.stage)),
        Column(key="rows", label=_("Rows"), kind=Kind.NUMBER, value=lambda row: row.result.rows),
        Column(key="bad", label=_("Bad rows"), kind=Kind.NUMBER, value=lambda row: row.result.bad),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
)
