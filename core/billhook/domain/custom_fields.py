"""Fields that a tenant adds of its own, and their values.

A value is text in one form per kind: a number in plain digits, a date as ISO 8601,
`yes` or `no`. Issuing freezes the printed ones with their labels.
"""

from dataclasses import dataclass
from enum import StrEnum


class FieldSubject(StrEnum):
    """What a field is added to."""

    CUSTOMER = "customer"
    PRODUCT = "product"
    DOCUMENT = "document"
    LINE = "line"


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """A field as the tenant defined it."""

    subject: FieldSubject
    key: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_printed: bool = False
    """Whether documents show it to the client."""
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """A value as a document freezes it, with the label of that day."""

    key: str
    label: str
    text: str
    is_printed: bool = True
