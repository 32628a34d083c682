"""What stands behind the question mark of a list's address, read leniently.

A filter that makes no sense narrows nothing: the form shows what is in force, so
that nobody takes a whole list for a part of it.
"""

from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import request

E = TypeVar("E", bound=StrEnum)


def text(name: str) -> str:
    """Return what was typed, without the spaces around it."""
    return request.args.get(name, "").strip()


def day(name: str) -> date | None:
    """Return a date written as browsers send it, `2026-11-30`."""
    try:
        return date.fromisoformat(text(name))
    except ValueError:
        return None


def choice(name: str, known: type[E]) -> E | None:
    """Return one of a closed set."""
    try:
        return known(text(name))
    except ValueError:
        return None


def key(name: str) -> UUID | None:
    """Return an id."""
    try:
        return UUID(text(name))
    except ValueError:
        return None
