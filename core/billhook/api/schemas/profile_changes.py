"""What clients want changed about themselves, as the API takes and gives it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.profile_changes import ChangeEntry, ChangeState
from billhook.services.profile_fields import FIELDS

FieldName = Literal[
    "name",
    "address",
    "tax_number",
    "legal_id",
    "email",
    "phone",
    "contact_name",
    "purchase_order",
    "buyer_reference",
    "electronic_address",
    "language",
]
_WHICH = "The fields that are decided on; the others go on waiting. Null for all that wait."


class ProfileChangeQuery(PageQuery):
    """Which changes are wanted."""

    state: ChangeState | None = Field(None, description="Left out, all of them.")
    customer_id: UUID | None = None


class ProfileChangeApproval(Input):
    """What is taken over."""

    fields: list[FieldName] | None = Field(
        None, min_length=1, max_length=len(FIELDS), description=_WHICH
    )
    customer_version: int | None = Field(
        None,
        ge=0,
        le=999_999_999,
        description="The `customer_version` of the answer in which you compared what is stored "
        "now. Without it, fields that somebody changed since the client asked are refused "
        "with 409.",
    )


class ProfileChangeRefusal(Input):
    """What is refused, and why."""

    reason: str = Field(min_length=1, max_length=limits.REASON, description="The client reads it.")
    fields: list[FieldName] | None = Field(
        None, min_length=1, max_length=len(FIELDS), description=_WHICH
    )


class ChangedValue(Answer):
    """One value that a client wants changed."""

    field: FieldName = Field(description="Values of one field are decided on together.")
    name: str = Field(description="The customer's field, as `/customers` has it.")
    known: str = Field(description="What it was when the client asked.")
    present: str = Field(description="What it is now.")
    wanted: str


class ProfileChangeAnswer(Answer):
    """What a client wants changed about itself."""

    id: UUID
    customer_id: UUID
    customer: str = Field(description="The customer's reference.")
    customer_version: int = Field(description="In which `present` was read.")
    contact_id: UUID = Field(description="Who asked.")
    state: ChangeState
    asked_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None = Field(description="Null where the client took it back.")
    reason: str = Field(description="Why it was refused; empty where it was not.")
    values: list[ChangedValue]

    @classmethod
    def of(cls, entry: ChangeEntry) -> "ProfileChangeAnswer":
        """Return how the API shows a change."""
        return cls(
            id=entry.id,
            customer_id=entry.customer_id,
            customer=entry.customer,
            customer_version=entry.version,
            contact_id=entry.contact_id,
            state=entry.state,
            asked_at=entry.asked_at,
            decided_at=entry.decided_at,
            decided_by=entry.decided_by,
            reason=entry.reason,
            values=[
                ChangedValue.model_validate(
                    {
                        "field": field.name,
                        "name": column.column,
                        "known": column.known,
                        "present": column.present,
                        "wanted": column.wanted,
                    }
                )
                for field in entry.fields
                for column in field.columns
            ],
        )
