"""Who and where one is: the home page, the choice of tenant, one's open sessions."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.services import people, sessions
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


@blueprint.get("/sessions")
@personal
def open_sessions() -> str:
    """List where the person is logged in."""
    found = here()
    return render_template(
        "sessions.html",
        sessions=sessions.listing(found.person_id),
        current=found.session_id,
        form=ButtonForm(),
    )


@blueprint.post("/sessions/<session_id>/end")
@personal
def end_session(session_id: str) -> Response:
    """End one of the person's own sessions."""
    sessions.end(here().person_id, _session_id(session_id))
    flash(_("The session was ended."))
    return redirect(url_for(".open_sessions"), HTTPStatus.SEE_OTHER)


def _session_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound(_("session"), text) from None
