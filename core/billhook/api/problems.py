"""Errors as RFC 9457 writes them: a stable code, what to do, and the fields at fault."""

from http import HTTPStatus

import orjson
import structlog
from flask import Response, g, request
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from billhook.errors import (
    BadNumber,
    BillhookError,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    NotFound,
    PeriodClosed,
    PluginFailed,
    PluginUnavailable,
    Rejected,
    Retryable,
    UnknownCurrency,
    ValidationFailed,
)
from billhook.i18n import gettext as _
from billhook.kernel.refusals import lost_to_another, reason
from billhook.problems import Problem
from billhook.sdk.api import RequestMalformed, VersionMismatch

MEDIA_TYPE = "application/problem+json"
URN = "urn:billhook:problem:"

log = structlog.get_logger("billhook.api")

STATUS: dict[type[BillhookError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    PluginUnavailable: HTTPStatus.NOT_FOUND,
    Forbidden: HTTPStatus.FORBIDDEN,
    VersionMismatch: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    PeriodClosed: HTTPStatus.CONFLICT,
    RequestMalformed: HTTPStatus.BAD_REQUEST,
    ValidationFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    BadNumber: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCurrency: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    PluginFailed: HTTPStatus.BAD_GATEWAY,
    Retryable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a program can do something about. Any other error of ours is a bug."""

HTTP_CODES = {
    HTTPStatus.UNAUTHORIZED: "request.unauthenticated",
    HTTPStatus.NOT_FOUND: "route.not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "route.method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body.too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "body.media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate.exceeded",
}


def refusal(error: Exception) -> Response:
    """Answer an error of any kind; a bug is logged with its request, and says nothing of itself."""
    match error:
        case HTTPException():
            return _of_http(error)
        case DBAPIError() if lost_to_another(error):
            return _lost(error)
        case OperationalError():
            log.error("database.unavailable", error=type(error.orig).__name__)
            return problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "database.unavailable",
                _("The database cannot be reached at the moment. Try again in a minute."),
            )
        case BillhookError() if (status := _status(error)) is not None:
            found = error.problems if isinstance(error, ValidationFailed | Rejected) else ()
            return problem(status, error.code, error.message, found)
    log.error("request.crashed", endpoint=request.endpoint, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "server.failed",
        _(
            "Something went wrong on our side, and nothing was changed. Try again with the same "
            "idempotency key; if it happens again, tell the operator the request's id."
        ),
    )


def _lost(error: DBAPIError) -> Response:
    log.warning("request.raced", endpoint=request.endpoint, reason=reason(error))
    return problem(
        HTTPStatus.CONFLICT,
        "resource.conflict",
        _("Another request wrote the same at this moment. Read it, then send yours again."),
    )


def problem(
    status: HTTPStatus, code: str, detail: str, problems: tuple[Problem, ...] = ()
) -> Response:
    """Write a problem; its code is kept for the access log."""
    g.problem = code
    content: dict[str, object] = {
        "type": f"{URN}{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "request_id": str(g.request_id),
    }
    if problems:
        content["problems"] = [
            {"code": one.code, "field": one.path, "message": one.message} for one in problems
        ]
    response = Response(orjson.dumps(content), status, content_type=MEDIA_TYPE)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="billhook"'
    return response


def _status(error: BillhookError) -> HTTPStatus | None:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    code = HTTP_CODES.get(status, "request.malformed")
    response = problem(status, code, _advice(status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _advice(status: HTTPStatus) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return _(
                "Send a key that is in force, as “Authorization: Bearer bhk_…”. Keys are made "
                "under Settings, API keys."
            )
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing at this address. /api/v1/openapi.json lists them all.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return _("This address takes other methods; the header Allow names them.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _("This is more than can be sent at once. Send less.")
        case HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            return _(
                "Send JSON with “Content-Type: application/json”, a file as multipart/form-data."
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            return _("That was too many requests. Wait as long as Retry-After says.")
        case _:
            return _("The server did not understand this request.")
