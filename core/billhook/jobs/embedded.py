"""Draining without Redis: a thread beside the pages, or a process of its own."""

import threading
from datetime import timedelta
from queue import Empty, SimpleQueue

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from billhook.jobs.drainer import look, plugin_time, run_batch
from billhook.jobs.horses import Horses
from billhook.jobs.leases import Lease
from billhook.jobs.turns import Turns
from billhook.services.schedules import begin_missing

ROUND = timedelta(seconds=5)
"""How long the drainer waits for a call before it looks by itself."""

log = structlog.get_logger(__name__)


class EmbeddedDrainer:
    """Does what is due, as soon as `wake` says so and every `ROUND`.

    `start` and `stop` run it in a thread; `work` runs it where it is called.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._horses = Horses(app)
        self._turns = Turns()
        self._calls: SimpleQueue[None] = SimpleQueue()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that there is work. Never waits; does nothing where no drainer runs."""
        if self._calls.empty():
            self._calls.put(None)

    def start(self) -> None:
        """Start draining, before anything else of the server starts a thread."""
        self._horses.start()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._rounds, name="drainer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch in hand."""
        self.request_stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._horses.stop()

    def request_stop(self) -> None:
        """Let the rounds end; safe in a signal handler, where an Event could wait for itself."""
        self._is_stopping = True
        self._calls.put(None)

    def work(self) -> None:
        """Drain until `request_stop`, in this thread."""
        self._horses.start()
        try:
            self._rounds()
        finally:
            self._horses.stop()

    def _rounds(self) -> None:
        while not self._is_stopping:
            try:
                self._round()
            except OperationalError as error:  # the database is away or busy: the next round
                log.warning("drainer.round_failed", reason=str(error))
            except Exception as error:  # a bug in one round must not end all later ones
                log.error("drainer.round_failed", exc_info=error)
            self._wait()

    def _round(self) -> None:
        with self._app.app_context():
            begin_missing()
            while not self._is_stopping and (lease := self._turns.claim()) is not None:
                self._perform(lease)

    def _perform(self, lease: Lease) -> None:
        batch = look(lease)
        longest = plugin_time(batch)
        if longest is None:
            run_batch(batch)
        else:
            self._horses.run(lease, longest=longest)

    def _wait(self) -> None:
        try:
            self._calls.get(timeout=ROUND.total_seconds())
        except Empty:
            return
