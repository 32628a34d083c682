"""What templates can use: texts in the person's language, formats, who is here."""

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import NumberPattern, format_decimal, parse_pattern
from flask import Flask, current_app, g
from jinja2 import StrictUndefined
from markupsafe import Markup

from billhook import i18n
from billhook.money import minor_digits, to_major
from billhook.web import help_topics, navigation, notices
from billhook.web.assets import asset
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
    for each in (country, day, instant, label, minute, money, number, short_day):
        app.add_template_filter(each)
    app.add_template_global(drawn)
    app.context_processor(_surroundings)


def _surroundings() -> dict[str, object]:
    """Return what each page knows of the request; what only its frame needs, it asks for."""
    known = current_app.view_functions
    return {
        "language": i18n.current_language(),
        "direction": "rtl" if _locale().text_direction == "rtl" else "ltr",
        "visit": g.get("visit"),
        "ctx": g.get("ctx"),
        "navigation": navigation.groups,
        "help_topic": help_topics.topic(),
        "may": navigation.may,
        "known": known,
        "finds": "search.find" in known,
        "unread": notices.unread,
        "profile": "account.profile",
    }


def drawn(name: str) -> Markup:
    """Draw an icon of the sprite; it says nothing of its own."""
    if "sprite" not in g:
        g.sprite = asset("vendor/icons.svg")
    return _drawn(g.sprite, name)


@cache
def _drawn(sprite: str, name: str) -> Markup:
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(sprite, name)


def country(code: str) -> str:
    """Write the name of an ISO 3166 country in the reader's language."""
    return _locale().territories.get(code, code)


def day(date_: date) -> str:
    """Write a date in the reader's language."""
    return format_date(date_, "long", locale=_locale())


def short_day(date_: date) -> str:
    """Write a date as a column of dates has it."""
    return _short_day(date_, i18n.current_language())


@lru_cache(maxsize=4096)
def _short_day(date_: date, language: str) -> str:
    return format_date(date_, "medium", locale=_locale_of(language))


def money(minor: int, currency: str) -> str:
    """Write an amount in major units with all its decimals, the currency left to its own column."""
    return _money(minor, currency, i18n.current_language())


@lru_cache(maxsize=8192)
def _money(minor: int, currency: str, language: str) -> str:
    pattern = _pattern(minor_digits(currency))
    return pattern.apply(to_major(minor, currency), _locale_of(language))


def number(value: int | Decimal) -> str:
    """Write a count or quantity with all the decimals that it has."""
    return format_decimal(value, locale=_locale(), decimal_quantization=False)


@cache
def _pattern(digits: int) -> NumberPattern:
    return parse_pattern(f"#,##0.{'0' * digits}".rstrip("."))


def instant(moment: datetime) -> str:
    """Write an instant by the company's clock, in the reader's language; in UTC outside of one."""
    return format_datetime(moment, "medium", tzinfo=_zone(), locale=_locale())


def minute(moment: datetime) -> str:
    """Write an instant as people say when something was: by the same clock, without seconds."""
    local = moment.astimezone(_zone())
    pattern = str(_locale().datetime_formats["medium"]).replace("'", "")
    return pattern.format(
        format_time(local, "short", tzinfo=_zone(), locale=_locale()),
        format_date(local.date(), "medium", locale=_locale()),
    )


def _zone() -> tzinfo:
    ctx = g.get("ctx") or getattr(g.get("portal"), "ctx", None)
    return ZoneInfo(ctx.tenant.time_zone) if ctx else UTC


def _locale() -> Locale:
    return _locale_of(i18n.current_language())


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(language, sep="-")
