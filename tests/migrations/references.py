"""References that PostgreSQL checks by statement triggers, read back from its catalogue."""

from dataclasses import dataclass

from sqlalchemy import Engine

_TRIGGERS = """
    SELECT tgrelid::regclass::text, tgargs FROM pg_trigger WHERE tgname = 'refers' ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class SetReference:
    """One reference of a table's rows."""

    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    key: tuple[str, ...]


def set_references(engine: Engine) -> list[SetReference]:
    """Return them all; SQLite has foreign keys in their place."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        triggers = connection.exec_driver_sql(_TRIGGERS).all()
    return [
        SetReference(table, name, tuple(columns.split(",")), target, tuple(key.split(",")))
        for table, arguments in triggers
        for name, columns, target, key in _fours(bytes(arguments).decode().split("\0")[:-1])
    ]


def _fours(values: list[str]) -> list[list[str]]:
    return [values[place : place + 4] for place in range(0, len(values), 4)]
