"""Column types that come back exact on both databases.

PostgreSQL uses its own types; SQLite tables are STRICT, so that everything is
INTEGER, TEXT or BLOB there: ids 16 bytes, instants and dates ISO text in UTC,
exact numbers canonical decimal text, booleans 0 or 1, JSON text.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    types,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from billhook.money import plain

Amount = BigInteger().with_variant(Integer(), "sqlite")
"""Whole minor units, 64 bit."""
Count = Integer()
Small = SmallInteger().with_variant(Integer(), "sqlite")
Bytes = LargeBinary()
Prose = Text()


class _ByDialect(types.TypeDecorator[Any]):
    """One Python value; the impl of PostgreSQL or of SQLite."""

    cache_ok = True
    impl = Text
    on_postgresql: Any = Text()
    on_sqlite: Any = Text()
    is_native = True
    """Whether PostgreSQL's driver returns the very value."""

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        chosen = self.on_sqlite if dialect.name == "sqlite" else self.on_postgresql
        return dialect.type_descriptor(chosen)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Spare PostgreSQL, which returns the right values, a call for each of them."""
        if dialect.name == "postgresql" and self.is_native:
            return self.load_dialect_impl(dialect).result_processor(dialect, coltype)
        return super().result_processor(dialect, coltype)


class Id(_ByDialect):
    """A UUID."""

    cache_ok = True
    on_postgresql = postgresql.UUID(as_uuid=True)
    on_sqlite = LargeBinary(16)

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return UUID(bytes=value)


class Instant(_ByDialect):
    """A moment in UTC, to the microsecond."""

    cache_ok = True
    on_postgresql = postgresql.TIMESTAMP(timezone=True)
    is_native = False  # it comes in the session's time zone

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


def instant_text(value: datetime) -> str:
    """Write an instant so that texts sort as the instants do."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Day(_ByDialect):
    """A calendar date."""

    cache_ok = True
    on_postgresql = Date()

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        return date.fromisoformat(value)


class Exact(_ByDialect):
    """An exact decimal: a unit price, quantity or rate. Never summed by SQLite."""

    cache_ok = True
    on_postgresql = Numeric(asdecimal=True)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return plain(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return value if value is None or dialect.name != "sqlite" else Decimal(value)


class Flag(_ByDialect):
    """True or false."""

    cache_ok = True
    on_postgresql = Boolean()
    on_sqlite = Integer()

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Json(_ByDialect):
    """A JSON value. Numbers in it are whole; decimals travel as strings."""

    cache_ok = True
    on_postgresql = postgresql.JSONB(none_as_null=True)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return orjson.loads(value)


class Words(_ByDialect):
    """A text of at most `length` characters; SQLite checks it by constraint."""

    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        chosen: Any = Text() if dialect.name == "sqlite" else String(self.length)
        return dialect.type_descriptor(chosen)
