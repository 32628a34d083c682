"""Long runs of many small values, without searching them for cycles again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold back the cyclic collector for a block whose values hold no cycles.

    They are freed by their counts as ever. The collector would walk all of them
    each time that their number grew by a quarter: a third of a bill run's time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
