"""Three archives of 5,000 documents each out of one server at once, beside the same bytes from one file.

The server is `billhook serve` with eight threads on PostgreSQL, the clients load by HTTP
on the same machine and throw away what comes, while another client reads pages. The
floor, in the same run: as many clients load a ready-made archive as one file from a
bare Flask page behind the same server. Files are real PDFs of one document, each made
different by a comment at its end.
"""

import http.client
import math
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from uuid import UUID

import _stage
import bill_run
import clients
import waitress
from flask import Flask, send_file
from sqlalchemy import insert, select

from billhook.app import create_app
from billhook.config import Config
from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.ids import new_id
from billhook.models.artefacts import Artefact
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow
from billhook.models.files import File
from billhook.sdk.context import Context
from billhook.services import artefacts, billing, files
from billhook.services.portal import logging_in
from billhook.testing.members import PASSWORD
from billhook.testing.plugin import make_config
from billhook.testing.portals import make_client
from billhook.testing.shops import acting

SERVER = os.environ.get("BILLHOOK_TEST_DATABASE_URL", "")
DOCUMENTS = 5_000
AT_ONCE = 3
SLUG = "bench"
DAY = bill_run.DAY
ARCHIVE = f"/archives/documents.zip?period={DAY:%Y-%m}&pdf=y"
PAGES = ("/", "/documents/", "/statement")
PIECE = 1024 * 1024
PAUSE = 0.1  # seconds between two pages of the one who reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How an archive came."""

    status: int
    size: int
    first_byte: float
    seconds: float


def furnished(config: Config, count: int) -> list[str]:
    """Fill a company whose clients pay for so many printed documents each; return their sessions."""
    app = create_app(config)
    with app.app_context():
        bill_run.open_tenant(SLUG)
        with acting(SLUG) as ctx:
            filled = [_filled(ctx, count) for _client in range(AT_ONCE)]
            billing.run(ctx, until=DAY, issue_on=DAY)
            _print_all(ctx)
            payers, others = zip(*filled, strict=True)
            return [_entered(ctx, one) for one in (*payers, others[0])]


def _entered(ctx: Context, customer_id: UUID) -> str:
    """Let somebody of a customer log in; return the session."""
    email = f"{new_id().hex}@client.example"
    make_client(ctx, customer_id, email, rights=[PortalRight.SEE])
    return logging_in.log_in(ctx, email, PASSWORD)


def _filled(ctx: Context, count: int) -> tuple[UUID, UUID]:
    """Let so many customers have charges that the first of them pays; return it and another."""
    ids = [new_id() for _customer in range(count)]
    with ctx.transaction() as session:
        session.execute(
            insert(Customer),
            [bill_run.customer(ctx, number, one) for number, one in enumerate(ids)],
        )
        for start in range(0, count, bill_run.CHUNK):
            bill_run.charge(ctx, ids[start : start + bill_run.CHUNK], ids[0])
    return ids[0], ids[1]


def _print_all(ctx: Context) -> None:
    """Keep a PDF of each document: that of the first one, with a comment of its own."""
    document_ids = list(db.session.scalars(select(DocumentRow.id).order_by(DocumentRow.id)))
    first = artefacts.print_of(ctx, document_ids[0])
    printed = artefacts.bytes_of(ctx, first)
    model = db.session.scalars(select(Artefact).where(Artefact.id == first.id)).one()
    kept, made = [], []
    for document_id in document_ids[1:]:
        content = printed.content + b"%%%s\n" % document_id.hex.encode()
        files.lay(ctx, name=printed.name, content_type=printed.content_type, content=content)
        file_id, digest = new_id(), sha256(content).digest()
        kept.append(
            {
                "tenant_id": ctx.tenant.id,
                "id": file_id,
                "name": printed.name,
                "content_type": printed.content_type,
                "size": len(content),
                "sha256": digest,
                "created_at": ctx.now(),
            }
        )
        made.append(_artefact(model, document_id, file_id, digest))
    with ctx.transaction() as session:
        session.execute(insert(File), kept)
        session.execute(insert(Artefact), made)


def _artefact(
    model: Artefact, document_id: UUID, file_id: UUID, digest: bytes
) -> dict[str, object]:
    return {
        "tenant_id": model.tenant_id,
        "id": new_id(),
        "document_id": document_id,
        "kind": model.kind,
        "provider": model.provider,
        "file_id": file_id,
        "sha256": digest,
        "made_by": model.made_by,
        "rules": "",
        "findings": [],
        "made_at": model.made_at,
    }


