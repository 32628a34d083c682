"""The kernel alone: a database and the session, without the rest of the application."""

import pytest
from flask import Flask

from billhook import models
from billhook.db import db, install_guards

assert models  # importing them maps the tables


@pytest.fixture
def session_app(database_urls):
    """An application context with nothing in it but the database, as the runtime role."""
    app = Flask("kernel")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_urls.runtime
    if not database_urls.runtime.startswith("sqlite"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 20}
    db.init_app(app)
    with app.app_context():
        install_guards(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
