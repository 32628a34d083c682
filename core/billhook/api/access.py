"""Who asks: a bearer key, its rate, and the tenant in whose name the request acts."""

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import Unauthorized

from billhook import i18n
from billhook.api import throttling, versions
from billhook.api.address import PREFIX, PUBLIC
from billhook.edges import during
from billhook.sdk.context import Context
from billhook.services import key_contexts
from billhook.services.key_contexts import KeyVisit


def init_app(app: Flask) -> None:
    """Ask every request below the prefix for its key, also where there is no route."""
    app.before_request(_hold)


def context() -> Context:
    """Return the context of the key whose request this is."""
    return visit().ctx


def visit() -> KeyVisit:
    """Return who asks."""
    return g.key_visit  # type: ignore[no-any-return]


def _hold() -> Response | None:
    if not request.path.startswith(PREFIX) or request.path in PUBLIC:
        return None
    found = key_contexts.visit(
        _secret(), address=request.remote_addr or "", request_id=g.request_id
    )
    if found is None:
        raise Unauthorized
    g.key_visit = found
    structlog.contextvars.bind_contextvars(key_id=str(found.key_id))
    asked_in = i18n.current_language()
    during(found.ctx.acting())
    during(i18n.language(asked_in))  # what a program shows, it shows to whoever uses it
    refused = throttling.refused(found)
    if refused is None:
        versions.settle(found)
    return refused


def _secret() -> str:
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