def load(port: int, path: str, token: str = "", *, keep: Path | None = None) -> Load:
    """Load an address to its last byte, and throw away what comes, or keep it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    began = time.monotonic()
    connection.request("GET", path, headers={"Cookie": f"billhook_client={token}"})
    answer = connection.getresponse()
    size, first = 0, 0.0
    with (keep or Path(os.devnull)).open("wb") as sink:
        while piece := answer.read(PIECE if size else 1):
            first = first or time.monotonic() - began
            size += len(piece)
            sink.write(piece)
    connection.close()
    return Load(
        status=answer.status, size=size, first_byte=first, seconds=time.monotonic() - began
    )


def at_once(port: int, paths: list[tuple[str, str]]) -> list[Load]:
    """Load all addresses at the same time, each with its session."""
    found: list[Load] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(load(port, *one))) for one in paths
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@contextmanager
def reading(port: int, token: str) -> Iterator[list[float]]:
    """Read pages one after the other meanwhile; yield the list that milliseconds go into."""
    times: list[float] = []
    is_over = threading.Event()

    def read() -> None:
        for page in cycle(PAGES):
            answer = load(port, f"/portal/{SLUG}{page}", token)
            times.append(answer.seconds * 1000 if answer.status == HTTPStatus.OK else math.inf)
            if is_over.wait(PAUSE):
                return

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield times
    finally:
        is_over.set()
        thread.join()


@contextmanager
def peak_of(pid: int) -> Iterator[list[int]]:
    """Watch how much memory a process holds; yield the list that MB go into, ten times a second."""
    held = [_resident_mb(pid)]
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            held.append(_resident_mb(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield held
    finally:
        is_over.set()
        thread.join()


def _resident_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    [line] = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) // 1024


@contextmanager
def bare_served(file: Path) -> Iterator[int]:
    """Serve a file as it is from a process of its own; yield the port."""
    port = _stage.free_port()
    process = multiprocessing.get_context("fork").Process(
        target=_serve_bare, args=(file, port), daemon=True
    )
    process.start()
    try:
        _stage.wait_for(port)
        yield port
    finally:
        process.kill()
        process.join()


def _serve_bare(file: Path, port: int) -> None:
    app = Flask("bare")

    @app.get("/")
    def send() -> object:
        return send_file(file)

    waitress.serve(app, host="127.0.0.1", port=port, threads=8)


def measure(config: Config, count: int) -> dict[str, object]:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        *tokens, reader = pool.apply(furnished, (config, count))
        pool.apply(clients.analyse, (config.owner_database_url,))
    path = f"/portal/{SLUG}{ARCHIVE}"
    archive = config.home / "archive.zip"
    with _stage.served(config, processes=1) as [server]:
        with reading(server.port, reader) as calm:
            time.sleep(5)
        with peak_of(server.pid) as alone_mb:
            alone = load(server.port, path, tokens[0], keep=archive)
        with peak_of(server.pid) as held_mb, reading(server.port, reader) as pages:
            loads = at_once(server.port, [(path, token) for token in tokens])
    if wrong := [one for one in [alone, *loads] if one.status != HTTPStatus.OK]:
        sys.exit(f"An archive did not come: {wrong}.")
    with bare_served(archive) as port:
        bare = at_once(port, [("/", "")] * AT_ONCE)
    return _figures(alone, loads, bare) | {
        "memory_before_mb": alone_mb[0],
        "memory_one_mb": max(alone_mb),
        "memory_three_mb": max(held_mb),
        "pages_alone_ms_50_95": _times(calm),
        "pages_meanwhile_ms_50_95": _times(pages),
    }


def _figures(alone: Load, loads: list[Load], bare: list[Load]) -> dict[str, object]:
    megabytes = alone.size * AT_ONCE / 1_000_000
    rate = megabytes / max(one.seconds for one in loads)
    floor = megabytes / max(one.seconds for one in bare)
    return {
        "ratio": round(floor / rate, 1),
        "rate": round(rate),
        "floor_rate": round(floor),
        "archive_mb": round(alone.size / 1_000_000),
        "one_seconds": round(alone.seconds, 1),
        "one_first_byte_seconds": round(alone.first_byte, 2),
        "three_seconds": round(max(one.seconds for one in loads), 1),
        "three_first_byte_seconds": round(max(one.first_byte for one in loads), 2),
    }


def _times(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} {clients.quantile(values, 0.95):.0f}"


def main() -> None:
    options = _stage.arguments(__doc__ or "")
    with _stage.database(SERVER) as urls, tempfile.TemporaryDirectory() as home:
        config = make_config(urls, home=Path(home))
        figures = measure(config, 1_000 if options.quick else DOCUMENTS)
    _stage.show(figures, as_json=options.json)


if __name__ == "__main__":
    main()
