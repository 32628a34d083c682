"""Who and where one is: the home page, the choice of tenant."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.services import people
from billhook.services.permissions import PERMISSIONS
from billhook.web import visits
from billhook.web.access import context, here, personal, seated
from billhook.web.attention import troubles
from billhook.web.forms import ButtonForm

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@seated
def home() -> str:
    """Say who and where one is."""
    ctx = context()
    allowed = [one.label for one in PERMISSIONS if one.name in (ctx.permissions or ())]
    return render_template(
        "home.html",
        role=people.role_of(ctx),
        allowed=allowed,
        troubles=troubles(ctx),
        workplaces=people.workplaces(here().person_id),
    )


@blueprint.get("/workplaces")
@personal
def pick() -> str:
    """List the tenants that the person can enter."""
    found = here()
    return render_template(
        "pick.html", workplaces=people.workplaces(found.person_id), form=ButtonForm()
    )


@blueprint.post("/workplaces/<uuid:tenant_id>")
@personal
def enter(tenant_id: UUID) -> Response:
    """Work in a tenant from now on."""
    visits.enter(here(), tenant_id)
    return redirect(url_for(".home"), HTTPStatus.SEE_OTHER)
