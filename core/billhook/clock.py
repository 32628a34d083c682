"""The only reader of the clock. Everything else is handed a Clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the instant; dates follow from it and a time zone."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, moved forward by a sandbox tenant's offset."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@dataclass(slots=True)
class FixedClock:
    """A clock for tests: it stands until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def move(self, by: timedelta) -> None:
        self.instant += by


def today(clock: Clock, time_zone: str) -> date:
    """Return the calendar date of a time zone."""
    return clock.now().astimezone(ZoneInfo(time_zone)).date()
