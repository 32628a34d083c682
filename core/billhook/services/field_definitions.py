"""The fields that a tenant adds of its own: defined, changed, put in order, laid aside.

A key is made from the first label and never changes, since values stand under it;
the kind never changes once there are values. A field that is laid aside keeps them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, cast, func, select

from billhook import limits
from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition, FieldKind, FieldSubject
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.custom_fields import CustomField
from billhook.models.customers import Customer
from billhook.models.drafts import Draft, DraftLine
from billhook.models.products import Product
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.fields import Fields
from billhook.services.own_fields import definition

MOST_FIELDS = 50
"""Of one subject, with those that are laid aside."""
MOST_CHOICES = 100
PRINTABLE = frozenset(set(FieldSubject) - {FieldSubject.PRODUCT})
"""Whose values documents can show: those of a product stay with us."""

_WITH_VALUES: dict[FieldSubject, type[Customer | Product | Draft | DraftLine]] = {
    FieldSubject.CUSTOMER: Customer,
    FieldSubject.PRODUCT: Product,
    FieldSubject.DOCUMENT: Draft,
    FieldSubject.LINE: DraftLine,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewField:
    """What is asked of whoever adds a field."""

    subject: str
    label: str
    kind: str = FieldKind.TEXT.value
    choices: Sequence[str] = ()
    is_required: bool = False
    is_printed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """New values of a field; None leaves one as it is."""

    label: str | None = None
    kind: str | None = None
    choices: Sequence[str] | None = None
    is_required: bool | None = None
    is_printed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """A field with what its page needs."""

    id: UUID
    definition: FieldDefinition
    position: int
    version: int


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


def listing(ctx: Context) -> list[FieldEntry]:
    """Return all fields, by subject and in their order, those laid aside as well."""
    ctx.require("tenant.view")
    rows = db.session.scalars(
        select(CustomField).order_by(CustomField.subject, CustomField.position, CustomField.id)
    )
    return [_entry(row) for row in rows]


def get(ctx: Context, field_id: UUID) -> FieldEntry:
    """Return a field. Raises NotFound."""
    ctx.require("tenant.view")
    return _entry(_row(field_id))


def has_values(ctx: Context, field: FieldEntry) -> bool:
    """Tell whether anything that can still change has a value under the field's key.

    What was issued holds label and text of its day, whatever becomes of the field.
    """
    holder = _WITH_VALUES[field.definition.subject]
    named = cast(holder.fields, String).contains(f'"{field.definition.key}":', autoescape=True)
    return db.session.scalar(select(func.count()).select_from(holder).where(named)) != 0


def create(ctx: Context, wanted: NewField) -> FieldEntry:
    """Add a field, the last of its subject. Raises ValidationFailed."""
    ctx.require("tenant.manage")
    read = Fields()
    subject = read.choice("subject", wanted.subject, FieldSubject)
    kind = read.choice("kind", wanted.kind, FieldKind)
    label = read.text("label", wanted.label, limit=limits.NAME, is_required=True)
    read.require(subject=subject, kind=kind)
    choices = _choices(read, kind, wanted.choices)
    with ctx.transaction() as session:
        others = _of_subject(subject) if subject else []
        _refuse_taken(read, label, others)
        if len(others) >= MOST_FIELDS:
            read.refuse(
                "label",
                "own_field.too_many",
                _("There are %(most)s fields already; more are not possible.", most=MOST_FIELDS),
            )
        if read.problems or subject is None or kind is None:
            raise ValidationFailed(read.problems)
        row = CustomField(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            subject=subject.value,
            key=_key(label, {one.key for one in others}),
            label=label,
            kind=kind.value,
            choices=choices,
            is_required=wanted.is_required,
            is_printed=wanted.is_printed and subject in PRINTABLE,
            is_active=True,
            position=max((one.position for one in others), default=0) + 1,
            version=1,
        )
        session.add(row)
        session.flush()
        audit.record(ctx, "own_field.added", "custom_field", row.id, key=row.key)
        return _entry(row)


def change(
    ctx: Context, field_id: UUID, wanted: FieldChange, *, version: int | None = None
) -> FieldEntry:
    """Change a field. Raises NotFound, Conflict, ValidationFailed."""
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = _row(field_id)
        others = [one for one in _of_subject(FieldSubject(row.subject)) if one.id != field_id]
        if version is not None and row.version != version:
            raise Conflict(_("Somebody else changed this field just now."))
        for name, value in _read_change(ctx, row, wanted, others).items():
            setattr(row, name, value)
        row.version += 1
        session.flush()
        audit.record(ctx, "own_field.changed", "custom_field", row.id, key=row.key)
        return _entry(row)


def _read_change(
    ctx: Context, row: CustomField, wanted: FieldChange, others: Sequence[CustomField]
) -> dict[str, object]:
    """Return the columns that a change sets. Raises ValidationFailed."""
    read = Fields()
    values: dict[str, object] = {}
    kind = FieldKind(row.kind)
    if wanted.label is not None:
        label = read.text("label", wanted.label, limit=limits.NAME, is_required=True)
        _refuse_taken(read, label, others)
        values["label"] = label
    if wanted.kind is not None and wanted.kind != row.kind:
        kind = read.choice("kind", wanted.kind, FieldKind) or kind
        _refuse_used(ctx, read, row)
        values["kind"] = kind.value
    if wanted.choices is not None or "kind" in values:
        given = row.choices if wanted.choices is None else wanted.choices
        values["choices"] = _choices(read, kind, given)
    if wanted.is_required is not None:
        values["is_required"] = wanted.is_required
    if wanted.is_printed is not None:
        values["is_printed"] = wanted.is_printed and FieldSubject(row.subject) in PRINTABLE
    if read.problems:
        raise ValidationFailed(read.problems)
    return values


def _refuse_used(ctx: Context, read: Fields, row: CustomField) -> None:
    if has_values(ctx, _entry(row)):
        read.refuse(
            "kind",
            "own_field.kind_fixed",
            _("There are values in this field already. Add another field for another kind."),
        )


def lay_aside(ctx: Context, field_id: UUID) -> FieldEntry:
    """Ask for a field no more; its values stay. Raises NotFound."""
    return _set_active(ctx, field_id, is_active=False)


def take_up(ctx: Context, field_id: UUID) -> FieldEntry:
    """Ask for a field again. Raises NotFound."""
    return _set_active(ctx, field_id, is_active=True)


def _set_active(ctx: Context, field_id: UUID, *, is_active: bool) -> FieldEntry:
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = _row(field_id)
        row.is_active = is_active
        row.version += 1
        session.flush()
        act = "own_field.taken_up" if is_active else "own_field.laid_aside"
        audit.record(ctx, act, "custom_field", row.id, key=row.key)
        return _entry(row)


def move(ctx: Context, field_id: UUID, direction: Direction) -> FieldEntry:
    """Let a field change places with its neighbour, if it has one. Raises NotFound."""
    ctx.require("tenant.manage")
    with ctx.transaction() as session:
        row = _row(field_id)
        rows = _of_subject(FieldSubject(row.subject))
        place = rows.index(row)
        aim = place - 1 if direction is Direction.UP else place + 1
        if 0 <= aim < len(rows):
            rows[place], rows[aim] = rows[aim], rows[place]
            for position, one in enumerate(rows, 1):
                one.position = position
            session.flush()
            audit.record(ctx, "own_field.moved", "custom_field", row.id, key=row.key)
        return _entry(row)


def _row(field_id: UUID) -> CustomField:
    row = db.session.scalar(select(CustomField).where(CustomField.id == field_id))
    if row is None:
        raise NotFound(_("field"), field_id)
    return row


def _of_subject(subject: FieldSubject) -> list[CustomField]:
    """Return a subject's fields in their order, locked: changes of them take turns."""
    return list(
        db.session.scalars(
            select(CustomField)
            .where(CustomField.subject == subject.value)
            .order_by(CustomField.position, CustomField.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _refuse_taken(read: Fields, label: str, others: Sequence[CustomField]) -> None:
    if label and label.casefold() in {one.label.casefold() for one in others}:
        read.refuse(
            "label",
            "own_field.label_taken",
            _("There is a field “%(label)s” already. Choose another name.", label=label[:80]),
        )


def _choices(read: Fields, kind: FieldKind | None, given: Sequence[str]) -> list[str]:
    """Read what can be chosen; of other kinds nothing."""
    if kind is not FieldKind.CHOICE:
        return []
    words = [read.text("choices", word, limit=limits.CODE) for word in given if word.strip()]
    found = list(dict.fromkeys(word for word in words if word))
    if not found and not any(problem.path == "choices" for problem in read.problems):
        read.refuse("choices", "input.missing", _("Write what can be chosen, one in each line."))
    if len(found) > MOST_CHOICES:
        read.refuse(
            "choices",
            "own_field.too_many_choices",
            _("At most %(most)s choices are possible.", most=MOST_CHOICES),
        )
    return found


def _key(label: str, taken: set[str]) -> str:
    """Make a key of small letters, digits and underscores from a label, unlike the others."""
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss"))
    word = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode().lower()).strip("_")
    base = word[: limits.CODE - 4].strip("_") or "field"
    numbered = (f"{base}_{number}" for number in range(2, MOST_FIELDS + 2))
    return base if base not in taken else next(one for one in numbered if one not in taken)


def _entry(row: CustomField) -> FieldEntry:
    return FieldEntry(
        id=row.id, definition=definition(row), position=row.position, version=row.version
    )
