"""Plans that keep up with tables that fill."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

ROWS = 1_000_000
"""Of a table, as SQLite supposes by itself."""
OF_TENANT = 100_000
"""Rows that one tenant has of them."""
MARKED = 10_000
"""Rows of a tenant in a partial index."""
_NARROWED = (10, 9, 8, 7, 6)
"""Rows that are left with each further column, as SQLite supposes by itself; then five."""


def refresh_statistics(session: Session) -> None:
    """Have tables analysed that have outgrown their statistics; cheap where none has.

    PostgreSQL plans a look-up once and keeps the plan: made on an empty table it
    reads the whole of a full one. What SQLite supposes is written once and stays;
    see `suppose_full_tables`.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT refresh_statistics()"))


def suppose_full_tables(connection: Connection) -> None:
    """Tell SQLite that a tenant has many rows of each table; it plans by what stands here.

    By itself it supposes ten rows for the first column of any index. That column is the tenant:
    a search for a client's documents, sorted by date, would read all of the tenant's.
    """
    if connection.dialect.name != "sqlite":
        return
    rows = list(_supposed(connection))
    connection.exec_driver_sql("ANALYZE alembic_version")  # makes the table
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)


def _supposed(connection: Connection) -> Iterator[tuple[str, str, str]]:
    indexes = connection.exec_driver_sql(
        'SELECT t.name, i.name, i."unique", i.partial FROM sqlite_schema t'
        " JOIN pragma_index_list(t.name) i WHERE t.type = 'table' ORDER BY 1, 2"
    ).all()
    for table, index, is_unique, is_partial in indexes:
        columns = connection.exec_driver_sql(
            "SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,)
        ).scalars()
        left = _left(list(columns), is_unique=is_unique, is_partial=is_partial)
        yield table, index, " ".join(str(count) for count in (ROWS, *left))


def _left(columns: Sequence[str | None], *, is_unique: bool, is_partial: bool) -> list[int]:
    """Return how many rows are left with each column of an index."""
    first = ([MARKED] if is_partial else [OF_TENANT]) if columns[0] == "tenant_id" else []
    further = [*_NARROWED, *(5 for _column in columns)]
    left = [*first, *further][: len(columns)]
    if is_unique:
        left[-1] = 1
    return left
