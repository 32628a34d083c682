"""Values of the tenant's own fields, as documents freeze them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition, FieldKind, FieldSubject, FieldValue
from billhook.models.custom_fields import CustomField


def definitions(*subjects: FieldSubject) -> list[FieldDefinition]:
    """Return the fields in use of some subjects, in their order; of all where none is named."""
    wanted = select(CustomField).where(CustomField.is_active)
    if subjects:
        wanted = wanted.where(CustomField.subject.in_([subject.value for subject in subjects]))
    rows = db.session.scalars(wanted.order_by(CustomField.subject, CustomField.position))
    return [definition(row) for row in rows]


def definition(row: CustomField) -> FieldDefinition:
    """Return a row as a value."""
    return FieldDefinition(
        subject=FieldSubject(row.subject),
        key=row.key,
        label=row.label,
        kind=FieldKind(row.kind),
        choices=tuple(row.choices),
        is_required=row.is_required,
        is_printed=row.is_printed,
        is_active=row.is_active,
    )


def frozen(
    stored: Mapping[str, str], definitions: Sequence[FieldDefinition]
) -> tuple[FieldValue, ...]:
    """Return the values that are there with the labels of now, in the fields' order."""
    return tuple(
        FieldValue(
            key=field.key,
            label=field.label,
            text=stored[field.key],
            is_printed=field.is_printed,
        )
        for field in definitions
        if stored.get(field.key)
    )
