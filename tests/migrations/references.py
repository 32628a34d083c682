"""References that PostgreSQL checks by statement triggers, read back from its catalogue."""

from dataclasses import dataclass

from sqlalchemy import Engine

_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname = 'holds', tgargs FROM pg_trigger
    WHERE tgname IN ('refers', 'holds') ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class SetReference:
    """One reference of a table's rows."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    key: tuple[str, ...]
    holds: bool
    """Whether the rows that are referred to are locked, because they could go."""


def set_references(engine: Engine) -> list[SetReference]:
    """Return them all; SQLite has foreign keys in their place."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        triggers = connection.exec_driver_sql(_TRIGGERS).all()
    return [
        SetReference(table, name, tuple(columns.split(",")), target, tuple(key.split(",")), holds)
        for table, holds, arguments in triggers
        for name, columns, target, key in _fours(bytes(arguments).decode().split("\0")[:-1])
    ]


def _fours(values: list[str]) -> list[list[str]]:
    return [values[place : place + 4] for place in range(0, len(values), 4)]
