"""The process that runs stylesheets, as the rest of the plugin sees it.

Each process of Billhook that needs one starts one, at the first document. A
process that was forked starts its own: it must not talk over its parent's pipe.
Threads take turns.
"""

import atexit
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from billhook_einvoice_ubl.saxon import read_frame, write_frames
from billhook_einvoice_ubl.texts import gettext as _

PROGRAM = Path(__file__).with_name("saxon.py")

DEADLINE = timedelta(seconds=60)
"""For one document and one set of rules."""


class RulesFailed(Exception):
    """The rules could not be run on a document; the text says why, for people."""


class RuleProcess:
    """A process with Saxon in it."""

    def __init__(self) -> None:
        self.has_overrun = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )

    @property
    def id(self) -> int:
        return self._process.pid

    def transform(self, stylesheet: Path, document: bytes, deadline: timedelta) -> bytes:
        """Return the result; at the deadline the process is killed.

        Raises RulesFailed with what Saxon says; EOFError or OSError where the process ended.
        """
        watchdog = threading.Timer(deadline.total_seconds(), self._overrun)
        watchdog.daemon = True
        watchdog.start()
        try:
            status, result = self._exchange(str(stylesheet).encode(), document)
        finally:
            watchdog.cancel()
        if status != b"ok":
            raise RulesFailed(result.decode(errors="replace").strip())
        return result

    def stop(self) -> None:
        """End the process; it may have ended before."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:  # bytes that nobody will read
                continue
        self._process.wait()

    def _exchange(self, *frames: bytes) -> tuple[bytes, bytes]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        write_frames(self._process.stdin, *frames)
        status = read_frame(self._process.stdout)
        result = read_frame(self._process.stdout)
        if status is None or result is None:
            raise EOFError
        return status, result

    def _overrun(self) -> None:
        self.has_overrun = True
        self._process.kill()


_turn = threading.Lock()
_running: RuleProcess | None = None
_inherited: list[RuleProcess | None] = []
"""Kept and never touched: to let go of them would be to end the parent's."""


def transform(stylesheet: Path, document: bytes, *, deadline: timedelta = DEADLINE) -> bytes:
    """Run a stylesheet on a document, in the process that is there or a new one.

    Raises RulesFailed.
    """
    with _turn:
        try:
            return _started().transform(stylesheet, document, deadline)
        except (EOFError, OSError) as error:
            overran = _started().has_overrun
            _stop()
            if overran:
                raise _too_slow(deadline) from error
        try:  # it had ended since the last document, or something ended it
            return _started().transform(stylesheet, document, deadline)
        except (EOFError, OSError) as error:
            _stop()
            raise RulesFailed(
                _("The process that runs the rules ended twice. Look at this machine's memory.")
            ) from error


def process_id() -> int | None:
    """Return the id of the process that is there."""
    return _running.id if _running else None


def _started() -> RuleProcess:
    global _running
    if _running is None:
        _running = RuleProcess()
    return _running


def _stop() -> None:
    global _running
    if _running is not None:
        _running.stop()
        _running = None


def _too_slow(deadline: timedelta) -> RulesFailed:
    seconds = f"{deadline.total_seconds():g}"
    return RulesFailed(
        _("The rules took longer than %(seconds)s seconds and were stopped.", seconds=seconds)
    )


def _begin_anew() -> None:
    global _running, _turn
    _inherited.append(_running)
    _running, _turn = None, threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_stop)
