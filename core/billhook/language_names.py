"""Languages as people choose them: by their own names, and how the reader calls them."""

from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError

from billhook import i18n


def language_choices(*present: str) -> list[tuple[str, str]]:
    """Return the languages that documents have words in, and those that are chosen already."""
    codes = dict.fromkeys([*(code for code in present if code), *_spoken()])
    return sorted(((code, language_name(code)) for code in codes), key=lambda one: one[1])


def language_name(code: str) -> str:
    """Return a language's name for the reader, with its own where that differs.

    What is no language, as somebody may have typed it, stands for itself.
    """
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code
    named = locale.get_display_name(i18n.current_language().replace("-", "_")) or code
    own = locale.get_display_name(locale) or named
    return named if named.casefold() == own.casefold() else f"{named} – {own}"


@cache
def _spoken() -> tuple[str, ...]:
    folder = files("billhook.services.presenting") / "translations"
    found = [one.name.replace("_", "-") for one in folder.iterdir() if one.is_dir()]
    return tuple(sorted({"en", *found}))
