"""What SQLite plans by: a tenant has many rows, and few are left with each further column."""

import pytest
from sqlalchemy import create_engine, text

from billhook.db import set_up_connections
from billhook.plugins import migrating


@pytest.fixture
def connection(config):
    if not config.is_sqlite:
        pytest.skip("PostgreSQL counts its rows itself")
    engine = create_engine(config.database_url)
    set_up_connections(engine)
    with engine.connect() as found:
        yield found
    engine.dispose()


def supposed(connection) -> dict[str, list[int]]:
    rows = connection.execute(text("SELECT idx, stat FROM sqlite_stat1"))
    return {index: [int(count) for count in stat.split()] for index, stat in rows}


def test_every_index_is_told_what_a_full_table_has(connection):
    found = supposed(connection)
    indexes = connection.execute(text("SELECT name FROM sqlite_schema WHERE type = 'index'"))
    assert found.keys() == set(indexes.scalars())
    assert found["ix_document_issued"] == [1_000_000, 100_000, 10, 9]
    assert found["ix_document_credits"] == [1_000_000, 10_000, 10]  # of few rows alone
    assert found["sqlite_autoindex_document_1"] == [1_000_000, 100_000, 1]
    assert found["sqlite_autoindex_tenant_1"] == [1_000_000, 1]


def test_an_upgrade_tells_it_again(connection, config):
    before = supposed(connection)
    connection.execute(text("DELETE FROM sqlite_stat1"))
    connection.commit()
    assert migrating.upgrade_all(config) == []
    assert supposed(connection) == before
