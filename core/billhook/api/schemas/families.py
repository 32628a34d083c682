"""Parents and children of drafts and documents as the API gives them."""

from uuid import UUID

from pydantic import Field

from billhook.domain.links import LinkKind
from billhook.domain.states import DocumentType, DraftState
from billhook.sdk.api import Answer
from billhook.services.links import Family, Relative


class RelativeAnswer(Answer):
    """A draft or document that another came from, or became."""

    id: UUID
    kind: LinkKind
    part: str = Field(description="Which part of a split it is, such as A.")
    type: DocumentType
    number: str = Field(description="Of a document; empty on a draft.")
    reference: str
    customer_name: str
    draft_state: DraftState | None = Field(description="Null on a document.")
    is_void: bool

    @classmethod
    def of(cls, one: Relative) -> "RelativeAnswer":
        """Return how the API shows a relative."""
        return cls(
            id=one.id,
            kind=one.kind,
            part=one.part,
            type=one.type,
            number=one.number,
            reference=one.reference,
            customer_name=one.customer_name,
            draft_state=one.draft_state,
            is_void=one.is_void,
        )


class FamilyAnswer(Answer):
    """What one came from and what it became; drafts only for keys that may see them."""

    parents: list[RelativeAnswer]
    children: list[RelativeAnswer]

    @classmethod
    def of(cls, family: Family) -> "FamilyAnswer":
        """Return how the API shows a family."""
        return cls(
            parents=[RelativeAnswer.of(one) for one in family.parents],
            children=[RelativeAnswer.of(one) for one in family.children],
        )
