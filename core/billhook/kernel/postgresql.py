"""Write a set of rows to PostgreSQL by one statement, which statement triggers see whole.

The rows travel as one binary parameter, an array of the table's own row type.
That asks for no right beyond INSERT and for no table in between, so that
row-level security holds for it as for any other statement.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from operator import is_
from struct import Struct
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import DecimalBinaryDumper
from sqlalchemy import Connection

from billhook.kernel.rows import Row, RowSet

Pack = Callable[[Any], bytes]
Attribute = tuple[str, int]
"""A column's name and the OID of its type."""

_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)  # where PostgreSQL's time begins
_MICROSECOND = timedelta(microseconds=1)
_numerics = DecimalBinaryDumper(Decimal)
_head = Struct("!Ii").pack  # OID and size stand before each value; size -1 is NULL
_int32 = Struct("!i").pack
_array = Struct("!iiIii").pack  # dimensions, has NULLs, OID, length, lower bound

_TABLE = """
    SELECT c.reltype, array_agg(a.attname::text ORDER BY a.attnum),
      array_agg(a.atttypid::bigint ORDER BY a.attnum)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = to_regclass(%(table)s) GROUP BY c.reltype
"""


def write(connection: Connection, rows: RowSet) -> None:
    """Insert the rows, which belong to one tenant."""
    row_type, attributes = _row_type(connection, rows.table)
    connection.exec_driver_sql(
        _statement(rows),
        {"rows": _packed(rows, row_type, attributes), "tenant": rows.rows[0][0]},
    )


def _statement(rows: RowSet) -> str:
    names = ", ".join(rows.columns)
    statement = (
        f"INSERT INTO {rows.table} ({names}) SELECT {names}"  # noqa: S608
        f" FROM unnest(%(rows)b::{rows.table}[]) AS new WHERE new.tenant_id = %(tenant)s"
    )
    if rows.may_exist:
        statement += f" ON CONFLICT ({', '.join(rows.columns[:2])}) DO NOTHING"
    return statement


def _row_type(connection: Connection, table: str) -> tuple[int, list[Attribute]]:
    """Return the OID of a table's row type and its columns, asked for once per connection."""
    known: dict[str, tuple[int, list[Attribute]]]
    known = connection.info.setdefault("billhook_row_types", {})
    if table not in known:
        oid, names, types = connection.exec_driver_sql(_TABLE, {"table": table}).one()
        known[table] = oid, list(zip(names, types, strict=True))
    return known[table]


class _PackedRows(bytes):
    """An array in PostgreSQL's binary form."""


class _PackedRowsDumper(Dumper):
    format = Format.BINARY
    oid = 0  # the statement's cast says which type it is

    def dump(self, obj: bytes) -> bytes:
        return bytes(obj)


psycopg.adapters.register_dumper(_PackedRows, _PackedRowsDumper)


def _packed(rows: RowSet, row_type: int, attributes: Sequence[Attribute]) -> _PackedRows:
    """Pack by column, which is the fast way in Python, and join by row."""
    values: dict[str, Row] = dict(zip(rows.columns, zip(*rows.rows, strict=True), strict=True))
    columns = [_column(_PACKERS[oid], values[name]) for name, oid in attributes]
    count = _int32(len(attributes))
    parts = [_array(1, 0, row_type, len(rows.rows), 1)]
    for record in zip(*columns, strict=True):
        body = b"".join(record)
        parts += (_int32(len(body) + 4), count, body)
    return _PackedRows(b"".join(parts))


def _column(pack: Pack, values: Row) -> Iterable[bytes]:
    """Pack a column; one that holds the same object all over is packed once."""
    first = values[0]
    if all(map(is_, values, repeat(first))):
        return repeat(pack(first), len(values))
    return map(pack, values)


def _fixed(oid: int, code: str, plain: Callable[[Any], Any] | None = None) -> Pack:
    """Return the packer of a type of one size; `plain` makes its value a struct's."""
    size = Struct("!" + code).size
    pack, null = Struct("!Ii" + code).pack, _head(oid, -1)
    if plain is None:
        return lambda value: null if value is None else pack(oid, size, value)
    return lambda value: null if value is None else pack(oid, size, plain(value))


def _sized(oid: int, raw: Callable[[Any], bytes]) -> Pack:
    """Return the packer of a type of many sizes."""
    null = _head(oid, -1)

    def pack(value: Any) -> bytes:
        if value is None:
            return null
        data = raw(value)
        return _head(oid, len(data)) + data

    return pack


def _days(value: date) -> int:
    return value.toordinal() - _MIDNIGHT.toordinal()


def _microseconds(value: datetime) -> int:
    return (value - _MIDNIGHT) // _MICROSECOND


_uuid_head, _no_uuid = _head(2950, 16), _head(2950, -1)


def _uuid(value: UUID | None) -> bytes:
    return _no_uuid if value is None else _uuid_head + value.int.to_bytes(16, "big")


def _numeric(value: Decimal) -> bytes:
    return bytes(_numerics.dump(value) or b"")


def _jsonb(value: Any) -> bytes:
    return b"\x01" + orjson.dumps(value)


# A batch repeats its texts, dates, prices and rates, so that their packed form is remembered.
_remembered = lru_cache(maxsize=4096)
_PACKERS: dict[int, Pack] = {
    16: _fixed(16, "?"),  # boolean
    17: _sized(17, bytes),  # bytea
    20: _fixed(20, "q"),  # bigint
    21: _fixed(21, "h"),  # smallint
    23: _fixed(23, "i"),  # integer
    25: _remembered(_sized(25, str.encode)),  # text
    1043: _remembered(_sized(1043, str.encode)),  # varchar
    1082: _remembered(_fixed(1082, "i", _days)),  # date
    1184: _remembered(_fixed(1184, "q", _microseconds)),  # timestamptz
    1700: _remembered(_sized(1700, _numeric)),  # numeric
    2950: _uuid,
    3802: _sized(3802, _jsonb),  # jsonb
}
