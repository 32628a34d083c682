"""How lists and the search look for texts: by their beginning along an index, else anywhere."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from billhook.db import db

_LAST = "\uffff"
"""Sorts after whatever people write."""


def begins(column: Any, text: str) -> ColumnElement[bool]:
    """Compare the beginning as it is written: a range, which an index on the column answers."""
    within = and_(column >= text, column < text + _LAST)
    return and_(within, column.startswith(text, autoescape=True))


def holds(text: str, *columns: Any) -> ColumnElement[bool]:
    """Look anywhere in the columns, whatever the case: every row is read."""
    asked = [text] if text.isascii() else spellings(text)
    return or_(*(_anywhere(column, one) for column in columns for one in asked))


def spellings(text: str) -> list[str]:
    """Return how the text may be written, as it was typed first.

    SQLite, and PostgreSQL in the C locale, know the case of ASCII letters alone.
    """
    return list(dict.fromkeys((text, text.title(), text.upper(), text.lower())))


def _anywhere(column: Any, text: str) -> ColumnElement[bool]:
    """SQLite's LIKE passes over the case by itself, and is faster than on a lowered text."""
    if db.session.get_bind().dialect.name == "sqlite":
        found: ColumnElement[bool] = column.contains(text, autoescape=True)
        return found
    found = column.icontains(text, autoescape=True)
    return found
