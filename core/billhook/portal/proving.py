"""Between password and pages: the second factor; and the proof that changes ask for once more."""

from http import HTTPStatus

from flask import Blueprint, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.portal import addresses, callers, visits
from billhook.portal.access import client, half, here, portal
from billhook.portal.entering import wanted
from billhook.portal.new_password import known_address
from billhook.portal.rendering import entrance_page, page
from billhook.services.passwords import PasswordWrong
from billhook.services.portal import clients, factors, logging_in
from billhook.services.second_factor import CodeWrong
from billhook.throttling import PER_ADDRESS, PER_FACTOR, limiter

blueprint = Blueprint("proving", __name__)

Page = str | Response | tuple[str, int]

_CODE_KEYS = {
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
}


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(
        _("Code"), validators=[InputRequired(_("Enter the code."))], render_kw=_CODE_KEYS
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, and the code of who has a second factor."""

    email = known_address()
    password = PasswordField(
        _("Your password"),
        validators=[InputRequired(_("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(_("Code"), render_kw=_CODE_KEYS)


@blueprint.get("/second-factor")
@half
def second_factor() -> Page:
    """Ask for the second factor."""
    if not here().owes_factor:
        return redirect(wanted())
    return _page(CodeForm())


@blueprint.post("/second-factor")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FACTOR, key_func=callers.contact)
@half
def give_code() -> Page:
    """Take a code, and let the session begin anew as a whole one."""
    if not here().owes_factor:
        return redirect(wanted(), HTTPStatus.SEE_OTHER)
    form = CodeForm()
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        token = logging_in.give_code(here(), form.code.data)
    except CodeWrong as error:
        form.code.errors = [error.message]
        return _page(form), HTTPStatus.UNAUTHORIZED
    return visits.begin(redirect(wanted(), HTTPStatus.SEE_OTHER), portal().ctx, token)


def _page(form: CodeForm) -> str:
    return entrance_page("portal/second_factor.html", title=gettext("Enter your code"), form=form)


@blueprint.get("/confirm")
@client(clients.WRITE)
def confirm() -> str:
    """Ask for the password, and the second factor, once more."""
    return _confirm_page(ConfirmForm(email=here().email))


@blueprint.post("/confirm")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FACTOR, key_func=callers.contact)
@client(clients.WRITE)
def prove_again() -> Page:
    """Take them, and go back to what needed them."""
    form = ConfirmForm()
    if not form.validate():
        return _confirm_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        token = logging_in.prove_again(here(), form.password.data, code=form.code.data or "")
    except PasswordWrong:
        form.password.errors = [gettext("This is not your password. Try again.")]
    except CodeWrong as error:
        form.code.errors = [error.message]
    else:
        back = redirect(wanted("security.show"), HTTPStatus.SEE_OTHER)
        return visits.begin(back, portal().ctx, token)
    return _confirm_page(form), HTTPStatus.UNAUTHORIZED


def _confirm_page(form: ConfirmForm) -> str:
    return page(
        "portal/confirm.html",
        title=gettext("Enter your password once more"),
        form=form,
        asks_code=factors.get(here()) is not None,
        back=addresses.at("security.show"),
    )
