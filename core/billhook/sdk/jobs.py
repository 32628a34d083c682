"""Work that a plugin does outside any page: later, again and again, or because something happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billhook.sdk.context import Context

DEADLINE = timedelta(minutes=5)
"""How long one try of a job may take, where nothing else is said."""

LONGEST = timedelta(hours=6)
"""How long one try of a plugin's job may take at most."""

SHORTEST = timedelta(minutes=1)
"""How often a recurring job may run at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginJob:
    """Work by name, done in a process that can be replaced.

    It is delivered at least once: a worker may die after the work and before it
    is remembered. `ctx.request_id` is the same over all tries, a key towards
    others that do not want to be told twice. The work writes inside
    ``with ctx.transaction()``, and calls out outside of it.

    It may raise Retryable, which says when to try again, and Rejected, which ends
    the tries; anything else is tried again after a while, and listed as dead in
    the end.
    """

    name: str
    """``<plugin>.<verb>``."""
    work: Callable[[Context, Mapping[str, Any]], None]
    """Called with the payload; for an event that is its fields, `event` and `event_id`."""
    deadline: timedelta = DEADLINE
    every: timedelta | None = None
    """How far apart it runs by itself, with an empty payload, while the plugin is on."""
    on: tuple[str, ...] = ()
    """Names of events, such as ``document.issued``; each becomes one job."""
