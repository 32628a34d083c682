"""Texts of documents and mails, by gettext, in the catalogue `documents` beside this module.

It is apart from the application's own texts, so that a language is complete here
before all screens are translated.
"""

from functools import cache

from babel import Locale
from babel.core import UnknownLocaleError

from billhook.i18n import current_language, translator

LANGUAGES = ("en", "de", "es", "fr")
"""What documents can be written in; others get English words and dates."""

_LEFT_TO_RIGHT, _EITHER_WAY, _END = "\u2066", "\u2068", "\u2069"

_translate = translator("billhook.services.presenting", "documents")


def gettext(message: str, **values: object) -> str:
    """Return a text in the language in force, its named placeholders filled.

    English that stands in for a right-to-left language is set apart (Unicode
    Bidirectional Algorithm, isolates), so that it reads from left to right there.
    """
    text = _translate(message)
    if text != message or not is_right_to_left(current_language()):
        return text % values if values else text
    apart = {name: f"{_EITHER_WAY}{value}{_END}" for name, value in values.items()}
    return f"{_LEFT_TO_RIGHT}{text % apart if apart else text}{_END}"


def written_in(language: str) -> str:
    """Return the language of a document's words: its own where it is translated, else English."""
    return language if language.partition("-")[0] in LANGUAGES else "en"


def left_to_right(text: str) -> str:
    """Set a number such as a telephone's apart where the language would turn its groups round."""
    if text and is_right_to_left(current_language()):
        return f"{_LEFT_TO_RIGHT}{text}{_END}"
    return text


def without_isolates(text: str) -> str:
    """Return a text for places that take printable characters only, such as a subject."""
    return text.translate(dict.fromkeys(map(ord, (_LEFT_TO_RIGHT, _EITHER_WAY, _END))))


@cache
def is_right_to_left(language: str) -> bool:
    """Tell whether a language is written from right to left."""
    try:
        return bool(Locale.parse(language, sep="-").text_direction == "rtl")
    except (UnknownLocaleError, ValueError):
        return False
