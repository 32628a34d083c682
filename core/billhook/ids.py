"""Identifiers: UUID version 7 (RFC 9562), made by the application before it writes."""

from uuid import UUID

from uuid_utils.compat import uuid7 as new_id

from billhook.errors import NotFound

__all__ = ["new_id", "parse_id"]


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
