"""No page of a client reads all rows that the company has of something; SQLite says how it would read."""

import re
import sqlite3

import pytest
from sqlalchemy import event

from billhook.db import db
from billhook.scoping import followers

from .conftest import EVE

_WHOLE = re.compile(r"(?:SCAN (\w+)|SEARCH (\w+) USING .*\(tenant_id=\?\))(?: LEFT-JOIN)?$")
"""A table read from end to end, or all of a tenant's."""


@pytest.fixture
def plans(backend):
    """Keep how each select would be read, in place of which index PostgreSQL took for a few rows."""
    if backend != "sqlite":
        pytest.skip("PostgreSQL plans by what tables hold, and these hold a few rows")
    found: list[tuple[str, str]] = []

    def ask(connection, _cursor, statement, parameters, _context, _many):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            raw: sqlite3.Connection = connection.connection.dbapi_connection
            lines = raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found.extend((line[3], statement) for line in lines)

    event.listen(db.engine, "before_cursor_execute", ask)
    yield found
    event.remove(db.engine, "before_cursor_execute", ask)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/documents/",
        "/documents/?state=open",
        "/documents/?number=INV",
        "/documents/{note}",
        "/documents/{invoice}",
        "/statement",
        "/questions",
        "/notices",
        "/people",
        "/archives/",
    ],
)
def test_a_page_reads_by_the_clients_own_keys(office, plans, path):
    eve = office.at_portal(EVE)
    plans.clear()
    kept = office.kept
    found = eve.get(path.format(note=kept.note, invoice=kept.invoices["ann"]))
    assert found.status_code == 200
    assert plans
    whole = [
        (line, statement)
        for line, statement in plans
        if (read := _WHOLE.match(line)) and (read[1] or read[2]) in followers()
    ]
    assert whole == []
