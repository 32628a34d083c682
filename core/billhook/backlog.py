"""What may be written late: records gather in memory, and a thread writes many at once.

A request is answered before its records are written. What a crash takes with it is the
last second of them; what a request changed is written with the request itself.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError, OperationalError

EXTENSION = "billhook.backlog"

MOST_WAITING = 20_000
"""Records that wait for a database that is away; the oldest go first."""

WRITTEN_AT_ONCE = 500
ROUND_SECONDS = 1.0

R = TypeVar("R")
Write = Callable[[UUID, Sequence[R]], None]
"""Writes records of one tenant, in a transaction of its own."""

log = structlog.get_logger("billhook.backlog")


class _Waiting(NamedTuple):
    write: Write[Any]
    tenant_id: UUID
    record: Any


class _Batch(NamedTuple):
    write: Write[Any]
    tenant_id: UUID
    records: list[Any]


class Backlog:
    """Takes records from all threads of a server. `start` and `stop` run the one that writes."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: deque[_Waiting] = deque(maxlen=MOST_WAITING)
        self._is_stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, write: Write[R], tenant_id: UUID, record: R) -> None:
        """Let a record be written with others of its tenant and kind."""
        self._waiting.append(_Waiting(write, tenant_id, record))

    def start(self) -> None:
        self._is_stopping.clear()
        self._thread = threading.Thread(target=self._rounds, name="backlog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._is_stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def flush(self) -> None:
        """Write what waits. Raises OperationalError where the database is away: it goes on waiting."""
        with self._app.app_context():
            while batches := self._taken():
                while batches:
                    try:
                        _write(batches[0])
                    except OperationalError:
                        self._put_back(batches)
                        raise
                    batches.popleft()

    def _taken(self) -> deque[_Batch]:
        """Take what waits, that of one kind and tenant together."""
        found: dict[tuple[Write[Any], UUID], list[Any]] = defaultdict(list)
        for _each in range(min(len(self._waiting), WRITTEN_AT_ONCE)):
            one = self._waiting.popleft()
            found[one.write, one.tenant_id].append(one.record)
        return deque(_Batch(*key, records) for key, records in found.items())

    def _put_back(self, batches: Iterable[_Batch]) -> None:
        """Let records wait before all others, the newest of them where there is room for no more."""
        kept = [
            _Waiting(one.write, one.tenant_id, record) for one in batches for record in one.records
        ]
        room = MOST_WAITING - len(self._waiting)
        self._waiting.extendleft(kept[: -room - 1 : -1])

    def _rounds(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._is_stopping.wait(ROUND_SECONDS)
            try:
                self.flush()
            except OperationalError as error:  # away: the next round tries again
                log.warning("backlog.waits", reason=type(error.orig).__name__)


def _write(batch: _Batch) -> None:
    """Write a batch; what refers to something that is gone is left out."""
    try:
        batch.write(batch.tenant_id, batch.records)
    except IntegrityError as error:
        if len(batch.records) == 1:
            log.warning("backlog.refused", reason=type(error.orig).__name__)
            return
        for one in batch.records:
            _write(batch._replace(records=[one]))


def init_app(app: Flask) -> None:
    """Give an application its backlog. Whoever serves starts the thread that writes."""
    app.extensions[EXTENSION] = Backlog(app)


def backlog_of(app: Flask) -> Backlog:
    """Return the backlog of an application."""
    return cast(Backlog, app.extensions[EXTENSION])


def add_late(write: Write[R], tenant_id: UUID, record: R) -> None:
    """Let a record be written within a second or so, by the application in context."""
    backlog_of(current_app).add(write, tenant_id, record)
