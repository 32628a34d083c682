"""Tiny jobs asked for and drained one by one, against bare inserts and deletes of their rows.

Ours: events fanned out to jobs by set, then each job claimed, read and done in
transactions of its own, in one process. Its floor, in the same run: psycopg inserts
as many rows into copies of outbox and due_work, then for each of them deletes the
one and marks the other done in one transaction. Beside it: how long a claim takes
while 1,000 and 100,000 jobs of one tenant and one of another are due, on both databases.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import _stage
import psycopg
from flask import Flask
from sqlalchemy import func, insert, literal, select

from billhook.clock import SystemClock
from billhook.columns import Id, Instant
from billhook.db import db, tenant_scope, transaction
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.jobs.handlers import HANDLERS, handles
from billhook.jobs.turns import Turns
from billhook.models.work import DueWork
from billhook.sdk.context import Context
from billhook.services import contexts, outbox, tenants
from billhook.services.outbox import NewJob
from billhook.testing.databases import DatabaseUrls, SQLiteDatabases
from billhook.testing.plugin import migrate

CHUNK = 500
QUEUES = (1_000, 100_000)
"""How much work of one tenant is due while claims are timed."""

CLAIMS = 200


def floor(urls: DatabaseUrls, count: int) -> float:
    """Return jobs a second that are bare rows."""
    with psycopg.connect(urls.owner.replace("+psycopg", "")) as connection:
        for name, key in (("outbox", "tenant_id, id"), ("due_work", "tenant_id, batch_id")):
            connection.execute(f"DROP TABLE IF EXISTS floor_{name}")
            connection.execute(f"CREATE TABLE floor_{name} (LIKE {name}, PRIMARY KEY ({key}))")
        connection.commit()
        tenant_id, now = new_id(), SystemClock().now()
        began = time.perf_counter()
        ids = [_floor_chunk(connection, tenant_id, now) for _start in range(0, count, CHUNK)]
        for job_id in (each for chunk in ids for each in chunk):
            key = (tenant_id, job_id)
            connection.execute(
                "DELETE FROM floor_due_work WHERE tenant_id = %s AND batch_id = %s", key
            )
            connection.execute(
                "UPDATE floor_outbox SET state = 'done' WHERE tenant_id = %s AND id = %s", key
            )
            connection.commit()
        return len(ids) * CHUNK / (time.perf_counter() - began)


def _floor_chunk(connection: psycopg.Connection, tenant_id: UUID, now: datetime) -> list[UUID]:
    ids = [new_id() for _ in range(CHUNK)]
    payload = json.dumps({"of": "it"})
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO floor_outbox (tenant_id, id, batch_id, kind, name, plugin, payload,"
            " state, attempts, last_error, created_at)"
            " VALUES (%s, %s, %s, 'job', 'bench.note', '', %s, 'waiting', 0, '', %s)",
            [(tenant_id, job_id, job_id, payload, now) for job_id in ids],
        )
        cursor.executemany(
            "INSERT INTO floor_due_work (tenant_id, batch_id, due_at, fence)"
            " VALUES (%s, %s, %s, 0)",
            [(tenant_id, job_id, now) for job_id in ids],
        )
    connection.commit()
    return ids


def ours(ctx: Context, count: int) -> float:
    """Return jobs a second, asked for in sets and drained in this process."""
    began = time.perf_counter()
    with ctx.acting():
        for start in range(0, count, CHUNK):
            with ctx.transaction():
                outbox.enqueue_all(ctx, [_job() for _ in range(start, start + CHUNK)])
    drained = drain()
    if drained.failed or drained.count < count:
        sys.exit(f"{drained.count} of {count} were done, {drained.failed} failed.")
    return count / (time.perf_counter() - began)


def _job() -> NewJob:
    return NewJob(name="bench.note", payload={"of": "it"}, key=str(new_id()))


def claim_ms(crowd: Context, lonely: Context, queue: int) -> float:
    """Return the median of claims while a queue of that length is due, in ms."""
    due_at = SystemClock().now() - timedelta(hours=1)
    _fill(crowd, queue, due_at)
    _fill(lonely, 1, due_at + timedelta(minutes=59))
    turns, found, times = Turns(), [], []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        lease = turns.claim()
        times.append((time.perf_counter() - began) * 1000)
        found.append(lease.tenant_id if lease else None)
    if lonely.tenant.id not in found[:3]:
        sys.exit("A long queue kept another tenant waiting.")
    return round(statistics.median(times), 2)


def _fill(ctx: Context, count: int, due_at: datetime) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    batch_id = func.randomblob(16) if is_sqlite else func.gen_random_uuid()
    first = select(literal(1).label("number")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.number + 1).where(first.c.number < count))
    rows = select(literal(ctx.tenant.id, Id), batch_id, literal(due_at, Instant), literal(0))
    columns = ["tenant_id", "batch_id", "due_at", "fence"]
    with tenant_scope(None), transaction() as session:
        session.execute(insert(DueWork).from_select(columns, rows.select_from(numbers)))


def open_tenant(slug: str) -> Context:
    tenants.create(tenants.NewTenant(slug=slug, name=slug, country="DE", currency="EUR"))
    return contexts.operator_context(slug)


@contextmanager
def sqlite() -> Iterator[Flask]:
    """Lend an application on a fresh SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        databases = SQLiteDatabases(Path(folder), migrate)
        with databases.migrated("bench") as urls, _stage.application(urls) as app:
            yield app


def measure(*, is_quick: bool) -> dict[str, object]:
    count = CHUNK if is_quick else 5_000
    handles("bench.note")(lambda ctx, payload: None)
    server = os.environ["BILLHOOK_TEST_DATABASE_URL"]
    with _stage.database(server) as urls, _stage.application(urls):
        ctx, lonely = open_tenant("bench"), open_tenant("lonely")
        ours(ctx, CHUNK)  # plans and caches warm, as in a running installation
        floor(urls, CHUNK)
        floors, rates = [floor(urls, count)], []
        for _round in range(1 if is_quick else 3):
            rates.append(ours(ctx, count))
            floors.append(floor(urls, count))
        on_postgresql = [claim_ms(ctx, lonely, queue) for queue in QUEUES]
        db.session.remove()
    with sqlite():
        ctx, lonely = open_tenant("bench"), open_tenant("lonely")
        ours(ctx, CHUNK)
        on_sqlite = ours(ctx, count)
        in_sqlite = [claim_ms(ctx, lonely, queue) for queue in QUEUES]
        db.session.remove()
    del HANDLERS["bench.note"]
    rate, bare = statistics.median(rates), statistics.median(floors)
    return {
        "ratio": round(rate / bare, 3),
        "rate": round(rate),
        "floor_rate": round(bare),
        "rate_sqlite": round(on_sqlite),
        **{f"claim_of_{n}_ms": ms for n, ms in zip(QUEUES, on_postgresql, strict=True)},
        **{f"claim_of_{n}_sqlite_ms": ms for n, ms in zip(QUEUES, in_sqlite, strict=True)},
    }


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    _stage.show(measure(is_quick=options.quick), as_json=options.json)
