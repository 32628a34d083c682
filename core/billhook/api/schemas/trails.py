"""What happened to a document, as the API gives it."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from billhook.domain.links import LinkKind
from billhook.sdk.api import Answer
from billhook.services.delivering.trail import StepKind
from billhook.services.document_trail import EventKind, TrailEvent


class TrailEventAnswer(Answer):
    """One thing that happened."""

    happened_at: datetime
    kind: EventKind
    detail: str = Field(description="A number, a file's name, an address, a person's name.")
    reason: str
    related_id: UUID | None = Field(description="The other document, draft or delivery.")
    step: StepKind | None = Field(description="Of a delivery.")
    link: LinkKind | None
    part: str
    rules: str = Field(description="By which a file was checked.")

    @classmethod
    def of(cls, event: TrailEvent) -> "TrailEventAnswer":
        """Return how the API shows what happened."""
        return cls(
            happened_at=event.happened_at,
            kind=event.kind,
            detail=event.detail,
            reason=event.reason,
            related_id=event.related_id,
            step=event.step,
            link=event.link,
            part=event.part,
            rules=event.rules,
        )


class TrailAnswer(Answer):
    """All that happened, oldest first."""

    data: list[TrailEventAnswer]
