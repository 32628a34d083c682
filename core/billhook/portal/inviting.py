"""The page that an invitation's link opens: choose a password, and be in."""

from http import HTTPStatus

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from billhook.edges import during
from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.i18n import spoken
from billhook.portal import addresses, callers, visits
from billhook.portal.access import anybody, portal
from billhook.portal.new_password import NewPasswordForm
from billhook.portal.rendering import entrance_page
from billhook.services import passwords
from billhook.services.portal import invitations, logging_in
from billhook.services.portal.one_time_links import Holder
from billhook.throttling import PER_ACCOUNT, PER_ADDRESS, limiter

blueprint = Blueprint("inviting", __name__)

Page = str | Response | tuple[str, int]


@blueprint.get("/invitation/<token>")
@limiter.limit(PER_ADDRESS)
@anybody
def invitation(token: str) -> Page:
    """Show whom the link is for. Looking at it does not use it."""
    found = invitations.invited(portal().ctx, token)
    speak_to(found)
    return _page(found, NewPasswordForm(email=found.email))


@blueprint.post("/invitation/<token>")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_ACCOUNT, key_func=callers.link)
@anybody
def accept(token: str) -> Page:
    """Use the link, and begin a session."""
    ctx = portal().ctx
    found = invitations.invited(ctx, token)
    speak_to(found)
    form = NewPasswordForm(email=found.email)
    if not form.validate():
        return _page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        invitations.accept(ctx, token, form.password.data)
    except ValidationFailed as error:
        show(form, error.problems)
        return _page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    begun = logging_in.begin(ctx, found.contact_id, found.customer_id, agent=visits.agent())
    home = redirect(addresses.at("home.show"), HTTPStatus.SEE_OTHER)
    return visits.begin(home, ctx, begun)


def speak_to(found: Holder) -> None:
    """Go on in the language of whom a link is for, unless the reader chose another one."""
    if not request.args.get("language"):
        during(spoken(found.language))


def _page(found: Holder, form: NewPasswordForm) -> str:
    return entrance_page(
        "portal/invitation.html",
        title=_("Welcome"),
        form=form,
        holder=found,
        company=portal().ctx.tenant.party.name,
        shortest=passwords.SHORTEST,
    )
