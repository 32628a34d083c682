"""Service and billing periods: half-open ranges of dates."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to and without `end`; people type and read the last day."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @classmethod
    def through(cls, start: date, last_day: date) -> "Period":
        """Make a period from what people type, both days inclusive."""
        return cls(start, last_day + timedelta(days=1))


def calendar_period(day: date, unit: Literal["month", "quarter"]) -> Period:
    """Return the calendar month or quarter that the day is in."""
    months = 1 if unit == "month" else 3
    first = (day.month - 1) // months * months
    start = date(day.year, first + 1, 1)
    following = first + months
    return Period(start, date(day.year + following // 12, following % 12 + 1, 1))
