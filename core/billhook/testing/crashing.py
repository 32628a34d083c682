"""Workers that die at random moments, for tests of what a crash leaves behind.

Children are forked from this process, which has everything loaded, so that a
kill hits the work and not the start-up:

```python
kill_at_random(app, work, kills=25, within=0.2, feed=lambda round: enqueue_more())
```
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from flask import Flask

KILLS = "BILLHOOK_CRASH_KILLS"
SEED = "BILLHOOK_CRASH_SEED"

Work = Callable[[], object]


def wanted_kills() -> int:
    """Return how often a test kills its workers; the environment can ask for more."""
    return int(os.environ.get(KILLS) or 25)


def kill_at_random(
    app: Flask,
    work: Work,
    *,
    kills: int,
    within: float,
    feed: Callable[[int], None] | None = None,
    workers: int = 1,
) -> None:
    """Let workers run and kill one of them with all its children, so many times.

    A worker lives for up to `within` seconds, and only one that still worked counts.
    `feed` is called before each life, to keep work there. The last workers are
    killed, too: whoever calls finishes the work.
    """
    seed = int(os.environ.get(SEED) or random.randrange(2**32))
    print(f"{SEED}={seed}")  # shown where the test fails
    chance = random.Random(seed)
    running: list[int] = []
    hits = 0
    try:
        while hits < kills:
            if feed is not None:
                feed(hits)
            while len(running) < workers:
                running.append(forked(app, work))
            time.sleep(chance.uniform(0, within))
            hits += kill(running.pop(0))
    finally:
        for worker in running:
            kill(worker)


def forked(app: Flask, work: Work) -> int:
    """Run the work inside the application in a child with a session of its own; return its id."""
    _close_connections(app)
    child = os.fork()
    if child:
        return child
    _be_child(app, work)


def kill(worker: int) -> bool:
    """Kill -9 a worker and its process group; tell whether it was still at work."""
    is_at_work = os.waitpid(worker, os.WNOHANG)[0] == 0
    with contextlib.suppress(ProcessLookupError):  # nothing left, or not yet a group of its own
        os.killpg(worker, signal.SIGKILL)
    if is_at_work:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    return is_at_work


def kill_one(process: int) -> None:
    """Kill -9 a process alone, if it still runs."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def descendants(process: int) -> list[int]:
    """Return the children of a process and theirs, those that still run. Linux alone tells."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [found for child in map(int, children) for found in (child, *descendants(child))]


def finish(worker: int) -> int:
    """Wait for a worker to end by itself; return its exit status."""
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])


def wait_until(
    condition: Callable[[], bool], *, seconds: float = 60, act: Work | None = None
) -> None:
    """Look again and again, after an act if there is one. Raises TimeoutError."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if act is not None:
            act()
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(f"Not within {seconds} seconds.")


def _close_connections(app: Flask) -> None:
    """No two processes may share a connection."""
    from billhook.db import db

    db.session.remove()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _be_child(app: Flask, work: Work) -> NoReturn:
    code = 1
    try:
        gc.freeze()  # its collector would copy the memory of the whole test run
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        warnings.simplefilter("ignore")
        with app.app_context():
            work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
