"""Periods as short texts in addresses: 2026, 2026-Q3, 2026-07."""

import re
from collections.abc import Iterator
from datetime import date

from billhook.domain.periods import Period, calendar_period

_NAMED = re.compile(r"([1-9][0-9]{3})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)


def named_period(name: str) -> Period | None:
    """Return the year, quarter or month of a name; None where it is none."""
    found = _NAMED.fullmatch(name)
    if found is None:
        return None
    year, quarter, month = found.groups()
    if quarter:
        return calendar_period(date(int(year), 3 * int(quarter), 1), "quarter")
    if month:
        return calendar_period(date(int(year), int(month), 1), "month")
    return Period.through(date(int(year), 1, 1), date(int(year), 12, 31))


def months(first: date, last: date) -> Iterator[str]:
    """Name the months of a span, the last first."""
    count = (last.year - first.year) * 12 + last.month - first.month
    for back in range(count + 1):
        year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
        yield f"{year}-{month + 1:02}"


def quarters(first: date, last: date) -> Iterator[str]:
    """Name the quarters of a span, the last first."""
    yield from dict.fromkeys(
        f"{name[:4]}-Q{(int(name[5:]) + 2) // 3}" for name in months(first, last)
    )


def years(first: date, last: date) -> Iterator[str]:
    """Name the years of a span, the last first."""
    yield from map(str, range(last.year, first.year - 1, -1))
