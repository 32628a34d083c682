"""How much a request may bring: a little, unless its route says more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

LARGEST_BODY = 256 * 1024  # a view that takes files says so by `takes`
LARGEST_FORM_FIELD = 64 * 1024
MOST_FORM_FIELDS = 200

V = TypeVar("V", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the requests of one route may bring, in bytes and form fields."""

    body: int
    fields: int


def takes(*, body: int = LARGEST_BODY, fields: int = MOST_FORM_FIELDS) -> Callable[[V], V]:
    """Let the requests of a route bring more than others: files, or long forms."""

    def declare(view: V) -> V:
        view.bounds = Bounds(body, fields)  # type: ignore[attr-defined]
        return view

    return declare
