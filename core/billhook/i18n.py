"""Texts for people, by gettext, with or without a web request.

The language in force is a context variable: the web sets it per request, the
command line per command, a job from its tenant. A plugin's texts live in a
gettext domain of the plugin's name.

Catalogues are read as they are written, from ``.po`` files, once per process: no
installation compiles anything, and none can be out of date.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy, NullTranslations, Translations

DEFAULT_LANGUAGE = "en"
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)

Translator = Callable[..., str]


@contextmanager
def language(code: str) -> Iterator[None]:
    """Let texts be in the language while the block runs."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> str:
    """Return the language in force, an IETF tag such as ``de`` or ``de-CH``."""
    return _language.get()


def spoken(code: str) -> AbstractContextManager[None]:
    """Return a block in which texts are in a person's language, in English where there is no catalogue."""
    return language(code if code.split("-")[0] in catalogues() else DEFAULT_LANGUAGE)


@cache
def in_country(code: str, country: str) -> str:
    """Return a language as a country writes it: ``de`` in CH is ``de-CH``; unchanged where Babel knows none."""
    if "-" in code or not country:
        return code
    tag = f"{code}-{country}"
    with suppress(UnknownLocaleError, ValueError):
        Locale.parse(tag, sep="-")
        return tag
    return code


@cache
def catalogues() -> tuple[str, ...]:
    """Return the languages that the pages have texts in, English first."""
    folder = files("billhook") / "translations"
    found = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    return (DEFAULT_LANGUAGE, *(code for code in found if code != DEFAULT_LANGUAGE))


def translator(package: str, domain: str) -> Translator:
    """Return the gettext function of a package's own texts.

    Named placeholders are filled by keyword: ``_("Sent to %(name)s", name=…)``.
    """

    def translate(message: str, **values: object) -> str:
        text: str = _translations(package, domain, _language.get()).ugettext(message)
        return text % values if values else text

    return translate


@lru_cache(maxsize=256)
def _translations(package: str, domain: str, code: str) -> NullTranslations:
    """Return the texts of a language, else of its parent ("de" for "de-CH"), else none."""
    folder = Path(str(files(package))) / "translations"
    for locale in (code.replace("-", "_"), code.split("-")[0]):
        path = folder / locale / "LC_MESSAGES" / f"{domain}.po"
        if path.is_file():
            return _compiled(path, domain)
    return NullTranslations()


def _compiled(path: Path, domain: str) -> Translations:
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled, domain)


gettext = translator("billhook", "billhook")


def lazy_gettext(message: str, **values: object) -> LazyProxy:
    """Return a text that is translated when it is shown, for module constants."""
    return LazyProxy(gettext, message, enable_cache=False, **values)


def ngettext(singular: str, plural: str, count: int, **values: object) -> str:
    """Return the text for a count, which fills ``%(count)s``."""
    return plural_form(singular, plural, count) % {"count": count, **values}


def plural_form(singular: str, plural: str, count: int) -> str:
    """Return the text for a count with its placeholders unfilled, as templates want it."""
    found = _translations("billhook", "billhook", _language.get())
    text: str = found.ungettext(singular, plural, count)
    return text
