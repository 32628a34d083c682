"""The markers that hooks and their implementations carry."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import pluggy

PROJECT = "billhook"
HOOK_API = 1

hookimpl = pluggy.HookimplMarker(PROJECT)
_spec = pluggy.HookspecMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., Any])


class Failure(StrEnum):
    """What the core does when a plugin raises, hangs or answers nonsense."""

    STRICT = "strict"  # the act fails, names the plugin and leaves nothing behind
    ISOLATED = "isolated"  # the contribution is dropped, logged and said
    QUEUED = "queued"  # runs after commit as a job, retried, then a dead letter


def hookspec(
    *, failure: Failure, since: str, one_per: str = "", deprecated: str = ""
) -> Callable[[F], F]:
    """Declare a hook with its failure mode and the version that introduced it.

    `one_per` names the argument that the answer has one element for, in its order.
    `deprecated` tells plugin authors what to use instead and until which version
    the hook is called; two minor versions pass before it goes.
    """

    def mark(function: F) -> F:
        function.failure = failure  # type: ignore[attr-defined]
        function.since = since  # type: ignore[attr-defined]
        function.one_per = one_per  # type: ignore[attr-defined]
        function.deprecated = deprecated  # type: ignore[attr-defined]
        if not deprecated:
            return _spec(function)
        return _spec(function, warn_on_impl=DeprecationWarning(deprecated))

    return mark
