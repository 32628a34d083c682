"""Dates and numbers as the reader's language and country write them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import NumberPattern, parse_pattern

from billhook.domain.periods import Period
from billhook.i18n import in_country
from billhook.money import (
    CONTEXT,
    PRICE_DECIMALS,
    QUANTITY_DECIMALS,
    RATE_DECIMALS,
    minor_digits,
    to_major,
)
from billhook.services.presenting.texts import left_to_right

_SPACE = "\xa0"
_PLAIN = str.maketrans(
    {"\u202f": _SPACE, "\u2009": " ", "\u200e": None, "\u200f": None, "\u061c": None}
)
"""Fonts lack the narrow spaces; marks of direction would tear a date in a sentence apart."""
_SIGN = "¤"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one reader's numbers look. Nothing here rounds: it shows what is stored."""

    locale: Locale
    currency: str

    def day(self, day: date) -> str:
        return left_to_right(_plain(format_date(day, "medium", locale=self.locale)))

    def days(self, period: Period) -> str:
        """Write a period by its first and last day, both inclusive."""
        if period.start == period.last_day:
            return self.day(period.start)
        days = format_interval(period.start, period.last_day, "yMMMd", locale=self.locale)
        return left_to_right(_plain(days))

    def amount(self, minor: int) -> str:
        """Write an amount of the document's currency with all its decimals, without the code."""
        return self._amount(minor, self.currency)

    def money(self, minor: int, currency: str = "") -> str:
        """Write an amount with its ISO 4217 code, which says more than a sign can."""
        code = currency or self.currency
        amount = self._amount(minor, code)
        pattern = self.locale.currency_formats["standard"].pattern
        is_before = pattern.index(_SIGN) < pattern.index("0")
        return f"{code}{_SPACE}{amount}" if is_before else f"{amount}{_SPACE}{code}"

    def price(self, price: Decimal) -> str:
        """Write a unit price: the currency's decimals, and up to 12 where it has more."""
        digits = minor_digits(self.currency)
        return self._number(price, digits, max(digits, PRICE_DECIMALS))

    def quantity(self, quantity: Decimal) -> str:
        return self._number(quantity, 0, QUANTITY_DECIMALS)

    def rate(self, rate: Decimal) -> str:
        """Write a rate of exchange."""
        return self._number(rate, 0, PRICE_DECIMALS)

    def percent(self, percent: Decimal) -> str:
        pattern = _pattern(self.locale.percent_formats[None].pattern, 0, RATE_DECIMALS)
        share = CONTEXT.scaleb(percent, Decimal(-2))
        return _plain(pattern.apply(share, self.locale))

    def country(self, code: str) -> str:
        """Write the name of an ISO 3166 country."""
        return self.locale.territories.get(code, code)

    def _amount(self, minor: int, currency: str) -> str:
        digits = minor_digits(currency)
        return self._number(to_major(minor, currency), digits, digits)

    def _number(self, value: Decimal, least: int, most: int) -> str:
        pattern = _pattern(self.locale.decimal_formats[None].pattern, least, most)
        return _plain(pattern.apply(value, self.locale))


@lru_cache(maxsize=512)
def _pattern(written: str, least: int, most: int) -> NumberPattern:
    pattern = parse_pattern(written)
    pattern.frac_prec = (least, most)
    return pattern


def _plain(text: str) -> str:
    return text.translate(_PLAIN)


@lru_cache(maxsize=1024)
def locale_of(language: str, country: str) -> Locale:
    """Return the locale of a language as a country writes it, where Babel knows it so."""
    for tag in (in_country(language, country), language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")
