"""A database that was worked with before documents went out keeps all of it, and goes on.

`data/0001.json` was written by the code of that time on SQLite: a shop that imported
customers and charges, billed twice, credited an invoice and left drafts open. Log-ins
are left out of it.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from tests.kernel.forging import guard_of
from tests.migrations.test_upgrading import NEWEST, superuser

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.config import Config
from billhook.db import set_up_connections
from billhook.jobs import drainer
from billhook.plugins import migrating
from billhook.sdk.context import Context
from billhook.services import (
    brands,
    customers,
    documents,
    drafting,
    issuing,
    outbox,
    preferences,
    publishing,
    verifying,
)
from billhook.testing.plugin import make_config
from billhook.testing.shops import END, acting

Tables = dict[str, dict[str, Any]]

GIVEN = json.loads((Path(__file__).parent / "data" / "0001.json").read_text())

DEFAULTS = {
    "tenant": {
        **dict.fromkeys(
            (
                *("legal_id", "legal_id_scheme", "electronic_address", "electronic_scheme"),
                *("contact_name", "phone", "extra"),
            ),
            "",
        ),
        "channels": [],
        "formats": [],
    },
    "customer": dict.fromkeys(
        (
            *("legal_id", "legal_id_scheme", "electronic_address", "electronic_scheme"),
            *("contact_name", "phone"),
        ),
        "",
    ),
    "contact": {"receives": ""},
}


@pytest.fixture
def config(empty_database_urls, home) -> Config:
    """An installation whose database stands at 0001, with rows."""
    config = make_config(empty_database_urls, home=home)
    upgrade_to_0001(config)
    write_rows(config, GIVEN)
    return config


@pytest.fixture
def upgraded(config, make_app) -> Iterator[Flask]:
    assert migrating.upgrade_all(config, []) == [f"core: {NEWEST}"]
    app = make_app(config, plugins=[pricing_standard, tax_rules])
    with app.app_context():
        yield app


@pytest.fixture
def shop(upgraded) -> Iterator[Context]:
    with acting("shop") as ctx:
        yield ctx


def upgrade_to_0001(config: Config) -> None:
    with migrating._owner(config, writes=True) as connection:
        role = migrating._prepared(connection, config)
        core, *_plugins = migrating._histories([])
        settings = core.settings
        settings.attributes.update(
            connection=connection, version_table=core.version_table, runtime_role=role
        )
        command.upgrade(settings, "0001")


def write_rows(config: Config, tables: Tables) -> None:
    """Write rows as they stand in a backup: no guard is asked, as none is when one is restored."""
    if config.is_sqlite:
        _write_to_sqlite(str(make_url(config.database_url).database), tables)
    else:
        _write_to_postgresql(config, tables)


def _write_to_sqlite(file: str, tables: Tables) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _sql in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for table, found in tables.items():
            places = ", ".join("?" * len(found["columns"]))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(found['columns'])}) VALUES ({places})",
                [[_raw(value) for value in row] for row in found["rows"]],
            )
        for _name, sql in triggers:
            connection.execute(sql)
        assert not connection.execute("PRAGMA foreign_key_check").fetchall()


def _raw(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _write_to_postgresql(config: Config, tables: Tables) -> None:
    with superuser(config) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, found in tables.items():
            types = _types(connection, table)
            places = ", ".join(f"%s::{types[name]}" for name in found["columns"])
            for row in found["rows"]:
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(found['columns'])}) VALUES ({places})",
                    [
                        _plain(value, types[name])
                        for name, value in zip(found["columns"], row, strict=True)
                    ],
                )


def _types(connection: psycopg.Connection, table: str) -> dict[str, str]:
    rows = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    return dict(rows.fetchall())


def _plain(value: Any, kind: str) -> Any:
    """Return what SQLite holds as PostgreSQL takes it."""
    if isinstance(value, dict):
        content = bytes.fromhex(value["hex"])
        return UUID(bytes=content) if kind == "uuid" else content
    return bool(value) if kind == "boolean" and value is not None else value


def rows_of(config: Config) -> dict[str, list[str]]:
    """Return what stands in the columns that 0001 had, of all tenants."""
    if config.is_sqlite:
        with contextlib.closing(
            sqlite3.connect(str(make_url(config.database_url).database))
        ) as connection:
            return _rows(lambda sql: connection.execute(sql).fetchall())
    with superuser(config) as connection:
        return _rows(lambda sql: connection.execute(sql).fetchall())


def _rows(ask: Callable[[str], list[Any]]) -> dict[str, list[str]]:
    return {
        table: sorted(
            str(row) for row in ask(f"SELECT {', '.join(found['columns'])} FROM {table}")
        )
        for table, found in GIVEN.items()
    }


def test_every_row_is_kept_as_it_was(config):
    before = rows_of(config)
    assert {table: len(rows) for table, rows in before.items()} == {
        table: len(found["rows"]) for table, found in GIVEN.items()
    }
    migrating.upgrade_all(config, [])
    assert rows_of(config) == before


def test_what_is_new_holds_nothing_yet(config):
    migrating.upgrade_all(config, [])
    for table, wanted in DEFAULTS.items():
        for row in _ask(config, f"SELECT {', '.join(wanted)} FROM {table}"):
            assert [_json(value) for value in row] == list(wanted.values()), table


def _ask(config: Config, sql: str) -> list[Any]:
    if config.is_sqlite:
        with contextlib.closing(
            sqlite3.connect(str(make_url(config.database_url).database))
        ) as connection:
            return connection.execute(sql).fetchall()
    with superuser(config) as connection:
        return connection.execute(sql).fetchall()


def _json(value: Any) -> Any:
    return json.loads(value) if value == "[]" else value


def test_nothing_is_written_for_people_without_saying_what_stands_in_the_new_columns(config):
    """A default that stayed would hide a column that the code forgets."""
    if config.is_sqlite:
        pytest.skip("SQLite cannot drop the default of a column that was added")
    migrating.upgrade_all(config, [])
    kept = _ask(
        config,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_default IS NOT NULL",
    )
    assert kept == []


def test_the_books_are_whole(shop):
    verdict = verifying.verify(shop)
    assert [check.checked.broken for check in verdict.checks] == [None] * len(verdict.checks)
    counts = {check.name: check.checked.count for check in verdict.checks}
    assert counts["documents"] == len(GIVEN["document"]["rows"])
    assert counts["journal"] == len(GIVEN["entry"]["rows"])


def test_work_goes_on(shop):
    """A draft of that time is issued, what waited is done, and customers have a choice."""
    (first, *_others) = drafting.listing(shop)
    issued = issuing.issue(shop, first.id, issue_on=END)
    drainer.drain()
    assert outbox.listing(shop, state="dead") == []
    assert publishing.publication(shop, issued.id).brand == brands.get(shop)
    saved = preferences.save(
        shop, "C1", preferences.PreferenceChange(brand="default", tone="friendly")
    )
    assert saved.brand == "default"
    assert customers.contacts(shop, "C1")[0].receives is None
    assert len(documents.listing(shop)) == len(GIVEN["document"]["rows"]) + 1
    assert verifying.verify(shop).is_whole


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customer SET id = :other",
        "UPDATE document SET gross = gross + 1",
        "UPDATE document_line SET net = net + 1",
        "UPDATE posting SET amount = amount + 1",
        "UPDATE audit SET action = 'x'",
        "UPDATE tenant SET slug = 'other'",
        "UPDATE tenant SET currency = 'EUR'",
        "DELETE FROM customer",
        "DELETE FROM document",
    ],
)
def test_the_guards_still_stand(config, change):
    migrating.upgrade_all(config, [])
    with pytest.raises(DBAPIError) as refused, _as_runtime(config) as run:
        run(change)
    table = change.split()[2 if change.startswith("DELETE") else 1]
    assert guard_of(refused.value) in (
        "append_only",
        "tenant_fixed",
        f"grant: permission denied for table {table}",
    )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customer SET name = 'x', reference = reference || 'x'",
        "UPDATE customer SET legal_id = '1', electronic_address = '2', phone = '3'",
        "UPDATE tenant SET legal_id = '1', channels = '[\"a.b\"]', extra = 'x'",
        "UPDATE contact SET receives = 'cc'",
    ],
)
def test_what_may_change_can(config, change):
    migrating.upgrade_all(config, [])
    with _as_runtime(config) as run:
        assert run(change) >= 1


@contextlib.contextmanager
def _as_runtime(config: Config) -> Iterator[Callable[[str], int]]:
    (tenant_id,) = (row[0]["hex"] for row in GIVEN["tenant"]["rows"])
    other = UUID(int=1)
    engine = create_engine(config.database_url)
    set_up_connections(engine)
    try:
        with engine.begin() as connection:
            if not config.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL app.tenant = '{UUID(tenant_id)}'")
            given = other.bytes if config.is_sqlite else other
            yield (
                lambda sql: (
                    connection.execute(
                        text(sql), {"other": given} if ":other" in sql else {}
                    ).rowcount
                )
            )
    finally:
        engine.dispose()
