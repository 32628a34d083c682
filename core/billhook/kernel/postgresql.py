"""Write a set of rows to PostgreSQL in one statement: fast, and seen whole by statement triggers.

The rows travel as one binary parameter, an array of the table's own row type.
It needs no staging table and no right beyond INSERT, so that row-level security
holds for it as for any statement.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from struct import Struct
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.numeric import DecimalBinaryDumper
from sqlalchemy import Connection

from billhook.kernel.rows import RowSet

_int32 = Struct("!i").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_decimals = DecimalBinaryDumper(Decimal)


class PackedRows(bytes):
    """An array in PostgreSQL's binary form."""


class _PackedRowsDumper(Dumper):
    format = Format.BINARY
    oid = 0  # the statement says which type it is

    def dump(self, obj: Any) -> bytes:
        return bytes(obj)


psycopg.adapters.register_dumper(PackedRows, _PackedRowsDumper)


def _sized(pack: Callable[[Any], bytes], oid: int) -> Callable[[Any], bytes]:
    def packed(value: Any) -> bytes:
        if value is None:
            return null
        raw = pack(value)
        return head(oid, len(raw)) + raw

    head = Struct("!Ii").pack
    null = head(oid, -1)
    return packed

def _fixed(code, oid, size, to=None):
    pack = Struct("!Ii" + code).pack
    null = Struct("!Ii").pack(oid, -1)
    if to is None:
        return lambda value: null if value is None else pack(oid, size, value)
    return lambda value: null if value is None else pack(oid, size, to(value))

_PACKERS: dict[str, Callable[[Any], bytes]] = {
    16: _fixed("?", 16, 1),
    17: _sized(bytes, 17),
    20: _fixed("q",20,8),
    21: _fixed("h",21,2),
    23: _fixed("i",23,4),
    25: _sized(str.encode, 25),
    1043: lru_cache(4096)(_sized(str.encode, 1043)),
    1082: lru_cache(512)(_fixed("i",1082,4,lambda v: v.toordinal() - 730120)),
    1184: lru_cache(512)(_fixed("q",1184,8,lambda v: (v - _EPOCH) // _MICROSECOND)),
    1700: lru_cache(4096)(_sized(lambda v: bytes(_decimals.dump(v)), 1700)),
    2950: _fixed("16s",2950,16,lambda v: v.bytes),
    3802: _sized(lambda v: b"\x01" + orjson.dumps(v), 3802),
}

def write(connection: Connection, rows: RowSet) -> None:
    row_type, attributes = _row_type(connection, rows.table)
    place = {name: i for i, name in enumerate(rows.columns)}
    columns = list(zip(*rows.rows))
    packed = [list(map(_PACKERS[oid], columns[place[name]])) for name, oid in attributes]
    n = _int32(len(attributes))
    parts=[]
    for record in zip(*packed):
        body = b"".join(record)
        parts.append(_int32(len(body) + 4) + n + body)
    head = Struct("!iiIii").pack(1, 0, row_type, len(rows.rows), 1)
    connection.exec_driver_sql(statement(rows, attributes), {"rows": PackedRows(head + b"".join(parts)), "tenant": rows.rows[0][0]})

def statement(rows, attributes):
    names = ", ".join(rows.columns)
    s = f"INSERT INTO {rows.table} ({names}) SELECT {names} FROM unnest(%(rows)b::{rows.table}[]) AS new WHERE new.tenant_id = %(tenant)s"
    if rows.may_exist:
        s += f" ON CONFLICT ({', '.join(rows.columns[:2])}) DO NOTHING"
    return s

def _row_type(connection, table):
    known = connection.info.setdefault("billhook_row_types", {})
    if table not in known:
        found = connection.exec_driver_sql(
            "SELECT t.typrelid::regclass::text, t.oid, a.attname, a.atttypid FROM pg_class c JOIN pg_type t ON t.oid = c.reltype"
            " JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.oid = to_regclass(%(t)s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum", {"t": table}).all()
        known[table] = (found[0][1], [(r[2], r[3]) for r in found])
    return known[table]
