"""What the portal says when something is not there, not allowed or went wrong.

What is somebody else's and what does not exist are told apart by nothing: 404.
"""

from http import HTTPStatus

import structlog
from flask import Response, flash, g, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from billhook.db import is_writing
from billhook.errors import (
    BillhookError,
    Conflict,
    Forbidden,
    HostUnknown,
    NotFound,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    ValidationFailed,
)
from billhook.i18n import gettext as _
from billhook.kernel.refusals import lost_to_another, reason
from billhook.portal import addresses, rendering
from billhook.services.invitations import LinkInvalid
from billhook.services.sessions import ProofStale

log = structlog.get_logger("billhook.portal")

STATUS: dict[type[BillhookError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    LinkInvalid: HTTPStatus.NOT_FOUND,
    PluginUnavailable: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    HostUnknown: HTTPStatus.BAD_REQUEST,
    ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    PluginFailed: HTTPStatus.BAD_GATEWAY,
    Retryable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a client can do something about. Any other error of ours is a bug."""


def refuse(error: Exception) -> Response:
    """Answer an error with a page in the portal's own face, or a plain one where that fails."""
    if isinstance(error, HTTPException) and (error.code or 500) < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if isinstance(error, ProofStale):
        return _prove_again(error)
    status = _status(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("portal.failed", endpoint=request.endpoint, exc_info=error)
    elif isinstance(error, DBAPIError):
        log.warning("portal.raced", endpoint=request.endpoint, reason=reason(error))
    response = make_response(_page(status, _message(error, status)), status)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
    return response


def _prove_again(error: ProofStale) -> Response:
    """Ask for the password once more, and come back to the page; what was typed is not kept."""
    flash(error.message, "problem")
    is_page = request.method in ("GET", "HEAD")
    wanted = addresses.shown(request.path) if is_page else addresses.at("security.show")
    where = addresses.at("proving.confirm", next=wanted)
    return make_response(redirect(where, HTTPStatus.SEE_OTHER))


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, CSRFError):
        return HTTPStatus.BAD_REQUEST
    if isinstance(error, HTTPException):
        return HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(error, DBAPIError) and lost_to_another(error):
        return HTTPStatus.CONFLICT
    if isinstance(error, OperationalError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    found = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def _message(error: Exception, status: HTTPStatus) -> str:
    if isinstance(error, CSRFError):
        return _("This form is too old to be sent. Go back, load the page again and repeat it.")
    if isinstance(error, Conflict | ValidationFailed | Rejected | LinkInvalid):
        return error.message
    match status:
        case HTTPStatus.CONFLICT:
            return _(
                "Somebody else saved the same at this moment. Go back, look, and do it again."
            )
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing here. The link may be old, or what it led to is gone.")
        case HTTPStatus.UNAUTHORIZED:
            return _("You are not logged in any more. Log in, and do it again.")
        case HTTPStatus.FORBIDDEN:
            return _("You may not do this here. Ask a colleague who manages the account.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("This page cannot be used that way. Go back and use its buttons.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("This is more than can be sent at once. Send less.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("That was tried too often. Wait a few minutes, and try again.")
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _(
                "Something went wrong on our side. Try again; if it happens again, tell us this "
                "number: %(number)s",
                number=str(g.get("request_id", "")),
            )
        case _:
            return _("This could not be understood. Go back and try again.")


def _page(status: HTTPStatus, message: str) -> str:
    """Write the page; without a portal, or when that fails too, one without its face."""
    title = _title(status)
    if "portal" not in g or (status >= HTTPStatus.INTERNAL_SERVER_ERROR and is_writing()):
        return render_template("portal/bare.html", title=title, message=message)
    try:
        return rendering.page("portal/refused.html", title=title, heading=title, message=message)
    except (BillhookError, OperationalError) as error:
        log.error("portal.frame_failed", exc_info=error)
        return render_template("portal/bare.html", title=title, message=message)


def _title(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("Not found")
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
