"""In which language a page speaks: the person's own, else what their browser asks for.

English stands in where there is no catalogue, so that a page never says that it is
in a language that it is not in.
"""

from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files

from flask import Flask, request

from billhook import i18n
from billhook.edges import during


def init_app(app: Flask) -> None:
    """Let each request begin in the language of its browser."""
    app.before_request(_listen)


def of(code: str) -> AbstractContextManager[None]:
    """Return a block in which texts are in a person's language."""
    return i18n.language(code if code.split("-")[0] in catalogues() else i18n.DEFAULT_LANGUAGE)


@cache
def catalogues() -> tuple[str, ...]:
    """Return the languages that the pages have texts in, English first."""
    folder = files("billhook") / "translations"
    found = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    return (i18n.DEFAULT_LANGUAGE, *(code for code in found if code != i18n.DEFAULT_LANGUAGE))


def _listen() -> None:
    wanted = request.accept_languages.best_match(catalogues(), i18n.DEFAULT_LANGUAGE)
    during(of(wanted or i18n.DEFAULT_LANGUAGE))
