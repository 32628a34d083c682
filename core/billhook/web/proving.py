"""The page between password and work: the second factor of whoever has one."""

from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from billhook.i18n import lazy_gettext as _
from billhook.services import second_factor
from billhook.services.second_factor import CodeWrong, FactorKind, KeyRefused
from billhook.throttling import PER_ADDRESS, PER_FACTOR, limiter
from billhook.web import callers, visits
from billhook.web.access import half, here
from billhook.web.logging_in import wanted

blueprint = Blueprint("proving", __name__)

Page = str | AnyResponse | tuple[str, int]


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of an app, or a recovery code."""

    code = StringField(
        _("Code"),
        validators=[InputRequired(_("Enter the code."))],
        render_kw={
            "autocomplete": "one-time-code",
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )


class KeyForm(FlaskForm):  # type: ignore[misc]
    """What a security key answered; the script fills it in."""

    answer = HiddenField()


@blueprint.get("/second-factor", endpoint="second_factor")
@half
def ask() -> Page:
    """Ask for the second factor."""
    if not here().owes_factor:
        return redirect(wanted())
    return _page(CodeForm())


@blueprint.post("/second-factor")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FACTOR, key_func=callers.person)
@half
def give_code() -> Page:
    """Take a code, and let the session begin anew as a whole one."""
    form = CodeForm()
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        token = second_factor.prove_by_code(here(), form.code.data)
    except CodeWrong as error:
        form.code.errors = [error.message]
        return _page(form), HTTPStatus.UNAUTHORIZED
    return visits.begin(redirect(wanted(), HTTPStatus.SEE_OTHER), token)


@blueprint.post("/second-factor/key")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_FACTOR, key_func=callers.person)
@half
def give_key() -> Page:
    """Take what a security key signed."""
    try:
        token = second_factor.prove_by_key(here(), KeyForm().answer.data or "")
    except KeyRefused as error:
        form = CodeForm(formdata=None)
        form.form_errors.append(error.message)
        return _page(form), HTTPStatus.UNAUTHORIZED
    return visits.begin(redirect(wanted(), HTTPStatus.SEE_OTHER), token)


@blueprint.post("/second-factor/challenge")
@limiter.limit(PER_ADDRESS)
@half
def challenge() -> Response:
    """Tell the browser what one of the person's keys is to sign."""
    return Response(second_factor.ask_for_key(here()), mimetype="application/json")


def _page(form: CodeForm) -> str:
    kinds = {factor.kind for factor in second_factor.listing(here().person_id)}
    return render_template(
        "account/second_factor.html",
        form=form,
        key_form=KeyForm(formdata=None),
        has_key=FactorKind.SECURITY_KEY in kinds and second_factor.are_possible(),
        has_app=FactorKind.TOTP in kinds,
        next=request.args.get("next"),
    )
