"""Upgrades: the core and each plugin with a history of its own, by roles that own no more than they must."""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from billhook.db import set_up_connections
from billhook.ids import new_id
from billhook.migrations.roles import GUARD, RoleMissing
from billhook.plugins.migrating import MigrationStatus, status, upgrade_all
from billhook.sdk.info import PluginInfo
from billhook.testing import services
from billhook.testing.plugin import make_config

FAX = """
from billhook.sdk.migrations import *

revision = "0001"
down_revision = None


def upgrade():
    tenant_table(
        "fax_job",
        Column("id", Id, nullable=False),
        Column("number", Words(8), nullable=False),
        Column("is_sent", Flag, nullable=False),
        references("document_id", to="document"),
        Column("document_id", Id, nullable=True),
        append_only=True,
    )
"""

NEWEST = "0006"
"""The core's own newest migration."""


@pytest.fixture
def config(empty_database_urls, home):
    return make_config(empty_database_urls, home=home)


@pytest.fixture
def fax(tmp_path):
    """A plugin with a table."""
    return plugin(tmp_path, FAX)


def plugin(folder: Path, migration: str) -> ModuleType:
    versions = folder / "billhook_fax" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(migration)
    module = ModuleType("billhook_fax.plugin")
    module.__file__ = str(folder / "billhook_fax" / "plugin.py")
    module.info = PluginInfo(name="fax", title="Fax", summary="Sends", version="1", hook_api=1)
    return module


@contextlib.contextmanager
def connected(url):
    engine = create_engine(url)
    set_up_connections(engine)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def tables(config):
    with connected(config.owner_database_url) as connection:
        return set(inspect(connection).get_table_names())


def test_an_upgrade_says_what_moved_and_a_second_moves_nothing(config):
    assert upgrade_all(config, []) == [f"core: {NEWEST}"]
    assert upgrade_all(config, []) == []


def test_the_status_tells_what_an_upgrade_would_move(config, fax):
    upgrade_all(config, [])
    assert status(config, [fax]) == [
        MigrationStatus(name="core", revision=NEWEST, newest=NEWEST),
        MigrationStatus(name="fax", revision=None, newest="0001"),
    ]
    assert not status(config, [fax])[1].is_current


def test_a_plugin_has_a_version_table_of_its_own(config, fax):
    assert upgrade_all(config, [fax]) == [f"core: {NEWEST}", "fax: 0001"]
    assert {"fax_job", "alembic_version_fax", "alembic_version"} <= tables(config)


def test_the_core_upgrades_with_a_plugin_uninstalled(config, fax):
    upgrade_all(config, [fax])
    with connected(config.owner_database_url) as connection:
        connection.execute(text("DELETE FROM alembic_version_fax"))  # as if from another time
    assert upgrade_all(config, []) == []
    assert status(config, [])[0].is_current
    assert "fax_job" in tables(config)


def test_an_upgrade_is_done_whole_or_not_at_all(config, tmp_path):
    broken = plugin(tmp_path, FAX + "    raise RuntimeError('half way')\n")
    with pytest.raises(RuntimeError):
        upgrade_all(config, [broken])
    assert not tables(config) & {"fax_job", "tenant"}


def test_upgrades_at_the_same_time_take_turns(config, fax):
    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(lambda _: upgrade_all(config, [fax]), range(4)))
    assert sorted(moved) == [[], [], [], [f"core: {NEWEST}", "fax: 0001"]]


def test_a_plugins_table_gets_its_walls_unasked(config, fax, backend):
    upgrade_all(config, [fax])
    with connected(config.database_url) as connection:
        wrong = "'000000000'"
        with pytest.raises(DBAPIError):  # no tenant; and too long for SQLite's text
            connection.execute(
                text(
                    "INSERT INTO fax_job (tenant_id, id, number, is_sent)"
                    f" VALUES (:tenant, :id, {wrong}, (1 = 0))"
                ),
                {"tenant": plain(new_id(), backend), "id": plain(new_id(), backend)},
            )
    with connected(config.owner_database_url) as connection:
        found = inspect(connection)
        assert found.get_pk_constraint("fax_job")["constrained_columns"] == ["tenant_id", "id"]
        references = found.get_foreign_keys("fax_job")
        assert {reference["referred_table"] for reference in references} == {"document", "tenant"}


def plain(value, backend):
    return value.bytes if backend == "sqlite" else value


@pytest.mark.postgresql
def test_one_role_can_do_all_and_the_walls_hold_for_it_too(config):
    alone = replace(config, database_url=config.owner_database_url)
    assert upgrade_all(alone, []) == [f"core: {NEWEST}"]
    with (
        connected(alone.database_url) as connection,
        pytest.raises(DBAPIError, match=r"uuid|app\.tenant"),
    ):
        connection.execute(text("SELECT * FROM document"))


@pytest.mark.postgresql
def test_a_missing_role_is_asked_for_by_the_sql_that_makes_it(config, database_name):
    with superuser(config) as connection:
        weak = f"weak_{database_name}"[:60]
        connection.execute(f"CREATE ROLE {weak} LOGIN PASSWORD 'billhook'")
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {weak}")
    url = make_url(config.owner_database_url)
    theirs = url.set(username=weak).render_as_string(hide_password=False)
    nobody = url.set(username=f"app_{weak}"[:60]).render_as_string(hide_password=False)
    try:
        with pytest.raises(RoleMissing, match=r"CREATE ROLE app_weak_\w+ LOGIN;"):
            upgrade_all(replace(config, owner_database_url=theirs, database_url=nobody), [])
    finally:
        with superuser(config) as connection:
            connection.execute(f"REVOKE ALL ON SCHEMA public FROM {weak}")
            connection.execute(f"DROP ROLE {weak}")


@pytest.mark.postgresql
def test_a_runtime_role_that_passes_every_wall_is_refused(config):
    with superuser(config) as connection:
        (name,) = connection.execute("SELECT current_user").fetchone()
    url = make_url(config.database_url).set(username=name)
    everything = replace(config, database_url=url.render_as_string(hide_password=False))
    with pytest.raises(RoleMissing, match="NOSUPERUSER NOBYPASSRLS"):
        upgrade_all(everything, [])


@pytest.mark.postgresql
def test_the_guards_role_is_not_left_to_the_owner(config):
    upgrade_all(config, [])
    with connected(config.owner_database_url) as connection:
        may = f"SELECT pg_has_role('{GUARD}', 'USAGE')"
        assert connection.exec_driver_sql(may).scalar_one() is False


@contextlib.contextmanager
def superuser(config):
    """Connect as the administrator of the server, to the test's database."""
    database = make_url(config.owner_database_url).database
    url = make_url(os.environ[services.DATABASE_URL]).set(
        drivername="postgresql", database=database
    )
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as found:
        yield found
