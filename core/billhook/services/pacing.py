"""How Python paces a long run of many small values that works beside a busy database."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0002


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a block compute and wait for the database in turns, without losing time to either.

    The cyclic collector rests: the values hold no cycles and are freed by their
    counts, but it would walk all of them each time that their number grew by a
    quarter. Threads take turns sooner than every 5 ms, which an answer of the
    database would otherwise wait for. Together that is half of a run's time.
    """
    was_enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_enabled:
            gc.enable()
