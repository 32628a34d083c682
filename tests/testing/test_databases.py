"""Databases of tests: each fresh, all of one template, reached by the role that production uses."""

import contextlib
import os

import pytest
from sqlalchemy import create_engine, text

from billhook.testing import services
from billhook.testing.databases import DatabaseUrls, PostgresDatabases, SQLiteDatabases


@contextlib.contextmanager
def connected(url: str):
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


class Migrations:
    """Stands for the migrations, which these tests are not about."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, urls: DatabaseUrls) -> None:
        self.count += 1
        with connected(urls.owner) as connection:
            connection.execute(text("CREATE TABLE thing (name TEXT)"))
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text(
                        "DO $$ BEGIN CREATE ROLE billhook_app;"
                        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                    )
                )
                connection.execute(text("GRANT SELECT, INSERT ON thing TO billhook_app"))


@pytest.fixture
def migrations():
    return Migrations()


@pytest.fixture
def fresh(backend, tmp_path, migrations):
    if backend == "sqlite":
        yield SQLiteDatabases(tmp_path, migrations)
        return
    server = os.environ[services.DATABASE_URL]
    made = PostgresDatabases(server, tmp_path, f"t{tmp_path.stat().st_ino}", migrations)
    with contextlib.closing(made):
        yield made
        made.drop_template()


def names(url: str) -> list[str]:
    with connected(url) as connection:
        return list(connection.scalars(text("SELECT name FROM thing")))


def test_what_one_test_writes_the_next_does_not_see(fresh):
    with fresh.migrated("first") as urls, connected(urls.runtime) as connection:
        connection.execute(text("INSERT INTO thing VALUES ('mine')"))
    with fresh.migrated("second") as urls:
        assert names(urls.runtime) == []


def test_two_databases_stand_side_by_side(fresh):
    with fresh.migrated("left") as left, fresh.migrated("right") as right:
        with connected(left.runtime) as connection:
            connection.execute(text("INSERT INTO thing VALUES ('left')"))
        assert (names(left.runtime), names(right.runtime)) == (["left"], [])


def test_migrations_run_once_for_all_databases(fresh, migrations):
    for name in ("one", "two"):
        with fresh.migrated(name):
            pass
    assert migrations.count == 1


def test_an_empty_database_has_no_table(fresh, migrations):
    with fresh.empty("empty") as urls:
        migrations(urls)
        assert names(urls.owner) == []


@pytest.mark.postgresql
def test_neither_role_passes_by_row_level_security(fresh):
    asked = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    with fresh.migrated("roles") as urls:
        for url in (urls.runtime, urls.owner):
            with connected(url) as connection:
                assert connection.scalar(asked) is False


@pytest.mark.postgresql
def test_the_runtime_role_owns_nothing(fresh):
    with fresh.migrated("owned") as urls, connected(urls.runtime) as connection:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        assert connection.scalar(text(owned)) == 0
