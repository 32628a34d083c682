"""The pages of bill runs."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from billhook.domain.states import RunMode
from billhook.errors import PeriodClosed, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.services import parking, run_previews, run_scopes, runs
from billhook.services.run_scopes import EVERYTHING
from billhook.services.runs import RunEntry
from billhook.web.access import context, requires
from billhook.web.bill_runs.forms import RunForm
from billhook.web.bill_runs.listing import PAGE, state
from billhook.web.list_routes import add_list
from billhook.web.navigation import may

blueprint = Blueprint("bill_runs", __name__, url_prefix="/bill-runs")

PARKED_SHOWN = 200

add_list(blueprint, PAGE)


@blueprint.get("/new")
@requires("bill_runs.start")
def new() -> str:
    """Ask what to bill."""
    ctx = context()
    return _form(RunForm.of(ctx, ctx.today()))


@blueprint.post("/previews")
@requires("bill_runs.start")
def preview() -> Response | tuple[str, int]:
    """Work out what a run would do."""
    ctx = context()
    form = RunForm.of(ctx, ctx.today())
    try:
        if form.validate():
            preview_id = run_previews.begin(
                ctx,
                until=form.until.data,
                issue_on=form.issue_on.data,
                mode=form.chosen_mode,
                scope=form.scope(ctx),
            )
            return redirect(url_for(".previewed", run_id=preview_id), HTTPStatus.SEE_OTHER)
    except ValidationFailed as error:
        show(form, error.problems)
    except PeriodClosed as error:
        form.issue_on.errors = [*form.issue_on.errors, error.message]
    return _form(form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/previews/<uuid:run_id>")
@requires("bill_runs.view")
def previewed(run_id: UUID) -> str | Response:
    """Show what a run would do, or how far working that out is."""
    ctx = context()
    found = runs.get(ctx, run_id)
    if not found.run.is_preview:
        return redirect(url_for(".run", run_id=run_id))
    if found.finished_at is None:
        return _under_way(found)
    return render_template(
        "bill_runs/preview.html",
        entry=found,
        parked=found.result.parked[:PARKED_SHOWN],
        comparison=run_previews.comparison(ctx, found),
        running=runs.running(ctx),
        form=ButtonForm(),
    )


@blueprint.post("/previews/<uuid:run_id>/start")
@requires("bill_runs.start")
def start(run_id: UUID) -> Response:
    """Start the run that was looked at; sent twice it starts once."""
    ctx = context()
    if not runs.get(ctx, run_id).run.is_preview:
        raise NotFound
    started = run_previews.start(ctx, run_id)
    flash(_("The run has started. You can leave this page; it goes on by itself."))
    return redirect(url_for(".run", run_id=started), HTTPStatus.SEE_OTHER)


@blueprint.get("/<uuid:run_id>")
@requires("bill_runs.view")
def run(run_id: UUID) -> str | Response:
    """Show how far a run is, or what it did."""
    ctx = context()
    found = runs.get(ctx, run_id)
    if found.run.is_preview:
        return redirect(url_for(".previewed", run_id=run_id))
    if found.finished_at is None:
        return _under_way(found)
    still = {one.customer_id for one in parking.listing(ctx) if one.run_id == run_id}
    return render_template(
        "bill_runs/run.html",
        entry=found,
        state=state(found),
        parked=found.result.parked[:PARKED_SHOWN],
        still=still,
        documents=runs.documents_of(ctx, run_id) if may("documents.view") else [],
        drafts=_waiting_drafts(found),
        form=ButtonForm(),
        key=str(new_id()),
    )


@blueprint.get("/<uuid:run_id>/progress")
@requires("bill_runs.view")
def progress(run_id: UUID) -> Response:
    """Tell how far a run or preview is; once it is done, its page is loaded anew."""
    ctx = context()
    found = runs.get(ctx, run_id)
    response = make_response(
        render_template("bill_runs/progress.html", entry=found, trouble=runs.trouble(ctx, run_id))
    )
    if found.finished_at is not None:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/<uuid:run_id>/retry")
@requires("bill_runs.start")
def retry(run_id: UUID) -> Response:
    """Bill those whom the run parked, now that the reason is gone."""
    key = request.form.get("key", "")[:80] or str(new_id())
    started = runs.retry_parked(context(), run_id, key=key)
    flash(_("Those who were parked are tried again."))
    return redirect(url_for(".run", run_id=started), HTTPStatus.SEE_OTHER)


@blueprint.post("/<uuid:run_id>/go-on")
@requires("bill_runs.start")
def go_on(run_id: UUID) -> Response:
    """Let a run that stopped be tried again now."""
    runs.go_on(context(), run_id)
    flash(_("The run is tried again now."))
    return redirect(url_for(".run", run_id=run_id), HTTPStatus.SEE_OTHER)


def _form(form: RunForm) -> str:
    ctx = context()
    return render_template(
        "bill_runs/new.html",
        form=form,
        waiting=run_scopes.waiting_in(ctx, EVERYTHING, form.until.data or ctx.today()),
        until=form.until.data or ctx.today(),
        parked=len(parking.listing(ctx)),
        running=runs.running(ctx),
    )


def _under_way(entry: RunEntry) -> str:
    return render_template(
        "bill_runs/under_way.html",
        entry=entry,
        trouble=runs.trouble(context(), entry.run.id),
        form=ButtonForm(),
    )


def _waiting_drafts(entry: RunEntry) -> int:
    if entry.run.mode is not RunMode.DRAFT or not may("drafts.view"):
        return 0
    return runs.drafts_of(context(), entry.run.id)
