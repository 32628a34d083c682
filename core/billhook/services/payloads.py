"""What rows carry as JSON: plain, and bounded."""

from collections.abc import Mapping
from typing import Any

import orjson

from billhook import limits
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem


def plain_json(
    name: str, payload: Mapping[str, Any], *, most: int = limits.PAYLOAD_BYTES
) -> dict[str, Any]:
    """Return the payload as it comes back from JSON, with ids and dates as texts.

    Raises ValidationFailed when it is too large.
    """
    text = orjson.dumps(dict(payload))
    if len(text) > most:
        raise ValidationFailed([_too_large(name, len(text), most)])
    plain: dict[str, Any] = orjson.loads(text)
    return plain


def _too_large(name: str, size: int, most: int) -> Problem:
    return Problem(
        code="payload.too_large",
        path=name,
        message=_(
            "“%(name)s” carries %(size)s bytes; %(limit)s is the most. Store the data and let "
            "it carry the id.",
            name=name,
            size=size,
            limit=most,
        ),
    )
