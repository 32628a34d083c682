"""The pytest plugin of Billhook: `pytest -p billhook.testing.plugin`.

Tests run on the database that BILLHOOK_TEST_BACKEND names, `sqlite` where it names none. On `postgresql` the run
starts a PostgreSQL and a Redis of its own, shared by all its processes, unless the environment names others
(see billhook.testing.services).
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from billhook.testing import applications, services

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from flask import Flask
    from flask.testing import FlaskClient

    from billhook.config import Config
    from billhook.testing.databases import Databases, DatabaseUrls
    from billhook.testing.worlds import World, Worlds

BACKEND = "BILLHOOK_TEST_BACKEND"
BACKENDS = ("sqlite", "postgresql")
RUN = "BILLHOOK_TEST_RUN"
RUN_FOLDER = "BILLHOOK_TEST_RUN_FOLDER"

OF_A_DATABASE = frozenset({"databases", "backend", "redis_url"})
"""The fixtures through which each test that has a database comes to it."""

SECRET_KEY = "dGVzdHMgdGVzdHMgdGVzdHMgdGVzdHMgdGVzdHMgISE="  # sealing in tests; opens nothing else
SESSION_KEY = "tests-tests-tests-tests-tests-tests-tests"

_running = contextlib.ExitStack()


# The run


COLLECT_AFTER = (100_000, 10, 10)
"""Objects that stay, then rounds of each generation: by Python's own 700 the collector takes a fifth of all time."""


def pytest_configure(config: pytest.Config) -> None:
    """Start what the processes of this run share. Workers of xdist find it in their environment."""
    backend = _backend()
    if hasattr(config, "workerinput") or _only_lists(config):
        return
    _running.callback(_restore, {name: os.environ.get(name) for name in (RUN, RUN_FOLDER)})
    os.environ[RUN] = uuid.uuid4().hex[:8]
    os.environ[RUN_FOLDER] = _running.enter_context(
        tempfile.TemporaryDirectory(prefix="billhook-tests-", dir=services.scratch())
    )
    if backend == "postgresql":
        _start_services()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    _running.close()


