"""Jobs: what waits and what was given up, tried again one by one or together; what recurs."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import get_args
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import outbox, reviving, schedules
from billhook.services.outbox import Work, WorkState
from billhook.services.paging import Slice
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list
from billhook.web.lists import (
    Badge,
    BulkAct,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Outcome,
    Question,
)

blueprint = Blueprint("work", __name__, url_prefix="/jobs")

STATES: tuple[WorkState, ...] = get_args(WorkState)
_ALL = "all"
_BADGES = {
    "waiting": (_("Waiting"), "info"),
    "done": (_("Done"), "good"),
    "dead": (_("Given up"), "bad"),
}


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[Work]:
    """What was given up comes first: without a choice the list is of that alone."""
    asked = query.value("state")
    state: WorkState | None = next((one for one in STATES if one == asked), "dead")
    if asked == _ALL:
        state = None
    return outbox.search(ctx, state=state, text=query.text, after=after, limit=limit)


def _states(_ctx: Context) -> Sequence[Choice]:
    return [
        Choice("dead", _("Given up")),
        Choice("waiting", _("Waiting")),
        Choice("done", _("Done")),
        Choice(_ALL, _("Every state")),
    ]


def _question(ctx: Context, work_ids: Sequence[UUID]) -> Question:
    found = outbox.of_ids(ctx, work_ids)
    names = sorted({one.name for one in found})
    text = ngettext(
        "%(count)s job is tried again now, with all its attempts.",
        "%(count)s jobs are tried again now, with all their attempts.",
        len(found),
    )
    return Question(text=text, details=names)


def _retried(ctx: Context, work_ids: Sequence[UUID]) -> Outcome:
    done = reviving.retry_some(ctx, work_ids)
    text = ngettext("%(count)s job is tried again.", "%(count)s jobs are tried again.", done.tried)
    return Outcome(text=text, problems=done.refused)


def _badge(work: Work) -> Badge:
    text, tone = _BADGES[work.state]
    return Badge(str(text), tone)


PAGE = ListPage(
    name="jobs",
    title=_("Jobs"),
    permission="outbox.view",
    template="work/list.html",
    search=_("Name or plugin"),
    columns=(
        Column(
            key="name",
            label=_("Job"),
            kind=Kind.CODE,
            value=lambda work: work.name,
            href=lambda work: url_for("work.job", work_id=work.id),
            hint=lambda work: work.plugin,
            is_title=True,
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=_badge),
        Column(
            key="created_at",
            label=_("Created"),
            kind=Kind.INSTANT,
            value=lambda work: work.created_at,
        ),
        Column(
            key="attempts", label=_("Tries"), kind=Kind.NUMBER, value=lambda work: work.attempts
        ),
        Column(key="last_error", label=_("Why it failed"), value=lambda work: work.last_error),
        Column(
            key="due_at",
            label=_("Tried next"),
            kind=Kind.INSTANT,
            value=lambda work: work.due_at,
            is_extra=True,
        ),
    ),
    filters=(Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),),
    bulk=(
        BulkAct(
            key="retry",
            label=_("Try again"),
            icon="refresh",
            permission="outbox.retry",
            question=_question,
            act=_retried,
        ),
    ),
    fetch=_fetch,
    identify=lambda work: work.id,
)
add_list(blueprint, PAGE)


@blueprint.get("/schedules")
@requires("outbox.view")
def recurring() -> str:
    """List what comes up by itself, and when."""
    return render_template("work/schedules.html", schedules=schedules.listing(context()))


@blueprint.get("/<uuid:work_id>")
@requires("outbox.view")
def job(work_id: UUID) -> str:
    """Show a job and why it failed, without what it carries."""
    return render_template(
        "work/job.html", work=outbox.get(context(), work_id), form=ButtonForm(), badge=_badge
    )


@blueprint.post("/<uuid:work_id>/retry")
@requires("outbox.retry")
def retry(work_id: UUID) -> Response:
    """Let work be tried again now."""
    try:
        reviving.retry(context(), work_id)
        flash(gettext("It is tried again now. Load this page again to see what came of it."))
    except (Conflict, ValidationFailed) as error:
        flash(error.message, "problem")
    return redirect(url_for(".listing", state="waiting"), HTTPStatus.SEE_OTHER)
