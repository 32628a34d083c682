"""Which time zones a country has, by the tz database's own table."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@cache
def time_zones(country: str) -> tuple[str, ...]:
    """Return the zones of an ISO 3166-1 country; none where it is unknown."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line[:1] != "#")
    return tuple(row[2] for row in rows if row[0] == country)


@cache
def only_time_zone(country: str) -> str | None:
    """Return the zone of a country whose clocks all agree; None where one must be chosen."""
    zones = time_zones(country)
    return zones[0] if len({_offsets(zone) for zone in zones}) == 1 else None


def _offsets(zone: str) -> tuple[object, ...]:
    """Compare zones by the rules that hold now: a day in winter, one in summer."""
    days = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))
    return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days)
