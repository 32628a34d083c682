"""Write a set of rows to SQLite."""

from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import dialect

from billhook.db import Base
from billhook.kernel.rows import RowSet

_dialect = dialect()


def write(connection: Connection, rows: RowSet) -> None:
    """Insert the rows by one prepared statement, in the transaction that holds the write lock."""
    converters = _converters(rows.table, rows.columns)
    columns = [
        column if convert is None else list(map(convert, column))
        for convert, column in zip(converters, zip(*rows.rows, strict=True), strict=True)
    ]
    connection.exec_driver_sql(_statement(rows), list(zip(*columns, strict=True)))


def _statement(rows: RowSet) -> str:
    names = ", ".join(rows.columns)
    places = ", ".join("?" * len(rows.columns))
    statement = f"INSERT INTO {rows.table} ({names}) VALUES ({places})"  # noqa: S608
    if rows.may_exist:
        statement += f" ON CONFLICT ({', '.join(rows.columns[:2])}) DO NOTHING"
    return statement


@cache
def _converters(table: str, columns: tuple[str, ...]) -> list[Any]:
    """Return what brings each column's values into SQLite's form; None where nothing does."""
    mapped = Base.metadata.tables[table].columns
    return [mapped[name].type.dialect_impl(_dialect).bind_processor(_dialect) for name in columns]
