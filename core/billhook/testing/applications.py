"""Applications on the databases of tests, and browsers that visit them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from billhook.config import Config
    from billhook.plugins.themes import Themes


def create(config: Config, **wiring: Any) -> Flask:
    """Make an application, with the installed plugins or those named; `dispose` it before its database goes."""
    from billhook.app import create_app
    from billhook.plugins.runtime import EXTENSION
    from billhook.testing import kept

    with kept.kept():
        app = create_app(config, **wiring)
    with app.app_context():
        kept.share(app, app.extensions["sqlalchemy"].engine)
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], themes=_themes())
    return app


@cache
def _themes() -> Themes:
    """Read the installed themes once: to compile their templates takes longer than most tests."""
    from billhook.plugins.themes import Themes

    return Themes()


@contextlib.contextmanager
def running(config: Config, **wiring: Any) -> Iterator[Flask]:
    """Make an application, its context pushed, and dispose it at the end."""
    app = create(config, **wiring)
    try:
        with app.app_context():
            yield app
    finally:
        dispose(app)


def dispose(app: Flask) -> None:
    """Close the connections, so that the database can be dropped or copied."""
    database = app.extensions.get("sqlalchemy")
    if database is None:
        return
    with app.app_context():
        database.session.remove()
        for engine in database.engines.values():
            engine.dispose()


def fresh_client(app: Flask) -> FlaskClient:
    """Return a browser without a session, whose requests share nothing with each other or the test."""
    from flask.testing import FlaskClient

    class Client(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> Any:
            with (
                self.application.app_context()
            ):  # else requests would share the test's g and session
                return super().open(*args, **kwargs)

    return Client(app, app.response_class)
