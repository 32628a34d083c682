"""A contact's own security: the password, the second factor, and where they are logged in."""

from http import HTTPStatus
from urllib.parse import quote

import segno
from flask import Blueprint, flash, redirect
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.portal import addresses, callers
from billhook.portal.access import client, here
from billhook.portal.new_password import NewPasswordForm
from billhook.portal.rendering import page
from billhook.services import passwords
from billhook.services.portal import clients, factors, sessions
from billhook.services.portal import passwords as own_password
from billhook.services.second_factor import CodeWrong
from billhook.throttling import PER_FACTOR, limiter

blueprint = Blueprint("security", __name__)

Page = str | Response | tuple[str, int]


class AppForm(FlaskForm):  # type: ignore[misc]
    """The first code of an app."""

    code = StringField(
        lazy_gettext("Code that the app shows"),
        validators=[InputRequired(lazy_gettext("Enter the code that the app shows."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@blueprint.get("/security", endpoint="show")
@client(clients.WRITE)
def overview() -> str:
    """Show the password, the second factor and the sessions."""
    return page(
        "portal/security.html",
        title=_("Security"),
        form=ButtonForm(),
        password_at=own_password.changed_at(here()),
        factor=factors.get(here()),
        sessions=sessions.listing(here()),
    )


def _overview(told: str) -> Response:
    flash(told)
    return redirect(addresses.at("security.show"), HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


@blueprint.get("/security/password")
@client(clients.WRITE)
def password() -> str:
    """Ask for another password, after the present one."""
    sessions.require_fresh(here())
    return _password_page(NewPasswordForm(email=here().email))


@blueprint.post("/security/password")
@client(clients.WRITE)
def save_password() -> Page:
    """Set another password; the other sessions end."""
    form = NewPasswordForm()
    if form.validate():
        try:
            own_password.change(here(), form.password.data)
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return _overview(_("Your password was changed. You are logged out everywhere else."))
    return _password_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _password_page(form: NewPasswordForm) -> str:
    return page(
        "portal/security_password.html",
        title=_("Change password"),
        form=form,
        shortest=passwords.SHORTEST,
    )


@blueprint.post("/security/app")
@client(clients.WRITE)
def new_app() -> Page:
    """Make a secret for an app."""
    factors.offer(here())
    return redirect(addresses.at("security.app"), HTTPStatus.SEE_OTHER)


@blueprint.get("/security/app")
@client(clients.WRITE)
def app() -> str:
    """Show the secret as a picture and as text, and ask for the app's first code."""
    sessions.require_fresh(here())
    return _app_page(AppForm())


@blueprint.post("/security/app/confirm")
@limiter.limit(PER_FACTOR, key_func=callers.contact)
@client(clients.WRITE)
def confirm_app() -> Page:
    """Let the app count, and show the recovery codes, this once."""
    form = AppForm()
    if form.validate():
        try:
            codes = factors.confirm(here(), form.code.data)
        except CodeWrong as error:
            form.code.errors = [error.message]
        else:
            return _codes_page(codes, is_set_up=True)
    return _app_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _app_page(form: AppForm) -> str:
    offer = factors.offered(here())
    drawn = segno.make(offer.address, error="m").svg_inline(scale=5, light="#ffffff", border=3)
    return page(
        "portal/security_app.html",
        title=_("Set up an authenticator app"),
        form=form,
        picture=Markup(drawn),  # segno's own drawing of our own text
        secret=" ".join(offer.secret[i : i + 4] for i in range(0, len(offer.secret), 4)),
        address=offer.address,
    )


@blueprint.post("/security/codes")
@client(clients.WRITE)
def make_codes() -> Page:
    """Show ten new recovery codes, this once; those of before end."""
    return _codes_page(factors.new_codes(here()), is_set_up=False)


def _codes_page(codes: list[str], *, is_set_up: bool) -> str:
    text = "\r\n".join([_("Recovery codes of %(email)s", email=here().email), "", *codes, ""])
    return page(
        "portal/security_codes.html",
        title=_("Recovery codes"),
        codes=codes,
        file="data:text/plain;charset=utf-8," + quote(text),
        is_set_up=is_set_up,
    )


@blueprint.get("/security/app/remove")
@client(clients.WRITE)
def ask_to_remove_app() -> str:
    """Ask before the second factor goes."""
    sessions.require_fresh(here())
    return page(
        "portal/security_remove.html", title=_("Remove the authenticator app"), form=ButtonForm()
    )


@blueprint.post("/security/app/remove")
@client(clients.WRITE)
def remove_app() -> Response:
    """Remove the second factor."""
    factors.remove(here())
    return _overview(_("Your authenticator app was removed. Your password alone lets you in."))


@blueprint.post("/security/sessions/<key>/end")
@client(clients.WRITE)
def end_session(key: str) -> Response:
    """End one of the contact's other sessions."""
    sessions.end(here(), key)
    return _overview(_("You are logged out there."))


@blueprint.post("/security/sessions/end")
@client(clients.WRITE)
def end_other_sessions() -> Response:
    """End all of the contact's other sessions."""
    sessions.end_others(here())
    return _overview(_("You are logged out everywhere else."))
