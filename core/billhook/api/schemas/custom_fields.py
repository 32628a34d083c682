"""The company's own fields as the API takes and gives them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.sdk.api import Answer, Input, Query
from billhook.services.field_definitions import MOST_CHOICES, Direction, FieldEntry


class CustomFieldsQuery(Query):
    """Which fields."""

    subject: FieldSubject | None = None
    state: Literal["active", "laid_aside"] | None = None


class CustomFieldChanges(Input):
    """What a field asks for; what is left out stays."""

    label: str | None = Field(None, max_length=limits.NAME, examples=["Cost centre"])
    kind: FieldKind | None = Field(None, description="Fixed once there are values.")
    choices: list[Annotated[str, Field(max_length=limits.NAME)]] | None = Field(
        None, max_length=MOST_CHOICES, description="What can be chosen, where the kind is choice."
    )
    is_required: bool | None = None
    is_printed: bool | None = Field(
        None, description="Whether documents show it; never for fields of products."
    )


class NewCustomField(Input):
    """A field to be."""

    subject: FieldSubject
    label: str = Field(min_length=1, max_length=limits.NAME, examples=["Cost centre"])
    kind: FieldKind = FieldKind.TEXT
    choices: list[Annotated[str, Field(max_length=limits.NAME)]] = Field(
        [], max_length=MOST_CHOICES
    )
    is_required: bool = False
    is_printed: bool = False


class FieldMove(Input):
    """Which way a field goes."""

    direction: Direction


class CustomFieldAnswer(Answer):
    """A field that the company added."""

    id: UUID
    subject: FieldSubject
    key: str = Field(description="Names it in `fields` of customers, products, drafts and lines.")
    label: str
    kind: FieldKind
    choices: list[str]
    is_required: bool
    is_printed: bool
    is_active: bool = Field(
        description="Whether it is asked for; one laid aside keeps its values."
    )
    position: int
    version: int

    @classmethod
    def of(cls, entry: FieldEntry) -> "CustomFieldAnswer":
        """Return how the API shows a field."""
        found = entry.definition
        return cls(
            id=entry.id,
            subject=found.subject,
            key=found.key,
            label=found.label,
            kind=found.kind,
            choices=list(found.choices),
            is_required=found.is_required,
            is_printed=found.is_printed,
            is_active=found.is_active,
            position=entry.position,
            version=entry.version,
        )
