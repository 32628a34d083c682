"""The dated rate table: which percent a place charges for a category on a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from billhook.domain.tax import ComponentKind
from billhook.money import RATE_DECIMALS, parse_decimal
from billhook_tax_rules.tables import Validity, rows, validity

STANDARD = "standard"
ZERO = "zero"
EXEMPT = "exempt"
"""The one category that has no rate anywhere."""

COVERED_FROM = date(2008, 1, 1)
"""The first day for which the table claims to be whole, where a country's tax is that old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of the table."""

    country: str
    subdivision: str
    tax: str
    category: str
    percent: Decimal
    validity: Validity
    source: str
    kind: ComponentKind = ComponentKind.PLAIN


@cache
def rate_table() -> tuple[Rate, ...]:
    """Return all rates, in the file's order."""
    return tuple(_rate(row) for row in rows("rates.csv"))


def rate_on(country: str, category: str, day: date, *, subdivision: str = "") -> Rate | None:
    """Find the rate in force, or None where the table has none.

    A region with rows of its own never falls back on its country: a rate that is
    missing there is missing.
    """
    region = subdivision if has_own_rates(country, subdivision) else ""
    candidates = _by_place().get((country, region, category), ())
    return next((rate for rate in candidates if day in rate.validity), None)


def rates_on(country: str, day: date) -> list[Rate]:
    """Return all rates of a country and its regions that are in force."""
    return [rate for rate in rate_table() if rate.country == country and day in rate.validity]


@cache
def countries() -> frozenset[str]:
    """Return the countries that the table knows, by themselves or by their regions."""
    return frozenset(rate.country for rate in rate_table())


def has_own_rates(country: str, subdivision: str = "") -> bool:
    """Tell whether the table knows the country, or the region by itself."""
    return (country, subdivision) in _places()


@cache
def _places() -> frozenset[tuple[str, str]]:
    return frozenset((rate.country, rate.subdivision) for rate in rate_table())


@cache
def _by_place() -> dict[tuple[str, str, str], tuple[Rate, ...]]:
    found: dict[tuple[str, str, str], tuple[Rate, ...]] = {}
    for rate in rate_table():
        key = (rate.country, rate.subdivision, rate.category)
        found[key] = (*found.get(key, ()), rate)
    return found


def _rate(row: dict[str, str]) -> Rate:
    return Rate(
        country=row["country"],
        subdivision=row["subdivision"],
        tax=row["tax"],
        category=row["category"],
        percent=parse_decimal(row["rate"], decimals=RATE_DECIMALS),
        validity=validity(row),
        source=row["source"],
        kind=ComponentKind(row["kind"] or ComponentKind.PLAIN),
    )
