"""What benchmarks share: a migrated PostgreSQL of their own, and how figures are printed."""

import argparse
import json
import resource
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from billhook.app import create_app
from billhook.testing.databases import DatabaseUrls, PostgresDatabases
from billhook.testing.plugin import make_config, migrate


def arguments(description: str) -> argparse.Namespace:
    """Read the options that every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="end within 40 seconds")
    parser.add_argument("--json", action="store_true", help="print ratio, rate and floor_rate")
    return parser.parse_args()


@contextmanager
def database(server: str) -> Iterator[DatabaseUrls]:
    """Lend a fresh, migrated database on the server that `bin/bench` started."""
    with tempfile.TemporaryDirectory() as folder:
        databases = PostgresDatabases(server, Path(folder), uuid.uuid4().hex[:8], migrate)
        try:
            with databases.migrated("bench") as urls:
                yield urls
        finally:
            databases.drop_template()


@contextmanager
def application(urls: DatabaseUrls) -> Iterator[Flask]:
    """Lend an application on the database, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        app = create_app(make_config(urls, home=Path(home)))
        with app.app_context():
            yield app


def memory_mb() -> int:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def show(figures: dict[str, object], *, as_json: bool) -> None:
    """Print the figures, one a line or as JSON."""
    if as_json:
        print(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value}")
