"""The way in: log in, log out."""

import re
from http import HTTPStatus
from urllib.parse import unquote

from flask import Blueprint, redirect, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.portal import addresses, callers, visits
from billhook.portal.access import anybody, half, known, portal
from billhook.portal.rendering import entrance_page
from billhook.services.passwords import PasswordWrong
from billhook.services.portal import logging_in
from billhook.throttling import PER_ACCOUNT, PER_ADDRESS, limiter

blueprint = Blueprint("entering", __name__)

_PATH = re.compile(r"/(?!/)[!-\[\]-~]*", re.ASCII)  # no backslash: browsers read it as a slash

Page = str | Response | tuple[str, int]


class LogInForm(FlaskForm):  # type: ignore[misc]
    """E-mail address and password."""

    email = EmailField(
        _("E-mail address"),
        validators=[InputRequired(_("Enter your e-mail address."))],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"),
        validators=[InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )


@blueprint.get("/log-in")
@anybody
def log_in() -> Page:
    """Ask who is there."""
    if known():
        return redirect(wanted())
    return _page(LogInForm())


@blueprint.post("/log-in")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_ACCOUNT, key_func=callers.account)
@anybody
def send_log_in() -> Page:
    """Begin a session, where address and password belong together."""
    form = LogInForm()
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    ctx = portal().ctx
    try:
        token = logging_in.log_in(ctx, form.email.data, form.password.data, agent=visits.agent())
    except PasswordWrong as error:
        form.form_errors.append(error.message)
        return _page(form), HTTPStatus.UNAUTHORIZED
    return visits.begin(redirect(wanted(), HTTPStatus.SEE_OTHER), ctx, token)


def _page(form: LogInForm) -> str:
    return entrance_page("portal/log_in.html", title=gettext("Log in"), form=form)


def wanted(otherwise: str = "home.show") -> str:
    """Return the page that the client came for: a path of this portal, never another place."""
    path = request.args.get("next", "")
    is_ours = _PATH.fullmatch(path) and path.startswith(addresses.root())
    return path if is_ours and not _climbs(path) else addresses.at(otherwise)


def _climbs(path: str) -> bool:
    """Tell whether a browser would leave the portal by the dots in a path."""
    plain = unquote(path.partition("?")[0].partition("#")[0])
    return ".." in plain.split("/")


@blueprint.post("/log-out")
@half
def log_out() -> Page:
    """End the session."""
    return visits.end(
        redirect(addresses.at("entering.log_in"), HTTPStatus.SEE_OTHER), portal().ctx
    )
