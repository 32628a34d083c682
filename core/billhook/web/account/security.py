"""How a person proves who they are: an overview, the password, and proving it once more."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from billhook.errors import ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import accounts, passwords, second_factor
from billhook.services import sessions as service
from billhook.services.passwords import PasswordWrong
from billhook.services.second_factor import CodeWrong, FactorKind, KeyRefused
from billhook.throttling import PER_ADDRESS, PER_FACTOR, limiter
from billhook.web import callers, visits
from billhook.web.access import here, personal
from billhook.web.account.room import Page, blueprint
from billhook.web.forms import NewPasswordForm
from billhook.web.logging_in import wanted


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password, and the second factor of who has one."""

    email = EmailField(render_kw={"autocomplete": "username", "hidden": True, "readonly": True})
    password = PasswordField(
        lazy_gettext("Your password"),
        validators=[InputRequired(lazy_gettext("Enter your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    code = StringField(
        lazy_gettext("Code"),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "none"},
    )
    answer = HiddenField()


@blueprint.get("/account/security")
@personal
def security() -> str:
    """Show the password, the factors and the codes that are left."""
    found = here()
    return render_template(
        "account/security.html",
        factors=second_factor.listing(found.person_id),
        codes=second_factor.codes_left(found.person_id),
        keys_are_possible=second_factor.are_possible(),
        is_asked_for=service.needs_factor_here(found),
        password_at=accounts.password_changed_at(found),
        form=ButtonForm(),
    )


@blueprint.get("/account/password")
@personal
def password() -> str:
    """Ask for another password, after the present one."""
    service.require_fresh(here())
    return _password_page(NewPasswordForm(email=here().email))


@blueprint.post("/account/password")
@personal
def save_password() -> Page:
    """Set another password; the other sessions end."""
    form = NewPasswordForm()
    if form.validate():
        try:
            accounts.change_password(here(), form.password.data)
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("Your password was changed, and your other sessions were ended."))
            return redirect(url_for(".security"), HTTPStatus.SEE_OTHER)
    return _password_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _password_page(form: NewPasswordForm) -> str:
    return render_template("account/password.html", form=form, shortest=passwords.SHORTEST)


@blueprint.get("/account/confirm")
@personal
def confirm() -> str:
    """Ask for the password, and the second factor, once more."""
    return _confirm_page(ConfirmForm(email=here().email))


@blueprint.post("/account/confirm")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FACTOR, key_func=callers.person)
@personal
def prove_again() -> Page:
    """Take them, and go back to what needed them."""
    form = ConfirmForm()
    if not form.validate():
        return _confirm_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        token = accounts.prove_again(
            here(), form.password.data, code=form.code.data or "", answer=form.answer.data or ""
        )
    except PasswordWrong:
        form.password.errors = [_("This is not your password. Try again.")]
    except CodeWrong as error:
        form.code.errors = [error.message]
    except KeyRefused as error:
        form.form_errors.append(error.message)
    else:
        return visits.begin(_back(), token)
    return _confirm_page(form), HTTPStatus.UNAUTHORIZED


def _back() -> Response:
    where = wanted() if request.args.get("next") else url_for(".security")
    return redirect(where, HTTPStatus.SEE_OTHER)


def _confirm_page(form: ConfirmForm) -> str:
    kinds = {factor.kind for factor in second_factor.listing(here().person_id)}
    return render_template(
        "account/confirm.html",
        form=form,
        asks_code=bool(kinds),
        has_key=FactorKind.SECURITY_KEY in kinds and second_factor.are_possible(),
    )
