"""The client's side: themed pages under `/portal/<tenant>/`, or at the tenant's own domain.

Own log-in, own session, own cookies. Pages say what they say by the core's templates;
the frame around it, and the style, are the theme's.
"""

from typing import Any

from flask import Blueprint, Flask, g

from billhook.edges import Edge, add_edge
from billhook.portal import (
    access,
    addresses,
    archives,
    documents,
    entering,
    faces,
    guest_questions,
    guests,
    home,
    inviting,
    looking,
    notices,
    people,
    profile,
    proving,
    questions,
    refusing,
    resetting,
    security,
    slots,
    statement,
)
from billhook.portal.visits import PageCookies


def init_app(app: Flask) -> None:
    """Add the portal to an application, after the pages: these set up requests and forms."""
    add_edge(app, Edge(prefix=addresses.PREFIX, refuse=refusing.refuse))
    app.session_interface = PageCookies()
    access.init_app(app)
    blueprint = Blueprint("portal", __name__, url_prefix="/portal/<tenant>")
    blueprint.url_value_preprocessor(_take_tenant)
    blueprint.after_request(looking.note_page)
    for room in (
        faces,
        entering,
        inviting,
        resetting,
        proving,
        security,
        looking,
        home,
        documents,
        archives,
        guests,
        guest_questions,
        statement,
        questions,
        profile,
        people,
        notices,
        slots,
    ):
        blueprint.register_blueprint(room.blueprint)
    app.register_blueprint(blueprint)
    app.add_template_global(addresses.at, "at")
    for given in (slots.slot, slots.document_slot, slots.file_addresses):
        app.add_template_global(given, given.__name__)


def _take_tenant(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the tenant from the views: whose portal it is was settled at the door."""
    if values is not None:
        g.portal_slug = values.pop("tenant", "")