def pytest_collection_finish() -> None:
    """Keep all that has been loaded out of the garbage collector's rounds, and let these be rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"billhook: on {_backend()}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what bin/test asks for in its second round."""
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out the tests that ask for no database, which are the same on all",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose what the backend has; where workers share it, long tests begin first."""
    _leave_out(items)
    if config.option.database_only:
        alike = [item for item in items if not _asks_for_a_database(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = filter(_asks_for_a_database, items)
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _asks_for_a_database(item: pytest.Item) -> bool:
    return not OF_A_DATABASE.isdisjoint(getattr(item, "fixturenames", OF_A_DATABASE))


def _leave_out(items: list[pytest.Item]) -> None:
    """Leave out, with the reason, what the chosen backend does not have."""
    if _backend() == "postgresql":
        return
    reason = f"needs production's services: {BACKEND}=postgresql"
    for item in items:
        if item.get_closest_marker("postgresql") or item.get_closest_marker("redis"):
            item.add_marker(pytest.mark.skip(reason=reason))


def _start_services() -> None:
    was_given = services.DATABASE_URL in os.environ
    _running.callback(
        _restore,
        {name: os.environ.get(name) for name in (services.DATABASE_URL, services.REDIS_URL)},
    )
    try:
        os.environ.update(_running.enter_context(services.both()))
    except services.Unavailable as reason:
        _running.close()
        raise pytest.UsageError(str(reason)) from reason
    if was_given:
        _running.callback(_drop_template)


def _drop_template() -> None:
    from billhook.testing.databases import PostgresDatabases

    databases = _databases()
    if isinstance(databases, PostgresDatabases):
        with contextlib.closing(databases):
            databases.drop_template()


def _restore(environment: dict[str, str | None]) -> None:
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _only_lists(config: pytest.Config) -> bool:
    return bool(config.option.collectonly or getattr(config.option, "version", False))


def _backend() -> str:
    backend = os.environ.get(BACKEND) or "sqlite"
    if backend not in BACKENDS:
        raise pytest.UsageError(f"{BACKEND} is {backend}; it can be {' or '.join(BACKENDS)}.")
    return backend


def _databases() -> Databases:
    from billhook.testing.databases import PostgresDatabases, SQLiteDatabases

    folder = Path(os.environ[RUN_FOLDER])
    if _backend() == "sqlite":
        return SQLiteDatabases(folder, migrate)
    return PostgresDatabases(os.environ[services.DATABASE_URL], folder, os.environ[RUN], migrate)


def migrate(urls: DatabaseUrls) -> None:
    """Bring an empty database to the newest schema."""
    from billhook.plugins.migrating import upgrade_all

    with tempfile.TemporaryDirectory() as home:
        upgrade_all(make_config(urls, home=Path(home)))


def make_config(urls: DatabaseUrls, *, home: Path, redis_url: str | None = None) -> Config:
    """Return the settings of an installation on the database; without a Redis it is an embedded one."""
    from billhook.config import Config

    return Config(
        home=home,
        database_url=urls.runtime,
        owner_database_url=urls.owner,
        redis_url=redis_url,
        secret_keys=(SECRET_KEY,),
        session_key=SESSION_KEY,
        is_testing=True,
    )


# Fixtures


@pytest.fixture(scope="session")
def backend() -> str:
    """Return `sqlite` or `postgresql`."""
    return _backend()


@pytest.fixture(scope="session")
def databases(no_syncing: None) -> Iterator[Databases]:
    """Return where databases come from, for tests that want an empty one or several."""
    with contextlib.closing(_databases()) as all_:
        yield all_


@pytest.fixture(scope="session")
def no_syncing() -> Iterator[None]:
    """Let nothing wait for the disk: what is lost when the machine stops is thrown away anyway."""
    from billhook.db import SQLITE_PRAGMAS

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _file: None)
        patched.setitem(SQLITE_PRAGMAS, "synchronous", 0)
        yield


@pytest.fixture
def database_name(request: pytest.FixtureRequest, worker_name: str) -> str:
    """Return a name for databases of this test alone."""
    readable = re.sub(r"[^a-z0-9]+", "_", request.node.originalname.lower())[:24]
    return f"{worker_name}_{uuid.uuid4().hex[:8]}_{readable}"


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Return the name of this process of the run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def worlds(databases: Databases, worker_name: str, quick_hashes: None) -> Iterator[Worlds]:
    """Return the worlds that tests of this process begin in."""
    from billhook.testing.worlds import Worlds

    with contextlib.closing(Worlds(databases, process=worker_name, configure=_configure)) as all_:
        yield all_


@pytest.fixture
def beginning() -> World[Any] | None:
    """Return the world that this test's database and home begin as; None: migrated, and without a tenant.

    Override it where tests begin with more.
    """
    return None


@pytest.fixture
def database_urls(
    databases: Databases, database_name: str, beginning: World[Any] | None
) -> Iterator[DatabaseUrls]:
    """Give the test a migrated database of its own."""
    made = (
        databases.copied(beginning.database, database_name)
        if beginning
        else databases.migrated(database_name)
    )
    with made as urls:
        yield urls


@pytest.fixture
def empty_database_urls(databases: Databases, database_name: str) -> Iterator[DatabaseUrls]:
    """Give the test a database without any table."""
    with databases.empty(f"{database_name}_0") as urls:
        yield urls


@pytest.fixture
def redis_url(backend: str, worker_name: str) -> Iterator[str]:
    """Give the test an empty Redis database that no other worker uses."""
    if backend != "postgresql":
        pytest.skip(f"Redis belongs to production: {BACKEND}=postgresql")
    from redis import Redis

    server = os.environ[services.REDIS_URL]
    url = urlsplit(server)._replace(path=f"/{_number(worker_name)}").geturl()
    with contextlib.closing(Redis.from_url(url)) as connection:
        connection.flushdb()
        yield url
        connection.flushdb()


def _number(worker_name: str) -> int:
    return int(re.sub(r"\D", "", worker_name) or 0)


@pytest.fixture
def home(tmp_path: Path, beginning: World[Any] | None) -> Path:
    """Return the folder that stands for BILLHOOK_HOME."""
    folder = tmp_path / "home"
    if beginning:
        shutil.copytree(beginning.home, folder)
    else:
        folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def quick_hashes() -> Iterator[None]:
    """Hash passwords by Argon2 with the least that it takes: else it is most of what tests of pages do."""
    from argon2 import PasswordHasher

    with _hashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)):
        yield


@pytest.fixture
def slow_hashes(quick_hashes: None) -> Iterator[None]:
    """Hash passwords as an installation does."""
    from argon2 import PasswordHasher

    with _hashing(PasswordHasher()):
        yield


@contextlib.contextmanager
def _hashing(hasher: PasswordHasher) -> Iterator[None]:
    from billhook.services import passwords

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", hasher)
        patched.setattr(passwords, "_NOBODYS", hasher.hash("the password of nobody"))
        yield


def _configure(urls: DatabaseUrls, home: Path) -> Config:
    return make_config(urls, home=home)


@pytest.fixture
def config(database_urls: DatabaseUrls, home: Path, quick_hashes: None) -> Config:
    """Return the settings of an embedded installation on this test's database."""
    return make_config(database_urls, home=home)


@pytest.fixture
def make_app(config: Config) -> Iterator[Callable[..., Flask]]:
    """Return a function that makes further applications on this test's database, as other servers would be."""
    made: list[Flask] = []

    def make(settings: Config = config, **wiring: Any) -> Flask:
        made.append(applications.create(settings, **wiring))
        return made[-1]

    yield make
    for app in made:
        applications.dispose(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """Return the application with all installed plugins, its context pushed."""
    app = make_app()
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without a session, whose requests share nothing with each other or the test."""
    return applications.fresh_client(app)
