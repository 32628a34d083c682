"""How the number of a series is printed."""

import re
from datetime import date
from functools import lru_cache

from billhook.i18n import gettext as _
from billhook.problems import Problem

_NUMBER = re.compile(r"\{number(?::([1-9]|1[0-8]))?\}")
_PLACEHOLDER = re.compile(rf"\{{yyyy\}}|\{{yy\}}|{_NUMBER.pattern}")
_DIGITS = re.compile(r"((?:[0-9]|\{[^{}]*\})+)")
"""Where digits stand, written out or filled in."""


def printed_number(pattern: str, number: int, issue_on: date) -> str:
    """Fill a pattern: ``INV-{yyyy}-{number:5}`` makes ``INV-2026-00042``."""
    before, width, after = _filled(pattern, issue_on.year)
    return f"{before}{str(number).zfill(width)}{after}"


@lru_cache(maxsize=1024)
def _filled(pattern: str, year: int) -> tuple[str, int, str]:
    """Return what stands before and after the number, and its width: a run asks for it often."""
    dated = pattern.replace("{yyyy}", f"{year:04d}").replace("{yy}", f"{year % 100:02d}")
    found = _NUMBER.search(dated)
    if found is None:
        raise ValueError(f"The pattern {pattern!r} has no number; pattern_problems refuses it.")
    return dated[: found.start()], int(found[1] or 1), dated[found.end() :]


def pattern_problems(pattern: str, *, restarts_yearly: bool) -> list[Problem]:
    """Refuse a pattern whose printed numbers could repeat or not be read."""
    found: list[Problem] = []
    if len(re.findall(r"\{number", pattern)) != 1:
        found.append(
            _problem("series.pattern_number", _("Put {number} into the pattern exactly once."))
        )
    if re.search(r"[{}]", _PLACEHOLDER.sub("", pattern)):
        found.append(
            _problem(
                "series.pattern_unknown",
                _(
                    "The pattern takes {yyyy}, {yy}, {number} and {number:5}, nothing else in braces."
                ),
            )
        )
    if restarts_yearly and not re.search(r"\{yy(yy)?\}", pattern):
        found.append(
            _problem(
                "series.pattern_year",
                _("A series that restarts each year needs {yyyy} or {yy} in its pattern."),
            )
        )
    if len(pattern) > 60 or not pattern.isprintable():
        found.append(
            _problem("series.pattern_length", _("A pattern has at most 60 printable characters."))
        )
    return found


def may_collide(one: str, other: str) -> bool:
    """Tell whether two patterns can print the same: their letters agree, and their digits may."""
    ours, theirs = _DIGITS.split(one.casefold()), _DIGITS.split(other.casefold())
    return len(ours) == len(theirs) and all(
        mine == yours or (place % 2 == 1 and "{" in mine + yours)
        for place, (mine, yours) in enumerate(zip(ours, theirs, strict=True))
    )


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, message=message, path="pattern")
