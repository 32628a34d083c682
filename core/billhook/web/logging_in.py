"""Log in, log out, and the page that an invitation's link opens."""

import re
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.edges import during
from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import spoken
from billhook.services import invitations, passwords, sessions
from billhook.services.invitations import Invited
from billhook.services.passwords import PasswordWrong
from billhook.throttling import PER_ACCOUNT, PER_ADDRESS, limiter
from billhook.web import callers, visits
from billhook.web.access import half, public
from billhook.web.forms import LogInForm, NewPasswordForm, ProvePasswordForm

blueprint = Blueprint("logging_in", __name__)

_PATH = re.compile(r"/(?!/)[!-\[\]-~]*", re.ASCII)  # no backslash: browsers read it as a slash

Page = str | Response | tuple[str, int]


@blueprint.get("/log-in")
@public
def log_in() -> Page:
    """Ask who is there."""
    if visits.visit():
        return redirect(wanted())
    return render_template("log_in.html", form=LogInForm())


@blueprint.post("/log-in")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_ACCOUNT, key_func=callers.account)
@public
def send_log_in() -> Page:
    """Begin a session, where address and password belong together."""
    form = LogInForm()
    if not form.validate():
        return render_template("log_in.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        token = sessions.log_in(
            form.email.data,
            form.password.data,
            address=request.remote_addr or "",
            agent=visits.agent(),
        )
    except PasswordWrong as error:
        form.form_errors.append(error.message)
        return render_template("log_in.html", form=form), HTTPStatus.UNAUTHORIZED
    return visits.begin(redirect(wanted(), HTTPStatus.SEE_OTHER), token)


def wanted() -> str:
    """Return the page that the person came for: a path of ours, never another host."""
    path = request.args.get("next", "")
    return path if _PATH.fullmatch(path) else url_for("home.home")


@blueprint.post("/log-out")
@half
def log_out() -> Page:
    """End the session."""
    return visits.end(redirect(url_for("logging_in.log_in"), HTTPStatus.SEE_OTHER))


@blueprint.get("/invitation/<token>")
@limiter.limit(PER_ADDRESS)
@public
def invitation(token: str) -> Page:
    """Show whom the link is for. Looking at it does not use it."""
    person = invitations.invited(token)
    during(spoken(person.language))
    return _invitation_page(person, _invitation_form(person))


@blueprint.post("/invitation/<token>")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_ACCOUNT, key_func=callers.link)
@public
def accept_invitation(token: str) -> Page:
    """Use the link, and begin a session."""
    person = invitations.invited(token)
    during(spoken(person.language))
    form = _invitation_form(person)
    if not form.validate():
        return _invitation_page(person, form), HTTPStatus.UNPROCESSABLE_ENTITY
    address = request.remote_addr or ""
    try:
        person_id = invitations.accept(token, form.password.data, address=address)
    except ValidationFailed as error:
        show(form, error.problems)
        return _invitation_page(person, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except PasswordWrong as error:
        form.password.errors = [error.message]
        return _invitation_page(person, form), HTTPStatus.UNAUTHORIZED
    begun = sessions.begin(
        person_id, address=address, agent=visits.agent(), tenant_id=person.tenant_id
    )
    return visits.begin(redirect(url_for("home.home"), HTTPStatus.SEE_OTHER), begun)


def _invitation_form(person: Invited) -> NewPasswordForm | ProvePasswordForm:
    kind = ProvePasswordForm if person.proves_password else NewPasswordForm
    return kind(email=person.email)


def _invitation_page(person: Invited, form: NewPasswordForm | ProvePasswordForm) -> str:
    return render_template(
        "invitation.html", person=person, form=form, shortest=passwords.SHORTEST
    )
