"""Verifying the books from the screen: asking for it, watching, and what was found."""

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.forms import ButtonForm
from billhook.services import verification_runs
from billhook.web.access import context, requires
from billhook.web.ledger.rooms import blueprint


@blueprint.get("/verify")
@requires("ledger.view")
def verification() -> str:
    """Say what verifying proves, and what the last run found."""
    return render_template(
        "ledger/verification.html",
        run=verification_runs.latest(context()),
        form=ButtonForm(),
    )


@blueprint.post("/verify")
@requires("ledger.view")
def verify() -> Response:
    """Ask for a run."""
    run_id = verification_runs.start(context())
    return redirect(url_for(".verification_run", run_id=run_id), HTTPStatus.SEE_OTHER)


@blueprint.get("/verify/<uuid:run_id>")
@requires("ledger.view")
def verification_run(run_id: UUID) -> str:
    """Show how far a run got, and what it found."""
    return render_template(
        "ledger/verification.html",
        run=verification_runs.get(context(), run_id),
        form=ButtonForm(),
    )


@blueprint.get("/verify/<uuid:run_id>/progress")
@requires("ledger.view")
def verification_progress(run_id: UUID) -> str:
    """Give the part of the page that changes while the run goes on."""
    return render_template(
        "ledger/verification_run.html", run=verification_runs.get(context(), run_id)
    )
