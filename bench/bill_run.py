"""Charges to issued and posted documents on PostgreSQL, against COPY of ready-made rows.

Ours: the whole bill run with plugins on, 3 charges of a customer each, one tax. Its
floor, in the same run: psycopg's binary COPY of as many ready-made rows with
time-ordered ids (document, 3 lines, tax, 4 postings, outbox; 500 documents a
transaction) into tables of the same columns that have a primary key and no guard.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import _stage
import psycopg
from flask import Flask
from psycopg.types.json import Jsonb
from sqlalchemy import insert

from billhook.db import db
from billhook.domain.charges import Charge
from billhook.ids import new_id
from billhook.models.customers import Customer
from billhook.services import billing, charging, contexts, run_parts, tenants
from billhook.testing.databases import DatabaseUrls

DAY = date(2026, 11, 30)
CHUNK = 500
FLOOR_TABLES = {
    "document": "tenant_id, id",
    "document_line": "tenant_id, document_id, line_no",
    "document_tax": "tenant_id, document_id, group_no, component_no",
    "posting": "tenant_id, entry_id, line_no",
    "outbox": "tenant_id, id",
}
"""The tables that the floor copies into, of the columns of the real ones, and their keys."""


def floor(urls: DatabaseUrls, count: int) -> float:
    """Return documents a second of bare COPY."""
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        for name, key in FLOOR_TABLES.items():
            connection.execute(f"DROP TABLE IF EXISTS floor_{name}")
            connection.execute(f"CREATE TABLE floor_{name} (LIKE {name}, PRIMARY KEY ({key}))")
        connection.commit()
        types = {name: _types(connection, f"floor_{name}") for name in FLOOR_TABLES}
        sample = _sample(connection)
        chunks = [_renewed(sample) for _start in range(0, count, CHUNK)]
        connection.rollback()
        began = time.perf_counter()
        for rows in chunks:
            for name, records in rows.items():
                copying = f"COPY floor_{name} FROM STDIN (FORMAT BINARY)"
                with connection.cursor().copy(copying) as copy:
                    copy.set_types(types[name])
                    for record in records:
                        copy.write_row(record)
            connection.commit()
        return len(chunks) * CHUNK / (time.perf_counter() - began)


def _types(connection: psycopg.Connection, table: str) -> list[int]:
    found = connection.execute(
        "SELECT atttypid FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " ORDER BY attnum",
        [table],
    )
    return [row[0] for row in found]


def _sample(connection: psycopg.Connection) -> dict[str, list[tuple]]:
    """Read the rows of 500 documents that a run has written."""
    (tenant,) = connection.execute("SELECT id FROM tenant").fetchone() or (None,)
    connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
    connection.execute(
        f"CREATE TEMP TABLE sampled ON COMMIT DROP AS SELECT id, entry_id FROM document LIMIT {CHUNK}"
    )
    chosen = {
        "document": "id IN (SELECT id FROM sampled)",
        "document_line": "document_id IN (SELECT id FROM sampled)",
        "document_tax": "document_id IN (SELECT id FROM sampled)",
        "posting": "entry_id IN (SELECT entry_id FROM sampled)",
        "outbox": "payload ->> 'document_id' IN (SELECT id::text FROM sampled)",
    }
    return {
        name: connection.cursor(binary=True)
        .execute(f"SELECT * FROM {name} WHERE {chosen[name]}")
        .fetchall()
        for name in FLOOR_TABLES
    }


def _renewed(sample: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """Return the rows under new time-ordered ids."""
    known: dict[UUID, UUID] = {}

    def renew(value: object, place: int) -> object:
        if isinstance(value, dict):
            return Jsonb(value)
        if isinstance(value, UUID) and place == 1:
            return known.setdefault(value, new_id())
        return value

    return {
        name: [tuple(renew(value, place) for place, value in enumerate(row)) for row in rows]
        for name, rows in sample.items()
    }


def open_tenant(slug: str) -> None:
    tenants.create(
        tenants.NewTenant(slug=slug, name=slug, country="DE", currency="EUR", vat_id="DE136695976")
    )


def fill(slug: str, count: int) -> None:
    """Give a tenant so many customers with three charges each."""
    ctx = contexts.operator_context(slug)
    with ctx.acting():
        for start in range(0, count, CHUNK):
            _fill_chunk(ctx, range(start, min(start + CHUNK, count)))


def _fill_chunk(ctx, numbers: range) -> None:
    ids = {number: new_id() for number in numbers}
    with ctx.transaction() as session:
        session.execute(insert(Customer), [customer(ctx, n, ids[n]) for n in numbers])
        charge(ctx, list(ids.values()))


def charge(ctx, customer_ids: list[UUID], payer_id: UUID | None = None) -> None:
    """Let three charges wait of each customer, which another pays if given."""
    charging.add(
        ctx,
        [
            Charge(
                id=new_id(),
                source="bench",
                reference=new_id().hex,
                customer_id=customer_id,
                payer_id=payer_id or customer_id,
                currency="EUR",
                charged_on=DAY,
                description="Seat, monthly",
                quantity=Decimal(no + 1),
                unit_price=Decimal("9.99"),
                revenue_account="4400" if no else "",
            )
            for customer_id in customer_ids
            for no in range(3)
        ],
    )


def customer(ctx, number: int, customer_id) -> dict:
    return {
        "tenant_id": ctx.tenant.id, "id": customer_id, "reference": customer_id.hex,
        "name": f"Customer {number} GmbH", "country": "DE", "city": "Berlin",
        "currency": "EUR", "language": "de", "time_zone": "Europe/Berlin",
        "tax_number": "", "created_at": ctx.now(),
    }  # fmt: skip


def ours(app: Flask, slug: str, count: int, processes: int) -> float:
    """Return documents a second of a bill run by so many processes on one tenant."""
    ctx = contexts.operator_context(slug)
    with ctx.acting():
        with ctx.transaction():
            begun = run_parts.begin(ctx, until=DAY, issue_on=DAY, mode=billing.RunMode.ISSUE)
        db.session.rollback()
    children = [_forked(app, lambda: _resume(slug, begun.id)) for _ in range(processes - 1)]
    began = time.perf_counter()
    for start in children:
        os.write(start[1], b"g")
    summary = _resume(slug, begun.id)
    for pid, _pipe in children:
        if os.waitpid(pid, 0)[1]:
            sys.exit("A worker of the benchmark failed.")
    took = time.perf_counter() - began
    billed = summary.result.currencies["EUR"].documents
    if billed != count or summary.result.parked:
        sys.exit(f"The run billed {billed} of {count}.")
    return count / took


def _resume(slug: str, run_id) -> billing.RunSummary:
    ctx = contexts.operator_context(slug)
    with ctx.acting():
        return billing.resume(ctx, run_id)


def _forked(app: Flask, work: Callable[[], object]) -> tuple[int, int]:
    """Start a process that waits for a byte, then works on connections of its own."""
    reading, writing = os.pipe()
    db.session.remove()
    db.engine.dispose()
    pid = os.fork()
    if pid:
        os.close(reading)
        return pid, writing
    db.engine.dispose(close=False)
    os.read(reading, 1)
    work()
    db.session.remove()
    os._exit(0)


def measure(*, is_quick: bool) -> dict[str, object]:
    count = 5_000 if is_quick else 20_000
    server = os.environ["BILLHOOK_TEST_DATABASE_URL"]
    with _stage.database(server) as urls, _stage.application(urls) as app:
        open_tenant("bench")
        fill("bench", CHUNK)
        ours(app, "bench", CHUNK, 1)  # plans and caches warm, as in a running installation
        floor(urls, CHUNK)
        floors = [floor(urls, count)]
        rates: dict[int, list[float]] = {1: [], 2: []}
        for _round in range(1 if is_quick else 3):
            for processes, found in rates.items():
                fill("bench", count)
                found.append(ours(app, "bench", count, processes))
            floors.append(floor(urls, count))
        figures = _figures(floors, rates)
        if not is_quick:
            figures |= memory_growth(app)
    return figures


def _figures(floors: list[float], rates: dict[int, list[float]]) -> dict[str, object]:
    middle = sorted(floors)[len(floors) // 2]
    one, two = (sorted(found)[len(found) // 2] for found in rates.values())
    return {
        "ratio": round(one / middle, 3),
        "rate": round(one),
        "floor_rate": round(middle),
        "ratio_two_processes": round(two / middle, 3),
        "rate_two_processes": round(two),
    }


def memory_growth(app: Flask) -> dict[str, object]:
    """Bill 10,000 and then 90,000 more in this process; return its peaks in MB."""
    fill("bench", 10_000)
    ours(app, "bench", 10_000, 1)
    before = _stage.memory_mb()
    fill("bench", 90_000)
    ours(app, "bench", 90_000, 1)
    return {"memory_10000_mb": before, "memory_100000_mb": _stage.memory_mb()}


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    _stage.show(measure(is_quick=options.quick), as_json=options.json)
