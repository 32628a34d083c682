"""What templates can use: texts in the person's language, formats, who is here."""

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
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
        i18n.gettext, lambda one, many, count: i18n.ngettext(one, many, count), newstyle=True
    )
    app.add_template_filter(instant)
    app.context_processor(
        lambda: {"language": i18n.current_language(), "visit": g.get("visit"), "ctx": g.get("ctx")}
    )
    folder = Path(app.static_folder or "")
    app.url_defaults(lambda endpoint, values: _stamp(folder, endpoint, values))


def instant(moment: datetime, time_zone: str = "UTC") -> str:
    """Write an instant in the reader's language, in a time zone."""
    return format_datetime(
        moment, "medium", tzinfo=ZoneInfo(time_zone), locale=_locale(i18n.current_language())
    )


def _locale(code: str) -> str:
    return code.replace("-", "_")


def _stamp(folder: Path, endpoint: str, values: dict[str, object]) -> None:
    """Add the hash of a static file to its address, so that browsers may keep it."""
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", _hash(folder / str(values["filename"])))


@cache
def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
