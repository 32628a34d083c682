from collections.abc import Callable, Iterator, MutableMapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from billhook.db import db, install_guards
from billhook.plugins.discovery import discover
from billhook.plugins.fence import hung
from billhook.plugins.host import PluginHost
from billhook.testing.crashing import wait_until
from billhook.testing.databases import DatabaseUrls


@pytest.fixture
def host() -> Callable[..., PluginHost]:
    """Make a host of plugin modules, which allows them a quarter of a second."""

    def make(*plugins: ModuleType, **options: object) -> PluginHost:
        deadline = timedelta(seconds=0.25)
        return PluginHost(discover(None, plugins), deadline=deadline, **options)

    return make


@pytest.fixture
def notes(empty_database_urls: DatabaseUrls, tmp_path: Path) -> Iterator[Callable[[], list[str]]]:
    """Push an application whose database has one plain table; return what reads its committed rows."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = empty_database_urls.owner
    db.init_app(app)
    with app.app_context():
        install_guards(db.engine)
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE note (content TEXT)"))

        def committed() -> list[str]:
            with db.engine.connect() as connection:
                rows = connection.execute(text("SELECT content FROM note ORDER BY content"))
                return list(rows.scalars())

        yield committed
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def log() -> Iterator[list[MutableMapping[str, object]]]:
    """Return what is logged, in place of printing it."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture(autouse=True)
def _no_call_hangs_on() -> Iterator[None]:
    """A test must let its hanging plugins go; their threads need a moment to end."""
    yield
    wait_until(lambda: hung() == [])
