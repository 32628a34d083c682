"""The tables of the package: CSV files whose rows hold from one day up to another.

``valid_from`` is the first day of a row and ``valid_to`` the first day on which it
no longer holds; an empty ``valid_to`` means until further notice.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

_DATA = files("billhook_tax_rules") / "data"


@dataclass(frozen=True, slots=True)
class Validity:
    """A half-open range of days; without an end it holds until further notice."""

    start: date
    end: date | None

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    @property
    def last_day(self) -> date | None:
        """The end, as people read it."""
        return self.end - timedelta(days=1) if self.end else None


def rows(name: str) -> Iterator[dict[str, str]]:
    """Read a table of the package by its file name."""
    yield from csv.DictReader((_DATA / name).read_text(encoding="utf-8").splitlines())


def validity(row: dict[str, str]) -> Validity:
    """Read the two dates of a row."""
    end = row["valid_to"]
    return Validity(
        date.fromisoformat(row["valid_from"]), date.fromisoformat(end) if end else None
    )


@cache
def sources() -> dict[str, str]:
    """Return the title of each publication or act that the rate table rests on."""
    return {row["key"]: row["title"] for row in rows("sources.csv")}


@cache
def iso_countries() -> frozenset[str]:
    """Return the country codes of ISO 3166-1 (alpha-2)."""
    return frozenset((_DATA / "countries.txt").read_text(encoding="ascii").split())


@cache
def withholding_keys() -> tuple[str, ...]:
    """Return the keys of the withholding schemes, in their file's order."""
    return tuple(dict.fromkeys(row["key"] for row in rows("withholding.csv")))
