"""Values of the tenant's own fields: read as people type them, frozen as documents hold them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from sqlalchemy import Select, select

from billhook import limits
from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition, FieldKind, FieldSubject, FieldValue
from billhook.i18n import gettext as _
from billhook.models.custom_fields import CustomField
from billhook.money import QUANTITY_DECIMALS, plain
from billhook.problems import Problem
from billhook.services.fields import Fields

PREFIX = "fields-"
"""What the names of inputs begin with: `fields-cost_center`."""


def definitions(*subjects: FieldSubject) -> list[FieldDefinition]:
    """Return the fields in use of some subjects, in their order; of all where none is named."""
    return [definition(row) for row in db.session.scalars(_of(subjects))]


@cache
def _of(subjects: tuple[FieldSubject, ...]) -> Select[tuple[CustomField]]:
    """Build the statement once: most pages send it."""
    wanted = select(CustomField).where(CustomField.is_active)
    if subjects:
        wanted = wanted.where(CustomField.subject.in_([subject.value for subject in subjects]))
    return wanted.order_by(CustomField.subject, CustomField.position)


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


def sent(form: Mapping[str, str], *, prefix: str = PREFIX) -> dict[str, str]:
    """Return what a form sent for own fields, by their keys: the inputs named `<prefix><key>`."""
    return {
        name.removeprefix(prefix): value for name, value in form.items() if name.startswith(prefix)
    }


def read(
    values: Mapping[str, str],
    definitions: Sequence[FieldDefinition],
    *,
    stored: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
) -> tuple[dict[str, str], list[Problem]]:
    """Read typed values by their keys; return them in the form of storage, and what is wrong.

    A problem's path is `<prefix><key>`. Empty values are left out. What is `stored` under
    a key that has no definition here any more stays, so that saving loses nothing.
    """
    fields = Fields()
    known = {field.key for field in definitions}
    found = {key: text for key, text in (stored or {}).items() if key not in known}
    for field in definitions:
        if text := _value(fields, f"{prefix}{field.key}", field, values.get(field.key, "")):
            found[field.key] = text
    return found, fields.problems


def _value(fields: Fields, path: str, field: FieldDefinition, typed: str) -> str:
    if not typed.strip():
        if field.is_required:
            fields.refuse(
                path,
                "input.missing",
                _("%(label)s is needed. Fill it in.", label=field.label),
            )
        return ""
    return _READERS[field.kind](fields, path, field, typed)


def _text(fields: Fields, path: str, _field: FieldDefinition, typed: str) -> str:
    return fields.text(path, typed, limit=limits.TEXT)


def _number(fields: Fields, path: str, _field: FieldDefinition, typed: str) -> str:
    number = fields.number(path, typed, decimals=QUANTITY_DECIMALS)
    return "" if number is None else plain(number)


def _date(fields: Fields, path: str, _field: FieldDefinition, typed: str) -> str:
    day = fields.day(path, typed)
    return day.isoformat() if day else ""


def _choice(fields: Fields, path: str, field: FieldDefinition, typed: str) -> str:
    return fields.one_of(path, typed, field.choices)


def _yes_no(fields: Fields, path: str, _field: FieldDefinition, typed: str) -> str:
    return {True: "yes", False: "no", None: ""}[fields.flag(path, typed)]


_READERS: dict[FieldKind, Callable[[Fields, str, FieldDefinition, str], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
}


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
