"""Name and language, and where one is logged in."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.errors import NotFound, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.i18n import lazy_gettext, ngettext
from billhook.services import accounts
from billhook.services import sessions as service
from billhook.web.access import here, personal
from billhook.web.account.room import Page, blueprint


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """What a person says of themselves."""

    name = StringField(
        lazy_gettext("Your name"),
        validators=[InputRequired(lazy_gettext("Enter your name.")), Length(max=limits.NAME)],
        render_kw={"autocomplete": "name"},
    )
    language = SelectField(
        lazy_gettext("Language"),
        choices=[SelectChoice(*each) for each in accounts.LANGUAGES.items()],
    )


@blueprint.get("/account")
@personal
def profile() -> str:
    """Show who the person says they are."""
    found = here()
    form = ProfileForm(name=found.name, language=found.language.split("-")[0])
    return render_template("account/profile.html", form=form)


@blueprint.post("/account")
@personal
def save_profile() -> Page:
    """Change name and language."""
    form = ProfileForm()
    if form.validate():
        try:
            accounts.change_profile(here(), name=form.name.data, language=form.language.data)
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("Your profile was saved."))
            return redirect(url_for(".profile"), HTTPStatus.SEE_OTHER)
    return render_template("account/profile.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.get("/sessions")
@personal
def sessions() -> str:
    """List where the person is logged in."""
    found = here()
    return render_template(
        "account/sessions.html",
        sessions=service.listing(found.person_id),
        current=found.session_id,
        form=ButtonForm(),
    )


@blueprint.post("/sessions/<session_id>/end")
@personal
def end_session(session_id: str) -> Response:
    """End one of the person's own sessions."""
    service.end(here().person_id, _session_id(session_id))
    flash(_("The session was ended."))
    return redirect(url_for(".sessions"), HTTPStatus.SEE_OTHER)


@blueprint.post("/sessions/end-others")
@personal
def end_others() -> Response:
    """End all of the person's sessions but this one."""
    count = service.end_others(here())
    flash(
        ngettext(
            "%(count)s other session was ended.", "%(count)s other sessions were ended.", count
        )
    )
    return redirect(url_for(".sessions"), HTTPStatus.SEE_OTHER)


def _session_id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotFound(_("session"), text) from None
