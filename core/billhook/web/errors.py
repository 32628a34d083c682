"""Pages for what went wrong: what happened, what to do next, and never how it is built."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, current_app, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from billhook.edges import edge_asked
from billhook.errors import (
    BillhookError,
    Conflict,
    Forbidden,
    HostUnknown,
    IdempotencyMismatch,
    NotFound,
    PeriodClosed,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    ValidationFailed,
)
from billhook.i18n import gettext as _
from billhook.kernel.refusals import lost_to_another, reason
from billhook.services.invitations import LinkInvalid
from billhook.services.passwords import PasswordWrong
from billhook.services.second_factor import CodeWrong, KeyRefused
from billhook.services.sessions import ProofStale
from billhook.web import navigation

log = structlog.get_logger("billhook.web")

STATUS: dict[type[BillhookError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    PluginUnavailable: HTTPStatus.NOT_FOUND,
    HostUnknown: HTTPStatus.BAD_REQUEST,
    LinkInvalid: HTTPStatus.GONE,
    PasswordWrong: HTTPStatus.UNAUTHORIZED,
    CodeWrong: HTTPStatus.UNAUTHORIZED,
    KeyRefused: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    PeriodClosed: HTTPStatus.CONFLICT,
    ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    PluginFailed: HTTPStatus.BAD_GATEWAY,
    Retryable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a person can do something about. Any other error of ours is a bug."""

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]


def init_app(app: Flask) -> None:
    """Answer every error with a page."""
    for kind, answer in (
        (BillhookError, _refused),
        (ProofStale, _prove_again),
        (PluginFailed, _plugin_failed),
        (CSRFError, _form_is_old),
        (HTTPException, _answered),
        (OperationalError, _database_away),
        (IntegrityError, _raced),
        (Exception, _bug),
    ):
        app.register_error_handler(kind, _unless_at_edge(answer))


def _unless_at_edge(page: Callable[[Any], Any]) -> Callable[[Exception], Any]:
    """Let an edge refuse in its own way what went wrong there."""

    def answer(error: Exception) -> Any:
        edge = edge_asked()
        return page(error) if edge is None else edge.refuse(error)

    return answer


def _refused(error: BillhookError) -> Answer:
    status = next(
        (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS),
        None,
    )
    if status is None:
        return _bug(error)
    return _page(status, error.message)


def _prove_again(error: ProofStale) -> Response:
    """Ask for the password once more, and come back to the page; what was typed is not kept."""
    flash(error.message, "problem")
    wanted = request.path if request.method in ("GET", "HEAD") else _page_of_form()
    return redirect(url_for("account.confirm", next=wanted), HTTPStatus.SEE_OTHER)


def _page_of_form() -> str:
    """Return the page that the form stands on: its own address, where that is a page."""
    try:
        current_app.create_url_adapter(request).match(request.path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return url_for("account.security")
    return request.path


def _plugin_failed(failure: PluginFailed) -> Answer:
    """Name the plugin, and lead whoever may see plugins to its page."""
    page = None
    if navigation.may("plugins.view"):
        page = url_for("plugins.plugin", name=failure.plugin)
    return (
        render_template(
            "error.html",
            title=_title(HTTPStatus.BAD_GATEWAY),
            message=failure.message,
            plugin=failure.plugin,
            plugin_page=page,
        ),
        HTTPStatus.BAD_GATEWAY,
    )


def _form_is_old(_error: CSRFError) -> Answer:
    return _page(
        HTTPStatus.BAD_REQUEST,
        _(
            "This form is from before you logged in or changed the company, so it was not "
            "sent. Go back, load the page again and repeat what you did."
        ),
    )


def _answered(error: HTTPException) -> Answer:
    """Answer what Flask and Werkzeug refuse; redirects pass."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    status = HTTPStatus(error.code)
    headers = {
        name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")
    }
    return *_page(status, _advice(status)), headers


def _advice(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing here, or it belongs to somebody else.")
        case HTTPStatus.UNAUTHORIZED:
            return _("You are not logged in any more. Log in, and do it again.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("This page cannot be used that way. Go back and use its buttons.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("This is more than can be sent at once. Send less.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("That was tried too often. Wait a few minutes, and try again.")
        case _:
            return _("The server did not understand this. Go back and try again.")


def _database_away(error: OperationalError) -> Answer:
    if lost_to_another(error):
        return _raced(error)
    log.error("database.unavailable", error=type(error.orig).__name__)
    return _page(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("The database cannot be reached at the moment. Try again in a minute."),
    )


def _raced(error: DBAPIError) -> Answer:
    """Answer the second of two who wrote the same at once: services look before, and found nothing."""
    log.warning("request.raced", endpoint=request.endpoint, reason=reason(error))
    return _page(
        HTTPStatus.CONFLICT,
        _("Somebody else saved the same at this moment. Go back, look, and do it again."),
    )


def _bug(error: Exception) -> Answer:
    """Log the crash with its request, and show the request's number alone."""
    log.error("request.crashed", endpoint=request.endpoint, exc_info=error)
    return _page(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _(
            "Something went wrong on our side, and nothing was changed. Try again; if it "
            "happens again, give your administrator this number: %(number)s",
            number=str(g.get("request_id", "")),
        ),
    )


def _page(status: HTTPStatus, message: str) -> tuple[str, int]:
    g.has_failed = True  # the page asks the database nothing more
    return render_template("error.html", title=_title(status), message=message), status


def _title(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("Not found")
        case HTTPStatus.GONE:
            return _("This link no longer works")
        case HTTPStatus.UNAUTHORIZED:
            return _("Log in first")
        case HTTPStatus.FORBIDDEN:
            return _("Not allowed")
        case HTTPStatus.CONFLICT:
            return _("Not possible now")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("Too many tries")
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("That did not work")
        case _:
            return _("That cannot be done")
