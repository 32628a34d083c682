"""What templates can use: texts in the person's language, formats, who is here."""

from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from flask import Flask, g
from jinja2 import StrictUndefined

from billhook import i18n


def init_app(app: Flask) -> None:
    """Set up Jinja."""
    app.jinja_options = {
        "extensions": ["jinja2.ext.i18n"],
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.plural_form, newstyle=True
    )
    for each in (country, day, instant):
        app.add_template_filter(each)
    app.context_processor(
        lambda: {"language": i18n.current_language(), "visit": g.get("visit"), "ctx": g.get("ctx")}
    )
    folder = Path(app.static_folder or "")
    app.url_defaults(lambda endpoint, values: _stamp(folder, endpoint, values))


def country(code: str) -> str:
    """Write the name of an ISO 3166 country in the reader's language."""
    return _locale().territories.get(code, code)


def day(date_: date) -> str:
    """Write a date in the reader's language."""
    return format_date(date_, "long", locale=_locale())


def instant(moment: datetime) -> str:
    """Write an instant of UTC in the reader's language."""
    return format_datetime(moment, "medium", tzinfo=UTC, locale=_locale())


def _locale() -> Locale:
    return Locale.parse(i18n.current_language(), sep="-")


def _stamp(folder: Path, endpoint: str, values: dict[str, object]) -> None:
    """Add the hash of a static file to its address, so that browsers may keep it."""
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", _hash(folder / str(values["filename"])))


@cache
def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
