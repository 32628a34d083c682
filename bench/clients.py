"""A thousand clients at the portal at once: how long their pages take, beside a bare page.

Each is a browser with a connection and a session of its own, that of one customer with
three invoices. It opens the overview, the list, an invoice, the statement or a PDF, then
its client reads for forty seconds on average before the next. The server is two processes of
`billhook serve` with eight threads each on PostgreSQL, as docs/howto/run-in-production.md
sets them up, without the proxy; clients, servers and database share the machine. The
floor, in the same run: the same clients and the same pace at two processes of a bare
Flask page of the same size. Times are from the request to the last byte.
"""

import asyncio
import multiprocessing
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import _stage
import bill_run
import waitress
from flask import Flask
from sqlalchemy import create_engine, insert, select

from billhook.app import create_app
from billhook.cli.serve import MOST_CONNECTIONS
from billhook.clock import SystemClock
from billhook.config import Config
from billhook.db import db
from billhook.ids import new_id
from billhook.models.clients import ClientSession
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentRow
from billhook.sdk.context import Context
from billhook.services import artefacts, billing, tokens
from billhook.services.portal import sessions
from billhook.testing.plugin import make_config
from billhook.testing.shops import acting

SERVER = os.environ.get("BILLHOOK_TEST_DATABASE_URL", "")
CLIENTS = 1_000
DOCUMENTS_EACH = 3
PROCESSES = 2
READS_FOR = 40.0  # seconds, on average
PRINTED = 60  # of the invoices have a PDF that is downloaded
SLUG = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A client, with what its browser shows and asks for."""

    token: str
    document: UUID
    has_print: bool


@dataclass(slots=True)
class Times:
    """Milliseconds by page, and what went wrong."""

    by_page: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    since: float = 0.0
    """When measuring began: before, clients come one after the other, and servers warm up."""

    def all_of(self, *pages: str) -> list[float]:
        return [one for page in pages for one in self.by_page.get(page, [])]


PAGES = ("overview", "documents", "document", "statement")


def address(page: str, visitor: Visitor) -> str:
    root = f"/portal/{SLUG}"
    return {
        "overview": f"{root}/",
        "documents": f"{root}/documents/",
        "document": f"{root}/documents/{visitor.document}",
        "statement": f"{root}/statement",
        "pdf": f"{root}/documents/{visitor.document}/pdf",
    }[page]


def next_page(visitor: Visitor) -> str:
    """Choose as clients do: most look, some download."""
    weights = (30, 20, 30, 8, 12 if visitor.has_print else 0)
    return random.choices((*PAGES, "pdf"), weights)[0]


async def visit(visitor: Visitor, port: int, until: float, times: Times) -> None:
    """Read page after page on one connection until the time is over."""
    await asyncio.sleep(random.uniform(0, READS_FOR))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        page = next_page(visitor)
        began = time.monotonic()
        try:
            status = await ask(reader, writer, address(page, visitor), visitor.token)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            times.errors.append(f"{page}: {error!r}")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            continue
        if status != 200:
            times.errors.append(f"{page}: {status}")
        if began > times.since:
            times.by_page.setdefault(page, []).append((time.monotonic() - began) * 1000)
        await asyncio.sleep(min(random.expovariate(1 / READS_FOR), until - time.monotonic()))
    writer.close()


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str
) -> int:
    """Send a request and read all of its answer; return its status."""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: en\r\n"
        f"Cookie: billhook_client={token}\r\n\r\n".encode()
    )
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    headers = {
        name.strip().lower(): value.strip()
        for name, _colon, value in (line.partition(":") for line in head.split("\r\n")[1:])
    }
    if headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(headers["content-length"]))
    return int(head.split(" ", 2)[1])


async def crowd(visitors: list[Visitor], ports: list[int], seconds: float) -> Times:
    times = Times(since=time.monotonic() + READS_FOR)
    until = times.since + seconds
    await asyncio.gather(
        *(
            visit(visitor, ports[number % len(ports)], until, times)
            for number, visitor in enumerate(visitors)
        )
    )
    return times


def furnished(config: Config) -> list[Visitor]:
    """Fill a company with customers, their invoices, their people and sessions."""
    app = create_app(config)
    with app.app_context():
        bill_run.open_tenant(SLUG)
        for _round in range(DOCUMENTS_EACH):
            bill_run.fill(SLUG, CLIENTS) if _round == 0 else _charge_again()
            with acting(SLUG) as ctx:
                billing.run(ctx, until=bill_run.DAY, issue_on=bill_run.DAY)
        with acting(SLUG) as ctx:
            return visitors_of(ctx)


def analyse(owner_url: str) -> None:
    """Let the database know its tables, as it would after the first minute."""
    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _charge_again() -> None:
    """Let each customer have one more charge."""
    with acting(SLUG) as ctx:
        customer_ids = list(db.session.scalars(select(Customer.id)))
        with ctx.transaction():
            for start in range(0, len(customer_ids), bill_run.CHUNK):
                bill_run.charge(ctx, customer_ids[start : start + bill_run.CHUNK])


def visitors_of(ctx: Context) -> list[Visitor]:
    """Give each customer a contact who has logged in."""
    newest: dict[UUID, UUID] = {
        row.customer_id: row.id
        for row in db.session.execute(
            select(DocumentRow.customer_id, DocumentRow.id).order_by(DocumentRow.id)
        )
    }
    for document_id in list(newest.values())[:PRINTED]:
        artefacts.print_of(ctx, document_id)
    now, made, found = SystemClock().now(), [], []
    for number, (customer_id, document_id) in enumerate(newest.items()):
        token, contact_id = tokens.new_token(), new_id()
        found.append(Visitor(token=token, document=document_id, has_print=number < PRINTED))
        made.append((customer_id, contact_id, tokens.hash_of(token)))
    with ctx.transaction() as session:
        session.execute(
            insert(Contact),
            [
                {
                    "tenant_id": ctx.tenant.id,
                    "id": contact_id,
                    "customer_id": customer_id,
                    "name": "Eve Client",
                    "email": f"{contact_id.hex}@client.example",
                    "portal_rights": ["see"],
                }
                for customer_id, contact_id, _hash in made
            ],
        )
        session.execute(
            insert(ClientSession),
            [
                {
                    "tenant_id": ctx.tenant.id,
                    "token_hash": token_hash,
                    "customer_id": customer_id,
                    "contact_id": contact_id,
                    "created_at": now,
                    "seen_at": now,
                    "expires_at": now + sessions.LONGEST,
                    "proved_at": now,
                }
                for customer_id, contact_id, token_hash in made
            ],
        )
    return found


@contextmanager
def bare_served() -> Iterator[list[int]]:
    """Serve the bare page by as many processes; yield the ports."""
    ports = [_stage.free_port() for _process in range(PROCESSES)]
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_serve_bare, args=(port,), daemon=True) for port in ports]
    for process in processes:
        process.start()
    try:
        for port in ports:
            _stage.wait_for(port)
        yield ports
    finally:
        for process in processes:
            process.kill()
            process.join()


def _serve_bare(port: int) -> None:
    waitress.serve(
        bare_application(),
        host="127.0.0.1",
        port=port,
        threads=8,
        connection_limit=MOST_CONNECTIONS,
        asyncore_use_poll=True,
    )


def bare_application() -> Flask:
    """Make a page of the size of ours that does nothing."""
    app = Flask("bare")
    app.logger.disabled = True
    page = "<!doctype html><title>Bare</title>" + "<p>A page.</p>" * 400

    @app.get("/portal/<path:_path>")
    def show(_path: str) -> str:
        return page

    return app


def quantile(values: list[float], part: float) -> float:
    return statistics.quantiles(values, n=1000)[round(part * 1000) - 1]


def main() -> None:
    options = _stage.arguments(__doc__ or "")
    seconds = 10.0 if options.quick else 60.0
    with _stage.database(SERVER) as urls, tempfile.TemporaryDirectory() as home:
        config = make_config(urls, home=Path(home))
        context = multiprocessing.get_context("fork")
        with context.Pool(1) as pool:  # the servers fork from a process without connections
            visitors = pool.apply(furnished, (config,))
            pool.apply(analyse, (urls.owner,))
        with _stage.served(config, processes=PROCESSES) as servers:
            ours = asyncio.run(crowd(visitors, [one.port for one in servers], seconds))
        with bare_served() as ports:
            bare = asyncio.run(crowd(visitors, ports, seconds / 2))
    pages, floor = ours.all_of(*PAGES), bare.all_of(*PAGES)
    shown: dict[str, object] = {
        "ratio": round(quantile(pages, 0.95) / quantile(floor, 0.95), 1),
        "rate": round(quantile(pages, 0.95), 1),
        "floor_rate": round(quantile(floor, 0.95), 1),
        "clients": len(visitors),
        "requests": sum(map(len, ours.by_page.values())),
        "errors": len(ours.errors),
    }
    for page, values in sorted(ours.by_page.items()):
        if len(values) > 1:
            shown[f"{page}_ms_50_95_99"] = " ".join(
                f"{quantile(values, part):.0f}" for part in (0.5, 0.95, 0.99)
            )
    for error in ours.errors[:5]:
        print(error)
    _stage.show(shown, as_json=options.json)


if __name__ == "__main__":
    main()
