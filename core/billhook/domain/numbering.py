"""How the number of a series is printed."""

import re
from datetime import date

from billhook.i18n import gettext as _
from billhook.problems import Problem

_PLACEHOLDER = re.compile(r"\{(?:(yyyy)|(yy)|number(?::([1-9]|1[0-8]))?)\}")


def printed_number(pattern: str, number: int, issue_on: date) -> str:
    """Fill a pattern: ``INV-{yyyy}-{number:5}`` makes ``INV-2026-00042``."""

    def fill(match: re.Match[str]) -> str:
        if match[1]:
            return f"{issue_on.year:04d}"
        if match[2]:
            return f"{issue_on.year % 100:02d}"
        return str(number).zfill(int(match[3] or 1))

    return _PLACEHOLDER.sub(fill, pattern)


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


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, message=message, path="pattern")
