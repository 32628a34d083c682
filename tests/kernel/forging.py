"""Rows written by hand, past every service: what an attacker with a connection can send."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from billhook.columns import instant_text
from billhook.db import set_up_connections
from billhook.domain.documents import Document
from billhook.domain.sealing import document_hash, entry_hash
from billhook.kernel import postgresql, refusal, sqlite
from billhook.kernel.chains import journal, number
from billhook.kernel.rows import RowSet, freeze, row_sets
from billhook.testing.factories import Books

Rows = list[dict[str, Any]]
Change = Callable[[Rows], Rows]

WRITERS = {"postgresql": postgresql.write, "sqlite": sqlite.write}


@contextmanager
def connected(url: str, tenant_id: UUID) -> Iterator[Connection]:
    """Connect as the URL's role, without any guard of ours, inside the tenant; roll back at the end."""
    engine = create_engine(url)
    set_up_connections(engine)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET app.tenant = '{tenant_id}'")
                connection.commit()
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


@dataclass(frozen=True)
class Forger:
    """Sends statements of its own, as one role, in one tenant."""

    connection: Connection
    books: Books

    def run(self, statement: str, **values: Any) -> Any:
        """Run SQL that both databases understand; `:tenant` is the tenant."""
        given = {"tenant": self.books.tenant_id, **values}
        used = {name: self._plain(given[name]) for name in given if f":{name}" in statement}
        return self.connection.execute(text(statement), used)

    def _plain(self, value: Any) -> Any:
        if self.connection.dialect.name != "sqlite":
            return value
        match value:
            case UUID():
                return value.bytes
            case datetime():
                return instant_text(value)
            case date():
                return value.isoformat()
        return value

    def post(self, document: Document, changes: dict[str, Change] | None = None) -> None:
        """Write a document as the kernel does, but for the changes to its rows, by table."""
        changes = changes or {}
        frozen = freeze(self.books.posted(document))
        batch = self.books.batch(document)
        for rows in row_sets(batch, [frozen]):
            self.insert(rows, changes.get(rows.table))
        run_id = frozen.posted.series.id
        seals, _ = number(self.books.tenant_id, [frozen], {run_id: self.series_head(run_id)})
        self.insert(seals, changes.get("document_seal"))
        entries = journal(self.books.tenant_id, [frozen], self.journal_head())
        self.insert(entries, changes.get("entry_seal"))

    def insert(self, rows: RowSet, change: Change | None = None) -> None:
        """Insert the rows by the kernel's own writer."""
        named = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
        changed = change(named) if change else named
        values = [tuple(row[name] for name in rows.columns) for row in changed]
        if values:
            write = WRITERS[self.connection.dialect.name]
            write(self.connection, RowSet(rows.table, values, may_exist=rows.may_exist))

    def series_head(self, run_id: UUID) -> tuple[int, bytes]:
        return self._head("series_run", "last_number", " AND id = :run", run=run_id)

    def journal_head(self) -> tuple[int, bytes]:
        return self._head("journal_head", "last_sequence")

    def _head(self, table: str, counter: str, condition: str = "", **values: Any) -> Any:
        found = self.run(
            f"SELECT {counter}, last_hash FROM {table} WHERE tenant_id = :tenant{condition}",
            **values,
        ).one()
        return found[0], bytes(found[1])


def edit(index: int = 0, /, **values: Any) -> Change:
    """Change columns of one row; a function gets the old value."""

    def change(rows: Rows) -> Rows:
        for name, value in values.items():
            rows[index][name] = value(rows[index][name]) if callable(value) else value
        return rows

    return change


def drop(*indexes: int) -> Change:
    """Leave rows out; all of them where none is named."""
    return lambda rows: [row for place, row in enumerate(rows) if indexes and place not in indexes]


def resealed(**values: Any) -> Change:
    """Change columns of a seal and make its hash fit them again."""

    def change(rows: Rows) -> Rows:
        (seal,) = edit(**values)(rows)
        if "number" in seal:
            seal["hash"] = document_hash(
                seal["previous_hash"],
                seal["run_id"],
                seal["number"],
                seal["printed_number"],
                seal["content_hash"],
            )
        else:
            seal["hash"] = entry_hash(
                seal["previous_hash"], seal["tenant_id"], seal["sequence"], seal["content_hash"]
            )
        return [seal]

    return change


def guard_of(error: DBAPIError) -> str:
    """Name what refused: a guard, a constraint, `grant`, `wall` or `foreign key`."""
    if named := refusal(error):
        return named
    message = str(error.orig).splitlines()[0]
    if diagnosis := getattr(error.orig, "diag", None):
        if diagnosis.constraint_name:
            return str(diagnosis.constraint_name)
        return "wall" if "row-level security" in message else f"grant: {message}"
    if message.startswith("FOREIGN KEY"):
        return "foreign key"
    return message.split(": ", 1)[-1]
