"""Processes for work that may hang: each does one batch and can be killed.

Code that hangs in a thread cannot be stopped. So a keeper is forked while the
server has no threads yet, and forks a horse for every batch that runs a plugin's
code; a horse that overruns is killed, and nothing else with it.
"""

import gc
import os
import signal
import sys
import traceback
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import structlog
from flask import Flask
from sqlalchemy import Pool
from sqlalchemy.orm import configure_mappers

from billhook.db import db
from billhook.i18n import gettext as _
from billhook.jobs.deadlines import Overran, deadline
from billhook.jobs.drainer import Ending, give_up, run
from billhook.jobs.leases import Lease

GRACE = timedelta(seconds=10)
"""How much longer than its deadline a horse may live: it ends overrun work itself, if it can."""

log = structlog.get_logger(__name__)

_CODES = {Ending.DONE: 0, Ending.FAILED: 3, Ending.LOST: 4}
_inherited: list[Pool] = []
_ENDINGS = {code: ending for ending, code in _CODES.items()}


class HorseDied(Exception):
    """The process ended before its work did."""


class Horses:
    """The keeper, as the server sees it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._keeper: int | None = None
        self._line: Connection | None = None

    def start(self) -> None:
        """Fork the keeper. Before the server starts a thread: locks that one holds stay held."""
        self._line, theirs = Pipe()
        self._keeper = os.fork()
        if self._keeper == 0:
            self._line.close()
            _keep(self._app, theirs)
        theirs.close()

    def run(self, lease: Lease, *, longest: timedelta) -> Ending:
        """Do a batch in a process of its own, inside the application's context."""
        if self._line is None:
            self.start()
        assert self._line is not None
        try:
            self._line.send((lease, longest))
            code = self._line.recv()
        except (EOFError, OSError):
            log.error("keeper.died", batch=str(lease.batch_id))
            self.stop()
            return give_up(lease, HorseDied(_("The process that did this job was killed.")))
        if code in _ENDINGS:
            return _ENDINGS[code]
        if code == -signal.SIGALRM:
            return give_up(lease, Overran())
        text = _("The process that did this job ended with status %(code)s.", code=code)
        return give_up(lease, HorseDied(text))

    def stop(self) -> None:
        """Let the keeper end, and with it the horse that works."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._keeper is not None:
            os.waitpid(self._keeper, 0)
            self._keeper = None


def _keep(app: Flask, line: Connection) -> None:
    _leave_connections(app)
    configure_mappers()  # once, not in every horse
    gc.freeze()  # else the collector of each horse copies all memory: ten times the time
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            lease, longest = line.recv()
            line.send(_ridden(app, lease, longest))
        except (EOFError, OSError):
            os._exit(0)


def _leave_connections(app: Flask) -> None:
    """Have connections of our own. The server's are kept and never touched: to close is to use."""
    with app.app_context():
        _inherited.append(db.engine.pool)
        db.engine.dispose(close=False)


def _ridden(app: Flask, lease: Lease, longest: timedelta) -> int:
    """Return a horse's exit status, negative for the signal that ended it."""
    horse = os.fork()
    if horse == 0:
        _ride(app, lease)
    try:
        with deadline(longest + GRACE):
            _pid, status = os.waitpid(horse, 0)
    except Overran:
        os.kill(horse, signal.SIGKILL)
        os.waitpid(horse, 0)
        return -signal.SIGALRM
    return os.waitstatus_to_exitcode(status)


def _ride(app: Flask, lease: Lease) -> None:
    code = 1
    try:
        with app.app_context():
            code = _CODES[run(lease)]
    except BaseException:  # told by the status; the process has nobody to raise it to
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
