"""What benchmarks share: a migrated PostgreSQL of their own, and how figures are printed."""

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from billhook.app import create_app
from billhook.config import Config
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A process of `billhook serve`."""

    port: int
    pid: int


@contextmanager
def served(config: Config, *, processes: int) -> Iterator[list[Server]]:
    """Serve an installation by `billhook serve`, so often; end it afterwards."""
    environ = {
        **os.environ,
        "BILLHOOK_HOME": str(config.home),
        "BILLHOOK_DATABASE_URL": config.database_url,
        "BILLHOOK_SECRET_KEYS": " ".join(config.secret_keys),
        "BILLHOOK_SESSION_KEY": config.session_key,
    }
    ports = [free_port() for _process in range(processes)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "billhook", "serve", "--port", str(port)],
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ports
    ]
    try:
        for port in ports:
            wait_for(port)
        yield [Server(port=port, pid=one.pid) for port, one in zip(ports, started, strict=True)]
    finally:
        for one in started:
            one.terminate()
            one.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something answers there. Raises TimeoutError after half a minute."""
    for _try in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at {port}")


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
