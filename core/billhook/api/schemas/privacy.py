"""What an erasure takes, as the API gives it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from billhook.sdk.api import Answer
from billhook.services.erasing import ErasurePlan


class ErasureAnswer(Answer):
    """What an erasure takes on this day."""

    customer_id: UUID
    contacts: int
    notes: int
    deliveries: int = Field(description="Whose addresses go.")
    documents: int = Field(description="Issued to the customer.")
    last_issue_on: date | None
    retention_years: int
    whole_from: date | None = Field(
        description="The first day on which everything may go (Art. 17(3)(b) GDPR); null where no document keeps it."
    )
    is_whole: bool = Field(description="Whether everything goes.")
    erased_at: datetime | None = Field(
        description="When an erasure took what it could before; null where none did."
    )
    obstacles: list[str] = Field(description="What must be done first.")

    @classmethod
    def of(cls, plan: ErasurePlan) -> "ErasureAnswer":
        """Return how the API shows what an erasure takes."""
        return cls(
            customer_id=plan.customer_id,
            contacts=plan.contacts,
            notes=plan.notes,
            deliveries=plan.deliveries,
            documents=plan.documents,
            last_issue_on=plan.last_issue_on,
            retention_years=plan.retention_years,
            whole_from=plan.whole_from,
            is_whole=plan.is_whole,
            erased_at=plan.erased_at,
            obstacles=list(plan.obstacles),
        )
