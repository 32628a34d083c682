"""Jobs: what waits and what was given up, to be tried again."""

from http import HTTPStatus
from typing import get_args
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.i18n import gettext as _
from billhook.services import outbox
from billhook.services.outbox import WorkState
from billhook.web import paging
from billhook.web.access import context, requires
from billhook.web.forms import ButtonForm

blueprint = Blueprint("work", __name__, url_prefix="/jobs")

SHOWN = 100
STATES: tuple[WorkState, ...] = get_args(WorkState)


@blueprint.get("")
@requires("outbox.view")
def listing() -> str:
    """List what was given up; other states where they are asked for."""
    asked = paging.text("state")
    state: WorkState = next((one for one in STATES if one == asked), "dead")
    return render_template(
        "work.html",
        work=outbox.listing(context(), state=state, limit=SHOWN),
        state=state,
        form=ButtonForm(),
    )


@blueprint.post("/<uuid:work_id>/retry")
@requires("outbox.retry")
def retry(work_id: UUID) -> Response:
    """Let work be tried again now."""
    outbox.retry(context(), work_id)
    flash(_("It is tried again now. Load this page again to see what came of it."))
    return redirect(url_for(".listing", state="waiting"), HTTPStatus.SEE_OTHER)
