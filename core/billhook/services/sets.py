"""Statements on sets: inserts where another may have been first, look-ups of many ids."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from billhook.db import Base, db


def insert_missing(row: type[Base], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are free; leave the others as they stand.

    Waits for a transaction that is just inserting the same key.
    """
    if not values:
        return
    dialect = sqlite if _is_sqlite() else postgresql
    db.session.execute(dialect.insert(row).on_conflict_do_nothing(), list(values))


def one_of(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    ids: Collection[UUID],
) -> ColumnElement[bool]:
    """Compare a column with many ids: one array on PostgreSQL, a list on SQLite."""
    if _is_sqlite():
        return column.in_(ids)
    array = postgresql.ARRAY(postgresql.UUID(as_uuid=True))
    return column == any_(literal(list(ids), array))


def _is_sqlite() -> bool:
    return bool(db.session.get_bind().dialect.name == "sqlite")
