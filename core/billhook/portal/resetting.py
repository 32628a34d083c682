"""Another password by mail. The answer is always the same, and so is the time that it takes:
whether a contact has the address is looked up after it was given, by a thread of its own.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from uuid import UUID

import structlog
from flask import Blueprint, Flask, current_app, flash, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.errors import ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.portal import addresses, callers
from billhook.portal.access import anybody, portal
from billhook.portal.inviting import speak_to
from billhook.portal.new_password import NewPasswordForm
from billhook.portal.rendering import entrance_page
from billhook.sdk.context import Actor, ActorKind
from billhook.services import passwords
from billhook.services.contexts import context_of
from billhook.services.portal import password_resets
from billhook.services.portal.one_time_links import Holder
from billhook.throttling import PER_ACCOUNT, PER_ADDRESS, PER_MAILBOX, limiter

blueprint = Blueprint("resetting", __name__)

log = structlog.get_logger("billhook.portal")
desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="portal-reset")

Page = str | Response | tuple[str, int]


class ResetForm(FlaskForm):  # type: ignore[misc]
    """Whose password is lost."""

    email = EmailField(
        _("E-mail address"),
        validators=[InputRequired(_("Enter your e-mail address.")), Length(max=limits.EMAIL)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


@blueprint.get("/reset")
@anybody
def ask() -> str:
    """Ask for the address."""
    return _ask_page(ResetForm(), is_asked=False)


@blueprint.post("/reset")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_MAILBOX, key_func=callers.account)
@anybody
def send() -> Page:
    """Say what will happen, and let it happen."""
    form = ResetForm()
    if not form.validate():
        return _ask_page(form, is_asked=False), HTTPStatus.UNPROCESSABLE_ENTITY
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    ctx = portal().ctx
    done = desk.submit(_look_up, app, ctx.tenant.id, ctx.actor.address, form.email.data)
    done.add_done_callback(_tell)
    return _ask_page(form, is_asked=True)


def _look_up(app: Flask, tenant_id: UUID, address: str, email: str) -> None:
    with app.app_context():
        ctx = context_of(tenant_id, Actor(kind=ActorKind.GUEST, address=address), frozenset())
        with ctx.acting():
            password_resets.ask(ctx, email)


def _tell(done: "Future[None]") -> None:
    if error := done.exception():
        log.error("portal.reset_crashed", exc_info=error)


def _ask_page(form: ResetForm, *, is_asked: bool) -> str:
    return entrance_page(
        "portal/reset_ask.html",
        title=gettext("Choose another password"),
        form=form,
        is_asked=is_asked,
        company=portal().ctx.tenant.party.name,
    )


@blueprint.get("/reset/<token>")
@limiter.limit(PER_ADDRESS)
@anybody
def reset(token: str) -> str:
    """Ask for the new password. Looking at the link does not use it."""
    found = password_resets.resets(token)
    speak_to(found)
    return _reset_page(found, NewPasswordForm(email=found.email))


@blueprint.post("/reset/<token>")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_ACCOUNT, key_func=callers.link)
@anybody
def save(token: str) -> Page:
    """Use the link, and lead to the log-in: who has a second factor gives it there."""
    found = password_resets.resets(token)
    speak_to(found)
    form = NewPasswordForm(email=found.email)
    if not form.validate():
        return _reset_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        password_resets.reset(portal().ctx, token, form.password.data)
    except ValidationFailed as error:
        show(form, error.problems)
        return _reset_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("Your password was changed. Log in with it."))
    return redirect(addresses.at("entering.log_in"), HTTPStatus.SEE_OTHER)


def _reset_page(found: Holder, form: NewPasswordForm) -> str:
    return entrance_page(
        "portal/reset_choose.html",
        title=gettext("Choose another password"),
        form=form,
        holder=found,
        shortest=passwords.SHORTEST,
    )
