"""A bound on the time of one piece of work, kept by the process's alarm."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import NoReturn


class Overran(BaseException):
    """The work took longer than it may. No `except Exception` of the work's own stops it."""


@contextmanager
def deadline(longest: timedelta) -> Iterator[None]:
    """Raise Overran in the block once the time is up.

    Only a process's main thread has an alarm; elsewhere the block runs unbounded.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def overrun(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Overran

    earlier = signal.signal(signal.SIGALRM, overrun)
    left, _interval = signal.setitimer(signal.ITIMER_REAL, longest.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
        signal.setitimer(signal.ITIMER_REAL, left)
