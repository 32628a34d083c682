"""The migrated database holds what the models speak of, no more and no less."""

from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, create_engine, inspect
from tests.migrations.references import set_references

from billhook import models
from billhook.db import Base, TenantRow, set_up_connections
from billhook.plugins.discovery import discover
from billhook.testing.databases import DatabaseUrls

assert models  # importing them maps the tables


@pytest.fixture
def migrated(database_urls):
    yield from _engine(database_urls)


@pytest.fixture
def of_the_models(empty_database_urls):
    """A database as the models alone would make it."""
    for engine in _engine(empty_database_urls):
        discover()  # maps the plugins' tables
        Base.metadata.create_all(engine)
        yield engine


def _engine(urls: DatabaseUrls):
    engine = create_engine(urls.owner)
    set_up_connections(engine)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> dict[str, dict[str, Any]]:
    found = inspect(engine)
    described_tables = {
        name: described(found, name)
        for name in found.get_table_names()
        if not name.startswith("alembic_version")
    }
    for reference in set_references(engine):
        references = described_tables[reference.table]["references"]
        references.append((reference.columns, reference.target, reference.key, ()))
        references.sort()
    return described_tables


def described(found: Inspector, table: str) -> dict[str, Any]:
    return {
        "columns": sorted(  # a column that came later stands last
            (column["name"], str(column["type"]), column["nullable"])
            for column in found.get_columns(table)
        ),
        "key": tuple(found.get_pk_constraint(table)["constrained_columns"]),
        "uniques": sorted(
            tuple(unique["column_names"]) for unique in found.get_unique_constraints(table)
        ),
        "indexes": sorted(
            (index["name"], tuple(index["column_names"]), bool(index["unique"]), _where(index))
            for index in found.get_indexes(table)
            if not index.get("duplicates_constraint")
        ),
        "references": sorted(
            (
                tuple(reference["constrained_columns"]),
                reference["referred_table"],
                tuple(reference["referred_columns"]),
                tuple(sorted(reference["options"].items())),
            )
            for reference in found.get_foreign_keys(table)
        ),
    }


def _where(index: Any) -> str:
    options = index.get("dialect_options", {})
    where = [options.get(name) for name in ("postgresql_where", "sqlite_where")]
    return " ".join(str(each) for each in where if each is not None)


def test_the_tables_are_those_of_the_models(migrated, of_the_models):
    assert tables(migrated).keys() == tables(of_the_models).keys()


def test_each_table_is_as_its_model_says(migrated, of_the_models):
    ours = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, TenantRow)
    }
    wanted = tables(of_the_models)
    for name in ours:
        # Migrations add the tenant's own reference where no other carries it.
        if not _carries_tenant(wanted[name]):
            wanted[name]["references"].append((("tenant_id",), "tenant", ("id",), ()))
            wanted[name]["references"].sort()
    found = tables(migrated)
    for name, table in wanted.items():
        assert found[name] == table, name


def _carries_tenant(table: dict[str, Any]) -> bool:
    empty = {name for name, _type, is_nullable in table["columns"] if is_nullable}
    return any(
        "tenant_id" in columns and not empty.intersection(columns)
        for columns, *_rest in table["references"]
    )
