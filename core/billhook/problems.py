"""What a person can correct, as values that travel to the field at fault."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the act; a warning is shown and the act goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding: a stable code, where it is, and what to do about it."""

    code: str
    message: str
    path: str = ""
    severity: Severity = Severity.ERROR


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Keep the problems that stop the act."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
