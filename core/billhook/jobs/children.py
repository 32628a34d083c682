"""Child processes that are kept alive: whichever ends is begun anew, until the parent is told to stop."""

import ctypes
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType

import structlog

LOOK_SECONDS = 0.2
"""How often the children are looked after."""

SETTLED_SECONDS = 10
"""A child that lived so long was well; another that ends sooner is waited for longer each time."""

FIRST_WAIT_SECONDS = 1
LONGEST_WAIT_SECONDS = 10

STOPS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class _Child:
    """One of the processes, as the parent sees it."""

    name: str
    act: Callable[[], None]
    pid: int | None = None
    begun: float = 0
    wait: float = 0
    """How long after its beginning it may begin anew."""

    def begin_when_due(self) -> None:
        if self.pid is None and time.monotonic() - self.begun >= self.wait:
            self.begun = time.monotonic()
            self.pid = _forked(self.act)

    def look(self) -> None:
        """Notice that it has ended."""
        if self.pid is None or os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            return
        self.pid = None
        is_settled = time.monotonic() - self.begun >= SETTLED_SECONDS
        longer = min(max(2 * self.wait, FIRST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
        self.wait = 0 if is_settled else longer
        log.error("worker.child_ended", child=self.name, wait=self.wait)


def keep_alive(acts: Mapping[str, Callable[[], None]]) -> None:
    """Run each in a process of its own, and again when it ends, until SIGTERM or SIGINT.

    Then they are told to stop, and waited for.
    """
    is_stopping: list[bool] = []
    on_stop(lambda: is_stopping.append(True))
    children = [_Child(name=name, act=act) for name, act in acts.items()]
    while not is_stopping:
        for child in children:
            child.look()
            child.begin_when_due()
        time.sleep(LOOK_SECONDS)
    running = [child.pid for child in children if child.pid is not None]
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def on_stop(act: Callable[[], None]) -> None:
    """Let the act be the answer of this process to SIGTERM and SIGINT."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        act()

    for number in STOPS:
        signal.signal(number, stop)


def _forked(act: Callable[[], None]) -> int:
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # none is swallowed by a child half made
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        return child
    code = 1
    try:
        os.setpgid(0, 0)  # Ctrl-C is for the parent: RQ takes a second signal as an order to kill
        for stop in STOPS:
            signal.signal(stop, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        _end_with(parent)
        act()
        code = 0
    except Exception:  # told by the log and the status; the parent starts another
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end_with(parent: int) -> None:
    """Let a worker that is killed leave no children behind, where the system can."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
