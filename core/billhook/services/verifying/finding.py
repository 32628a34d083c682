"""What a check reports."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first record that is not as it should be."""

    record: str
    """What it is, in the reader's terms: a printed number, a sequence, an id."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many records were read, and the first that is broken."""

    count: int
    broken: Broken | None = None


def first_broken(results: Iterable[Broken | None]) -> Checked:
    """Count the records, up to the first that is broken."""
    count = 0
    for broken in results:
        count += 1
        if broken:
            return Checked(count=count, broken=broken)
    return Checked(count=count)
