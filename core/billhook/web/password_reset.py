"""Another password by mail. The answer is always the same, and so is the time that it takes:
whether somebody has the address is looked up after it was given, by a thread of its own.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus

import structlog
from flask import Blueprint, Flask, current_app, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from billhook import limits
from billhook.i18n import lazy_gettext as _
from billhook.services import password_resets
from billhook.throttling import PER_ADDRESS, PER_MAILBOX, limiter
from billhook.web import callers
from billhook.web.access import public

blueprint = Blueprint("password_reset", __name__)

log = structlog.get_logger("billhook.web")
desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="password-reset")

Page = str | Response | tuple[str, int]


class ResetForm(FlaskForm):  # type: ignore[misc]
    """Whose password is lost."""

    email = EmailField(
        _("E-mail address"),
        validators=[InputRequired(_("Enter your e-mail address.")), Length(max=limits.EMAIL)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )


@blueprint.get("/password-reset")
@public
def ask() -> str:
    """Ask for the address."""
    return render_template("account/reset.html", form=ResetForm(), is_asked=False)


@blueprint.post("/password-reset")
@limiter.limit(PER_ADDRESS)
@limiter.limit(PER_MAILBOX, key_func=callers.account)
@public
def send() -> Page:
    """Say what will happen, and let it happen."""
    form = ResetForm()
    if not form.validate():
        page = render_template("account/reset.html", form=form, is_asked=False)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    desk.submit(_look_up, app, form.email.data).add_done_callback(_tell)
    return render_template("account/reset.html", form=form, is_asked=True)


def _look_up(app: Flask, email: str) -> None:
    with app.app_context():
        password_resets.ask(email)


def _tell(done: "Future[None]") -> None:
    if error := done.exception():
        log.error("password_reset.crashed", exc_info=error)
