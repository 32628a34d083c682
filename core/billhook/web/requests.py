"""Every request: where it came from, under which name it is logged, how much it may bring."""

import time
from contextlib import ExitStack

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from billhook.bounds import LARGEST_BODY, LARGEST_FORM_FIELD, MOST_FORM_FIELDS, Bounds
from billhook.edges import edge_asked
from billhook.ids import new_id
from billhook.plugins.runtime import runtime

log = structlog.get_logger("billhook.web")


def init_app(app: Flask) -> None:
    """Bound what comes in, trust the proxies that the operator named, log what goes out."""
    with app.app_context():
        config = runtime().config
    app.config.from_mapping(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM_FIELD,
        MAX_FORM_PARTS=MOST_FORM_FIELDS,
    )
    if config.proxies:
        hops = config.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.before_request(_begin)
    app.after_request(_log)
    app.teardown_request(_end)


def _bound() -> None:
    """Raise the bounds before anything reads the body, as the protection of forms does first."""
    bounds = getattr(current_app.view_functions.get(request.endpoint or ""), "bounds", None)
    if isinstance(bounds, Bounds):
        request.max_content_length = bounds.body
        request.max_form_memory_size = bounds.body
        request.max_form_parts = bounds.fields


def _begin() -> None:
    g.request_id, g.began, g.blocks = new_id(), time.perf_counter(), ExitStack()
    _bound()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=str(g.request_id))
    _refuse_nul()


def _refuse_nul() -> None:
    """Refuse the one character that PostgreSQL has no text with, before a query carries it."""
    if "\0" in request.path:
        raise NotFound
    if any("\0" in value for values in request.args.lists() for value in values[1]):
        raise BadRequest
    if edge_asked() is None and any(
        "\0" in value for values in request.form.lists() for value in values[1]
    ):
        raise BadRequest


def _end(_error: BaseException | None) -> None:
    if "blocks" in g:
        g.blocks.close()


def _log(response: Response) -> Response:
    """Log the route, never the address: a link's token stands in it."""
    response.headers["X-Request-ID"] = str(g.request_id)
    if request.endpoint not in ("health.live", "health.ready", "static"):
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - g.began) * 1000),
            address=request.remote_addr,
        )
    return response
