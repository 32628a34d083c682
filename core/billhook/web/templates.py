"""What templates can use: texts in the person's language, formats, who is here."""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g
from jinja2 import StrictUndefined

from billhook import i18n
from billhook.money import minor_digits, to_major
from billhook.web import navigation
from billhook.web.labels import label


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
    for each in (country, day, instant, label, money, short_day):
        app.add_template_filter(each)
    app.context_processor(_surroundings)


def _surroundings() -> dict[str, object]:
    """Return what each page knows of the request."""
    return {
        "language": i18n.current_language(),
        "visit": g.get("visit"),
        "ctx": g.get("ctx"),
        "navigation": navigation.entries(),
        "may": navigation.may,
    }


def country(code: str) -> str:
    """Write the name of an ISO 3166 country in the reader's language."""
    return _locale().territories.get(code, code)


def day(date_: date) -> str:
    """Write a date in the reader's language."""
    return format_date(date_, "long", locale=_locale())


def short_day(date_: date) -> str:
    """Write a date as a column of dates has it."""
    return format_date(date_, "medium", locale=_locale())


def money(minor: int, currency: str) -> str:
    """Write an amount in major units with all its decimals, the currency left to its own column."""
    pattern = f"#,##0.{'0' * minor_digits(currency)}".rstrip(".")
    return format_decimal(to_major(minor, currency), format=pattern, locale=_locale())


def instant(moment: datetime) -> str:
    """Write an instant by the company's clock, in the reader's language; in UTC outside of one."""
    return format_datetime(moment, "medium", tzinfo=_zone(), locale=_locale())


def _zone() -> tzinfo:
    ctx = g.get("ctx")
    return ZoneInfo(ctx.tenant.time_zone) if ctx else UTC


def _locale() -> Locale:
    return Locale.parse(i18n.current_language(), sep="-")
