"""The access log: requests gather in memory, and are written many at once by a thread.

A request is answered before it is in the log. What a crash takes with it is the last
second of this log; what a request changed stands in the audit log, which is written with it.
"""

import threading
import time
from collections import defaultdict, deque
from typing import cast
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError

from billhook.clock import SystemClock
from billhook.services import api_requests
from billhook.services.api_requests import ApiRequestRecord

EXTENSION = "billhook.api.log"

MOST_WAITING = 20_000
"""Requests that wait for a database that is away; the oldest go first."""

WRITTEN_AT_ONCE = 500
ROUND_SECONDS = 1.0

log = structlog.get_logger("billhook.api")


class AccessLog:
    """Takes requests from all threads of a server. `start` and `stop` run the one that writes."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._waiting: deque[tuple[UUID, ApiRequestRecord]] = deque(maxlen=MOST_WAITING)
        self._is_stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, tenant_id: UUID, record: ApiRequestRecord) -> None:
        self._waiting.append((tenant_id, record))

    def start(self) -> None:
        self._is_stopping.clear()
        self._thread = threading.Thread(target=self._rounds, name="access log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._is_stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def flush(self) -> None:
        """Write what waits."""
        with self._app.app_context():
            while taken := self._taken():
                by_tenant: dict[UUID, list[ApiRequestRecord]] = defaultdict(list)
                for tenant_id, record in taken:
                    by_tenant[tenant_id].append(record)
                for tenant_id, records in by_tenant.items():
                    api_requests.write(tenant_id, records)

    def _taken(self) -> list[tuple[UUID, ApiRequestRecord]]:
        most = min(len(self._waiting), WRITTEN_AT_ONCE)
        return [self._waiting.popleft() for _ in range(most)]

    def _rounds(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._is_stopping.wait(ROUND_SECONDS)
            try:
                self.flush()
            except OperationalError as error:  # away: these requests are lost to the log
                log.warning("api.log_failed", reason=type(error.orig).__name__)


def init_app(app: Flask) -> None:
    """Note each request of a key. Whoever serves starts the thread that writes."""
    app.extensions[EXTENSION] = AccessLog(app)
    app.after_request(_note)


def log_of(app: Flask) -> AccessLog:
    """Return the log of an application."""
    return cast(AccessLog, app.extensions[EXTENSION])


def _note(response: Response) -> Response:
    visit = g.get("key_visit")
    if visit is not None:
        record = ApiRequestRecord(
            id=g.request_id,
            key_id=visit.key_id,
            requested_at=SystemClock().now(),
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "",
            path=request.path,
            status=response.status_code,
            problem=g.get("problem", ""),
            milliseconds=round((time.perf_counter() - g.began) * 1000),
            address=request.remote_addr or "",
            user_agent=request.user_agent.string,
            api_version=g.get("api_version", ""),
        )
        log_of(current_app).add(visit.ctx.tenant.id, record)
    return response
