"""The pages: who may see them, how they are kept safe, what they look like."""

from flask import Flask

from billhook.web import (
    access,
    errors,
    headers,
    health,
    home,
    languages,
    logging_in,
    requests,
    templates,
    throttling,
    visits,
)


def init_app(app: Flask) -> None:
    """Add the pages to an application. What is checked first comes first."""
    templates.init_app(app)
    requests.init_app(app)
    languages.init_app(app)
    headers.init_app(app)
    visits.init_app(app)
    throttling.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    for blueprint in (health.blueprint, logging_in.blueprint, home.blueprint):
        app.register_blueprint(blueprint)
