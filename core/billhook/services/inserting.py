"""Inserts of sets, where another may have been first."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from billhook.db import Base, db


def insert_missing(row: type[Base], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are free; leave the others as they stand.

    Waits for a transaction that is just inserting the same key.
    """
    if not values:
        return
    session = db.session
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(row).on_conflict_do_nothing(), list(values))
    else:
        session.execute(postgresql.insert(row).on_conflict_do_nothing(), list(values))
