"""A fresh, migrated database for each test: migrated once for a run, then cloned.

The processes of one run share the template through a folder; the first that needs it makes it, the others wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

OWNER = "billhook_owner"
RUNTIME = "billhook_app"
PASSWORD = "billhook"  # asked for only by a server that the tests were given


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The two ways into one database."""

    runtime: str
    """For the application: on PostgreSQL a role that owns nothing."""
    owner: str
    """For migrations: on PostgreSQL the role that owns the tables, no superuser."""


class Migrate(Protocol):
    """Bring an empty database to the newest schema, the plugins' tables included."""

    def __call__(self, urls: DatabaseUrls, /) -> None: ...


class Databases(Protocol):
    """Where the tests of one process get their databases."""

    def empty(self, name: str) -> contextlib.AbstractContextManager[DatabaseUrls]:
        """Make a database without any table, for tests of migrations."""

    def migrated(self, name: str) -> contextlib.AbstractContextManager[DatabaseUrls]:
        """Make a database of the newest schema, without any row of a tenant."""

    def copied(self, original: str, name: str) -> contextlib.AbstractContextManager[DatabaseUrls]:
        """Make a database that holds what another of these has, to which nobody is connected."""

    def close(self) -> None:
        """Leave no connection open."""


@dataclass(frozen=True, slots=True)
class SQLiteDatabases:
    """Files in a folder that all processes of the run share."""

    folder: Path
    migrate: Migrate

    @contextlib.contextmanager
    def empty(self, name: str) -> Iterator[DatabaseUrls]:
        path = self.folder / f"{name}.db"
        try:
            yield _file_urls(path)
        finally:
            for leftover in self.folder.glob(f"{name}.db*"):
                leftover.unlink(missing_ok=True)

    @contextlib.contextmanager
    def migrated(self, name: str) -> Iterator[DatabaseUrls]:
        template = self.folder / "template.sqlite"
        _once(template, self._make_template)
        with self.empty(name) as urls:
            shutil.copyfile(template, self.folder / f"{name}.db")
            yield urls

    @contextlib.contextmanager
    def copied(self, original: str, name: str) -> Iterator[DatabaseUrls]:
        path = self.folder / f"{original}.db"
        with self.empty(name) as urls:
            _bring_together(path)
            shutil.copyfile(path, self.folder / f"{name}.db")
            yield urls

    def close(self) -> None:
        return

    def _make_template(self) -> None:
        with self.empty("template") as urls:
            path = self.folder / "template.db"
            self.migrate(urls)
            _bring_together(path)
            path.rename(self.folder / "template.sqlite")


@dataclass(frozen=True, slots=True)
class PostgresDatabases:
    """Databases of one server, named after the run so that several runs can share it."""

    server_url: str
    """A role that may make databases and roles."""
    folder: Path
    run: str
    migrate: Migrate
    _kept: list[psycopg.Connection] = field(default_factory=list, init=False)
    """The one connection over which databases are made and dropped, once there is one."""

    @contextlib.contextmanager
    def empty(self, name: str) -> Iterator[DatabaseUrls]:
        _once(self.folder / "owner", self._make_owner)
        with self._created(name, template="template0"):
            yield self._urls(name)

    @contextlib.contextmanager
    def migrated(self, name: str) -> Iterator[DatabaseUrls]:
        _once(self.folder / "template", self._make_template)
        with self._created(name, template=self._full("template")):
            yield self._urls(name)

    @contextlib.contextmanager
    def copied(self, original: str, name: str) -> Iterator[DatabaseUrls]:
        with self._created(name, template=self._full(original)):
            yield self._urls(name)

    def drop_template(self) -> None:
        """Remove what a run leaves on a server that goes on after it."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._full("template"))

    def _make_template(self) -> None:
        _once(self.folder / "owner", self._make_owner)
        with self._alone():
            self._create("template", template="template0")
            self.migrate(self._urls("template"))
            # The migrations make the role without a password; they were given none for it.
            self._execute("ALTER ROLE {} LOGIN PASSWORD {password}", RUNTIME)
        (self.folder / "template").touch()

    def _make_owner(self) -> None:
        with self._alone() as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if found.fetchone() is None:
                connection.execute(_query("CREATE ROLE {} LOGIN CREATEROLE", OWNER))
            connection.execute(_query("ALTER ROLE {} LOGIN PASSWORD {password}", OWNER))
            connection.execute(_query("GRANT {} TO CURRENT_USER", OWNER))
        (self.folder / "owner").touch()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[psycopg.Connection]:
        """Keep out other runs on this server: roles belong to all of its databases."""
        with psycopg.connect(_dsn(self.server_url), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('billhook roles'))")
            yield connection

    @contextlib.contextmanager
    def _created(self, name: str, *, template: str) -> Iterator[None]:
        self._create(name, template=template)
        try:
            yield
        finally:
            self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._full(name))

    def _create(self, name: str, *, template: str) -> None:
        # By its files: half the time that the write-ahead log takes, which is the usual way.
        self._execute(
            "CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY",
            *(self._full(name), OWNER, template),
        )

    def close(self) -> None:
        while self._kept:
            self._kept.pop().close()

    def _execute(self, text: str, *names: str) -> None:
        if not self._kept:
            self._kept.append(psycopg.connect(_dsn(self.server_url), autocommit=True))
        self._kept[0].execute(_query(text, *names))

    def _full(self, name: str) -> str:
        return f"billhook_{self.run}_{name}"

    def _urls(self, name: str) -> DatabaseUrls:
        server = make_url(self.server_url).set(database=self._full(name), password=PASSWORD)
        return DatabaseUrls(
            runtime=_text(server.set(username=RUNTIME)), owner=_text(server.set(username=OWNER))
        )


def _once(made: Path, make: Callable[[], None]) -> None:
    """Call make unless another process of the run did; make leaves the path behind when it is done."""
    if made.exists():
        return
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make()


def _query(text: str, *names: str) -> sql.Composed:
    identifiers = (sql.Identifier(name) for name in names)
    return sql.SQL(text).format(*identifiers, password=sql.Literal(PASSWORD))


def _bring_together(path: Path) -> None:
    """Write what SQLite keeps beside its file into it."""
    if not path.with_name(f"{path.name}-wal").exists():
        return
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _file_urls(path: Path) -> DatabaseUrls:
    url = f"sqlite:///{path}"
    return DatabaseUrls(runtime=url, owner=url)


def _dsn(url: str) -> str:
    return _text(make_url(url).set(drivername="postgresql"))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
