"""Runs that verify the books, as the API gives them."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook.sdk.api import Answer
from billhook.services.verification_runs import CheckOutcome, VerificationRun


class CheckAnswer(Answer):
    """What one check found."""

    name: str
    label: str
    count: int = Field(description="Records that were read.")
    broken: str = Field(description="The first that is not as it should be; empty where none is.")

    @classmethod
    def of(cls, one: CheckOutcome) -> "CheckAnswer":
        """Return how the API shows a check."""
        return cls(name=one.name, label=one.label, count=one.count, broken=one.broken)


class VerificationAnswer(Answer):
    """A run that recomputes all that the books promise."""

    id: UUID
    started_at: datetime
    state: Literal["running", "whole", "broken", "failed"]
    checks: list[CheckAnswer] = Field(description="Those that are done.")
    total: int = Field(description="How many checks a run has.")
    failure: str = Field(description="Why it was given up.")

    @classmethod
    def of(cls, run: VerificationRun) -> "VerificationAnswer":
        """Return how the API shows a run."""
        return cls(
            id=run.id,
            started_at=run.started_at,
            state=_state(run),
            checks=[CheckAnswer.of(one) for one in run.outcomes],
            total=run.total,
            failure=run.failure,
        )


def _state(run: VerificationRun) -> Literal["running", "whole", "broken", "failed"]:
    if run.is_running:
        return "running"
    if run.failure:
        return "failed"
    return "whole" if run.is_whole else "broken"
