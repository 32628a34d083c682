"""Identifiers: UUID version 7 (RFC 9562), made by the application before it writes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7 as new_id

from billhook.errors import NotFound

__all__ = ["first_id_of", "made_at", "new_id", "parse_id"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def parse_id(text: str, kind: str) -> UUID:
    """Read an id that a person or program sent; what is no id names nothing.

    Raises NotFound.
    """
    if len(text) > 36:
        raise NotFound(kind, text)
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(kind, text) from None


def made_at(made: UUID) -> datetime:
    """Return when an id was made, to the millisecond of the machine's clock."""
    return _EPOCH + (made.int >> 80) * _MILLISECOND


def first_id_of(instant: datetime) -> UUID:
    """Return an id that sorts before all that are made from the instant on."""
    return UUID(int=((instant - _EPOCH) // _MILLISECOND) << 80)
