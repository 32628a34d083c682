"""In which language a page speaks: the person's own, else what their browser asks for.

English stands in where there is no catalogue, so that a page never says that it is
in a language that it is not in.
"""

from flask import Flask, request

from billhook import i18n
from billhook.edges import during


def init_app(app: Flask) -> None:
    """Let each request begin in the language of its browser."""
    app.before_request(_listen)


def _listen() -> None:
    wanted = request.accept_languages.best_match(i18n.catalogues(), i18n.DEFAULT_LANGUAGE)
    during(i18n.spoken(wanted or i18n.DEFAULT_LANGUAGE))
