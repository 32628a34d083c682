"""Where everybody begins: what waits and what went out; and the choice of tenant."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.forms import ButtonForm
from billhook.services import people, tiles
from billhook.web import visits
from billhook.web.access import context, here, personal, requires, seated
from billhook.web.attention import troubles
from billhook.web.dashboard import FIGURES, figures_of, issued_chart
from billhook.web.navigation import may

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@seated
def home() -> str:
    """Show what waits, and let the figures come after."""
    ctx = context()
    return render_template(
        "home.html",
        role=people.role_of(ctx),
        troubles=troubles(ctx),
        has_figures=any(may(one) for one in FIGURES),
        tiles=tiles.offered(ctx),
    )


@blueprint.get("/figures")
@seated
def figures() -> str:
    """Give the figures of what the member may see."""
    return render_template("dashboard/figures.html", **figures_of(context()))


@blueprint.get("/issued")
@requires("documents.view")
def issued() -> str:
    """Give the chart of what was issued in each month."""
    return render_template("dashboard/issued.html", chart=issued_chart(context()))


@blueprint.get("/tiles/<key>")
@seated
def tile(key: str) -> str:
    """Give a plugin's tile; a note where the plugin fails."""
    return render_template("dashboard/tile.html", tile=tiles.shown(context(), key))


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
