"""Amounts as people type them in their own language: “1,234.50”, “1.234,50”, “1 234,50”.

The grammar is strict: a separator of thousands stands where the language has one or
nowhere, so that no point is ever read as a comma.
"""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

from billhook.errors import BadNumber
from billhook.money import minor_digits, parse_amount

_SPACES = "\u0020\u00a0\u202f"
_APOSTROPHES = "'\u2019"
_ALIKE = (_SPACES, _APOSTROPHES)
"""Separators of thousands that one key stands for."""
_LONGEST = 40


def read_amount(text: str, currency: str, *, language: str) -> int | None:
    """Read an amount of major units into minor units; None for what is none in the language.

    Raises UnknownCurrency.
    """
    typed = text.strip()
    found = _grammar(language).fullmatch(typed) if len(typed) <= _LONGEST else None
    if found is None:
        return None
    whole = re.sub(r"[^0-9]", "", found["whole"])
    try:
        return parse_amount(f"{whole}.{found['part']}" if found["part"] else whole, currency)
    except BadNumber:
        return None


def example_amount(currency: str, *, language: str) -> str:
    """Write an amount as people of the language do, to show how it is typed."""
    pattern = f"#,##0.{'0' * minor_digits(currency)}".rstrip(".")
    shown: str = format_decimal(Decimal("1234.5"), format=pattern, locale=_locale(language))
    return shown


@lru_cache(maxsize=64)
def _grammar(language: str) -> re.Pattern[str]:
    locale = _locale(language)
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    between = next((f"[{one}]" for one in _ALIKE if group in one), re.escape(group))
    last, others = locale.decimal_formats[None].grouping
    grouped = f"[0-9]{{1,{others}}}(?:{between}[0-9]{{{others}}})*{between}[0-9]{{{last}}}"
    return re.compile(
        rf"(?P<whole>[0-9]+|{grouped})(?:{re.escape(point)}(?P<part>[0-9]+))?", re.ASCII
    )


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
