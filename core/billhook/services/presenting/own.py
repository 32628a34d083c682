"""The tenant's own fields as documents print them, under the labels that they froze."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from billhook.domain.custom_fields import FieldValue
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.texts import gettext as _

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def printed(fields: Sequence[FieldValue], formats: Formats) -> Iterator[tuple[str, str]]:
    """Return label and text of the fields that are shown to the client."""
    return ((field.label, _text(field.text, formats)) for field in fields if field.is_printed)


def _text(stored: str, formats: Formats) -> str:
    """Write a date, yes and no as the reader does; the rest stands as it was typed."""
    if _DAY.fullmatch(stored):
        try:
            return formats.day(date.fromisoformat(stored))
        except ValueError:
            return stored
    return {"yes": _("Yes"), "no": _("No")}.get(stored, stored)
