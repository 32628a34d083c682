"""Duplicates of customers as the API takes and gives them."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import Field

from billhook.api.schemas.customers import CustomerAnswer
from billhook.sdk.api import Answer, Input
from billhook.services.customer_merging import MergePreview, Part, Side
from billhook.services.duplicates import Alike, Group, Likeness


class AlikeAnswer(Answer):
    """A customer that may be the same as another."""

    id: UUID
    reference: str
    name: str
    city: str
    email: str
    tax_number: str

    @classmethod
    def of(cls, alike: Alike) -> "AlikeAnswer":
        """Return how the API shows a likely duplicate."""
        return cls(**{name: getattr(alike, name) for name in Alike.__dataclass_fields__})


class DuplicatesAnswer(Answer):
    """Customers that share something, the oldest first: usually the one to keep."""

    likeness: Likeness = Field(description="What they share; `name` is name and postal code.")
    value: str
    customers: list[AlikeAnswer]

    @classmethod
    def of(cls, group: Group) -> "DuplicatesAnswer":
        """Return how the API shows a group."""
        return cls(
            likeness=group.likeness,
            value=group.value,
            customers=[AlikeAnswer.of(one) for one in group.customers],
        )


class WantedMerge(Input):
    """Which customer takes a duplicate's place."""

    into_id: UUID = Field(description="The customer that is kept.")


class Merge(WantedMerge):
    """Which customer takes a duplicate's place, for good."""

    into_version: int | None = Field(
        None, ge=1, le=999_999_999, description="Refused where it has another by now."
    )


class SideAnswer(Answer):
    """One of the two, as they are compared."""

    id: UUID
    reference: str
    name: str
    country: str
    city: str
    email: str
    tax_number: str
    currency: str
    is_active: bool
    version: int

    @classmethod
    def of(cls, side: Side) -> "SideAnswer":
        """Return how the API shows one of the two."""
        return cls(**{name: getattr(side, name) for name in Side.__dataclass_fields__})


class MergePreviewAnswer(Answer):
    """What a merge would move."""

    kept: SideAnswer
    duplicate: SideAnswer
    moves: Mapping[Part, int] = Field(description="How much of what is moved.")
    documents: int = Field(
        description="Issued ones of the duplicate: they stay under its name, and are shown with the kept one."
    )
    warnings: list[str]
    obstacle: str = Field(description="Why the two cannot become one; empty where they can.")

    @classmethod
    def of(cls, preview: MergePreview) -> "MergePreviewAnswer":
        """Return how the API shows what a merge would move."""
        return cls(
            kept=SideAnswer.of(preview.kept),
            duplicate=SideAnswer.of(preview.duplicate),
            moves=dict(preview.moves),
            documents=preview.documents,
            warnings=list(preview.warnings),
            obstacle=preview.obstacle,
        )


class MergedAnswer(Answer):
    """What a merge moved, and the customer that was kept."""

    customer: CustomerAnswer
    moves: Mapping[Part, int]
