"""The door for programs: REST under ``/api/v1``, with keys, the same services and the same rules."""

from collections.abc import Callable
from functools import cache, partial

import orjson
from flask import Blueprint, Flask, Response

from billhook.api import access, access_log, problems, throttling, versions
from billhook.api.address import BASE, DESCRIPTION, PREFIX, REFERENCE
from billhook.api.mounting import mount
from billhook.api.openapi import Described, description
from billhook.api.reference.pages import ReferencePages
from billhook.api.resources import ROUTES
from billhook.api.shapes import Json
from billhook.edges import Edge, add_edge
from billhook.plugins.routes import behind_fence
from billhook.plugins.runtime import runtime


def init_app(app: Flask) -> Blueprint:
    """Add the API to an application, the routes of its installed plugins included; return its blueprint."""
    add_edge(app, Edge(prefix=PREFIX, refuse=problems.refusal))
    access_log.init_app(app)
    throttling.init_app(app)
    versions.init_app(app)
    access.init_app(app)
    blueprint = Blueprint("api", __name__, url_prefix=BASE)
    with app.app_context():
        groups = described()
        server = runtime().config.base_url.rstrip("/")
        deadline = runtime().host.deadline
    for group in groups:
        below = f"/x/{group.plugin}" if group.plugin else ""
        for operation in group.routes.operations:
            if group.plugin:
                operation = behind_fence(operation, group.plugin, deadline=deadline)
            mount(blueprint, operation, below=below, plugin=group.plugin)
    _tell(app, cache(partial(description, groups, server=server)))
    app.register_blueprint(blueprint)
    return blueprint


def _tell(app: Flask, content: Callable[[], Json]) -> None:
    """Show the description, and the reference made of it, to everybody; written when it is asked for."""
    written = cache(lambda: orjson.dumps(content()))
    pages = ReferencePages(content)

    def openapi() -> Response:
        return Response(written(), content_type="application/json")

    for address, endpoint, view in (
        (DESCRIPTION, "api_description", openapi),
        (REFERENCE, "api_reference", pages.show),
    ):
        app.add_url_rule(address, endpoint, view, methods=["GET"], provide_automatic_options=False)


def described() -> list[Described]:
    """Return all routes of the application in context: the core's, then each plugin's."""
    own = [Described(routes=routes) for routes in ROUTES]
    return own + [
        Described(routes=routes, plugin=plugin.name)
        for plugin in runtime().host.installed.values()
        for routes in plugin.registered.routes
    ]
