"""Work that waits, failed or recurs, as the API takes and gives it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.outbox import Work, WorkState
from billhook.services.reviving import Revived
from billhook.services.schedules import ScheduleEntry

MOST_AT_ONCE = 100


class JobsQuery(PageQuery):
    """Which work."""

    state: WorkState | None = Field(None, description="`dead` is what was given up.")
    text: str = Field(
        "", max_length=limits.CODE, description="How the name or the plugin's begins."
    )


class JobChoice(Input):
    """Which work is tried again."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)


class DeadJobs(Input):
    """Which dead work is tried again."""

    name: str | None = Field(
        None, min_length=1, max_length=limits.NAME, description="All without."
    )


class JobAnswer(Answer):
    """An event or a job."""

    id: UUID
    kind: Literal["event", "job"]
    name: str
    plugin: str = Field(description="Whose job it is; empty for the core's.")
    state: WorkState
    attempts: int
    last_error: str
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next; null when it is not.")
    done_at: datetime | None

    @classmethod
    def of(cls, work: Work) -> "JobAnswer":
        """Return how the API shows work."""
        return cls(
            id=work.id,
            kind=work.kind,
            name=work.name,
            plugin=work.plugin,
            state=work.state,
            attempts=work.attempts,
            last_error=work.last_error,
            created_at=work.created_at,
            due_at=work.due_at,
            done_at=work.done_at,
        )


class RevivedAnswer(Answer):
    """What became of work that was to be tried again."""

    tried: int
    refused: list[str] = Field(description="Why the rest was not, each reason once.")

    @classmethod
    def of(cls, done: Revived) -> "RevivedAnswer":
        """Return how the API shows it."""
        return cls(tried=done.tried, refused=list(done.refused))


class ScheduleAnswer(Answer):
    """A job that comes up by itself."""

    name: str
    plugin: str
    next_at: datetime
    is_active: bool

    @classmethod
    def of(cls, entry: ScheduleEntry) -> "ScheduleAnswer":
        """Return how the API shows a recurring job."""
        return cls(
            name=entry.name,
            plugin=entry.plugin,
            next_at=entry.next_at,
            is_active=entry.is_active,
        )
