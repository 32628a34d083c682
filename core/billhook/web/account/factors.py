"""Setting up an app, a security key, recovery codes; and removing what is lost."""

from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

import segno
from flask import Response, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.errors import NotFound, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext
from billhook.services import second_factor
from billhook.services import sessions as service
from billhook.services.second_factor import CodeWrong, Factor, KeyRefused
from billhook.throttling import PER_FACTOR, limiter
from billhook.web import callers
from billhook.web.access import here, personal
from billhook.web.account.room import Page, blueprint
from billhook.web.confirming import Question
from billhook.web.confirming import ask as ask_first


class AppForm(FlaskForm):  # type: ignore[misc]
    """The first code of an app, and what to call it."""

    code = StringField(
        lazy_gettext("Code that the app shows"),
        validators=[InputRequired(lazy_gettext("Enter the code that the app shows."))],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    name = StringField(
        lazy_gettext("Name for this app"),
        validators=[InputRequired(), Length(max=limits.CODE)],
        render_kw={"autocomplete": "off"},
    )


class NewKeyForm(FlaskForm):  # type: ignore[misc]
    """What to call a security key; the script fills in what it answered."""

    name = StringField(
        lazy_gettext("Name for this key"),
        validators=[InputRequired(), Length(max=limits.CODE)],
        render_kw={"autocomplete": "off"},
    )
    answer = HiddenField()


@blueprint.post("/account/apps")
@personal
def new_app() -> Response:
    """Make a secret for an app."""
    offer = second_factor.offer_app(here())
    return redirect(url_for(".app", factor_id=offer.factor_id), HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


@blueprint.get("/account/apps/<uuid:factor_id>")
@personal
def app(factor_id: UUID) -> str:
    """Show the secret as a picture and as text, and ask for the app's first code."""
    service.require_fresh(here())
    return _app_page(factor_id, AppForm(name=_("My phone")))


@blueprint.post("/account/apps/<uuid:factor_id>")
@limiter.limit(PER_FACTOR, key_func=callers.person)
@personal
def confirm_app(factor_id: UUID) -> Page:
    """Let the app count."""
    form = AppForm()
    if form.validate():
        try:
            second_factor.confirm_app(here(), factor_id, form.code.data, name=form.name.data)
        except CodeWrong as error:
            form.code.errors = [error.message]
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return _set_up(_("Your authenticator app is set up."))
    return _app_page(factor_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _app_page(factor_id: UUID, form: AppForm) -> str:
    offer = second_factor.offered_app(here(), factor_id)
    drawn = segno.make(offer.address, error="m").svg_inline(scale=5, light="#ffffff", border=3)
    return render_template(
        "account/app.html",
        form=form,
        picture=Markup(drawn),  # segno's own drawing of our own text
        secret=" ".join(offer.secret[i : i + 4] for i in range(0, len(offer.secret), 4)),
        address=offer.address,
    )


def _set_up(told: str) -> Page:
    """Go on to recovery codes with the first factor, else back to the overview."""
    flash(told)
    if second_factor.codes_left(here().person_id):
        return redirect(url_for(".security"), HTTPStatus.SEE_OTHER)
    return redirect(url_for(".codes"), HTTPStatus.SEE_OTHER)


@blueprint.get("/account/keys/new")
@personal
def new_key() -> str:
    """Ask for a key and a name for it."""
    service.require_fresh(here())
    return _key_page(NewKeyForm(name=_("My security key")))


@blueprint.post("/account/keys/challenge")
@personal
def key_challenge() -> Response:
    """Tell the browser what a new key is to sign."""
    return Response(second_factor.offer_key(here()), mimetype="application/json")


@blueprint.post("/account/keys/new")
@personal
def add_key() -> Page:
    """Let a key count."""
    form = NewKeyForm()
    if form.validate():
        try:
            second_factor.add_key(here(), form.answer.data or "", name=form.name.data)
        except KeyRefused as error:
            form.form_errors.append(error.message)
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            return _set_up(_("Your security key is set up."))
    return _key_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _key_page(form: NewKeyForm) -> str:
    is_possible = second_factor.are_possible()
    return render_template("account/key.html", form=form, is_possible=is_possible)


@blueprint.get("/account/codes")
@personal
def codes() -> str:
    """Ask before new codes end the old ones."""
    service.require_fresh(here())
    left = second_factor.codes_left(here().person_id)
    return ask_first(
        Question(
            title=_("Make recovery codes"),
            text=_(
                "Ten codes let you in when your phone or key is lost, each of them once. They are "
                "shown once: print them, or keep them where you keep passwords."
            ),
            warnings=[_("The codes that you have now will no longer work.")] if left else [],
            label=_("Show ten codes"),
            act=url_for(".make_codes"),
            back=url_for(".security"),
        )
    )


@blueprint.post("/account/codes")
@personal
def make_codes() -> str:
    """Show ten new codes, this once."""
    made = second_factor.new_codes(here())
    text = "\r\n".join([_("Recovery codes of %(email)s", email=here().email), "", *made, ""])
    return render_template("account/codes.html", codes=made, file="data:text/plain," + quote(text))


@blueprint.get("/account/factors/<uuid:factor_id>/remove")
@personal
def ask_to_remove(factor_id: UUID) -> str:
    """Ask before a factor goes."""
    service.require_fresh(here())
    factor, is_last = _factor(factor_id)
    return ask_first(
        Question(
            title=_("Remove “%(name)s”?", name=factor.name),
            text=_("You can no longer log in with it."),
            warnings=[_("It is your last one: your password alone will do, and codes end.")]
            if is_last
            else [],
            label=_("Remove"),
            tone="danger",
            act=url_for(".remove_factor", factor_id=factor_id),
            back=url_for(".security"),
        )
    )


@blueprint.post("/account/factors/<uuid:factor_id>/remove")
@personal
def remove_factor(factor_id: UUID) -> Page:
    """Remove one of the person's own factors."""
    second_factor.remove(here(), factor_id)
    flash(_("It was removed."))
    return redirect(url_for(".security"), HTTPStatus.SEE_OTHER)


def _factor(factor_id: UUID) -> tuple[Factor, bool]:
    known = second_factor.listing(here().person_id)
    found = next((one for one in known if one.id == factor_id), None)
    if found is None:
        raise NotFound(_("factor"), factor_id)
    return found, len(known) == 1
