"""What is told of something that was done nevertheless, or stands against it."""

from collections.abc import Iterable

from pydantic import Field

from billhook.problems import Problem, Severity
from billhook.sdk.api import Answer


class Remark(Answer):
    """What to know of it, and what to do."""

    code: str = Field(description="Stable, for programs.")
    field: str = Field(description="What it is about; may be empty.")
    message: str
    severity: Severity

    @classmethod
    def of(cls, problem: Problem) -> "Remark":
        """Return how the API shows a problem that refuses nothing."""
        return cls(
            code=problem.code,
            field=problem.path,
            message=problem.message,
            severity=problem.severity,
        )


def remarks(problems: Iterable[Problem]) -> list[Remark]:
    """Return how the API shows several."""
    return [Remark.of(one) for one in problems]
