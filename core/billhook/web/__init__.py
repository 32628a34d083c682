"""The pages: who may see them, how they are kept safe, what they look like."""

from flask import Flask

from billhook.web import (
    access,
    assets,
    audit,
    charges,
    documents,
    drafts,
    errors,
    headers,
    health,
    home,
    languages,
    ledger,
    logging_in,
    notices,
    outbox,
    requests,
    templates,
    throttling,
    visits,
    work,
)


def init_app(app: Flask) -> None:
    """Add the pages to an application. What is checked first comes first."""
    templates.init_app(app)
    assets.init_app(app)
    requests.init_app(app)
    languages.init_app(app)
    headers.init_app(app)
    visits.init_app(app)
    throttling.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    for room in (health, logging_in, home, documents, drafts, outbox, work, audit, ledger, notices, charges):
        app.register_blueprint(room.blueprint)
