"""Ask a plugin about a batch, and find the one item that it cannot bear."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from billhook.errors import (
    PluginFailed,
    PluginOverran,
    PluginUnavailable,
    Rejected,
    Retryable,
)
from billhook.i18n import gettext as _
from billhook.problems import Problem

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An item without an answer, and why: in place of the answer."""

    problems: tuple[Problem, ...]
    plugin: str = ""


def ask(call: Callable[[Sequence[Q]], Sequence[A]], items: Sequence[Q]) -> list[A | Refused]:
    """Return an answer or a refusal per item, in order.

    A batch that fails is halved until the item at fault stands alone, so that one
    bad customer never stops the others. An overrun or an outage is not tried again.
    """
    if not items:
        return []
    try:
        return list(call(items))
    except PluginOverran as error:
        return [_failed(error)] * len(items)
    except PluginUnavailable as error:
        return [Refused(problems=(Problem(code=error.code, message=error.message),))] * len(items)
    except Retryable as error:
        return [Refused(problems=(_outage(error),))] * len(items)
    except PluginFailed as error:
        if len(items) == 1:
            return [_failed(error)]
    except Rejected as error:
        if len(items) == 1:
            return [Refused(problems=error.problems)]
    middle = len(items) // 2
    return ask(call, items[:middle]) + ask(call, items[middle:])


def _failed(error: PluginFailed) -> Refused:
    problem = Problem(code=error.code, message=error.message)
    return Refused(problems=(problem,), plugin=error.plugin)


def _outage(error: Retryable) -> Problem:
    return Problem(
        code=error.code,
        message=_("%(reason)s A later run tries again.", reason=error.message),
    )
