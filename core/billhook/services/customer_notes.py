"""What colleagues should know about a customer; never printed, never sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from billhook import limits
from billhook.db import db
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import CustomerNote
from billhook.models.people import Person
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, customers
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as people read it."""

    id: UUID
    customer_id: UUID
    author: str
    """Their name; empty for the operator and for programs."""
    is_own: bool
    text: str
    written_at: datetime


def of_customer(ctx: Context, customer_id: UUID, *, limit: int = limits.PAGE_ROWS) -> list[Note]:
    """Return a customer's notes, the newest first."""
    ctx.require("customers.view")
    rows = db.session.execute(
        _notes()
        .where(CustomerNote.customer_id == customer_id)
        .order_by(CustomerNote.id.desc())
        .limit(limit)
    )
    return [_note(ctx, row, name) for row, name in rows]


def search(
    ctx: Context, customer_id: UUID, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[Note]:
    """Return the page of a customer's notes that follows a cursor, the newest first.

    Raises NotFound, ValidationFailed for a cursor that is none.
    """
    customers.by_id(ctx, customer_id)
    return cut(
        _notes().where(CustomerNote.customer_id == customer_id),
        [Order(CustomerNote.id, UUID)],
        after=after,
        limit=limit,
        is_descending=True,
        make=lambda row: _note(ctx, row[0], row[1]),
    )


def get(ctx: Context, note_id: UUID) -> Note:
    """Return a note. Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.execute(_notes().where(CustomerNote.id == note_id)).one_or_none()
    if row is None:
        raise NotFound(_("note"), note_id)
    return _note(ctx, row[0], row[1])


def _notes() -> Select[Any]:
    return select(CustomerNote, Person.name).outerjoin(Person, Person.id == CustomerNote.author_id)


def _note(ctx: Context, row: CustomerNote, author: str | None) -> Note:
    return Note(
        id=row.id,
        customer_id=row.customer_id,
        author=author or "",
        is_own=row.author_id == ctx.actor.id,
        text=row.text,
        written_at=row.written_at,
    )


def write(ctx: Context, customer_id: UUID, text: str) -> UUID:
    """Leave a note; return its id. Raises NotFound, ValidationFailed."""
    ctx.require("customers.edit")
    customers.by_id(ctx, customer_id)
    fields = Fields()
    found = fields.prose("text", text)
    if not found and not fields.problems:
        fields.problems.append(
            Problem(code="input.missing", path="text", message=_("Write something first."))
        )
    if fields.problems:
        raise ValidationFailed(fields.problems)
    with ctx.transaction() as session:
        note = CustomerNote(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            customer_id=customer_id,
            author_id=ctx.actor.id,
            text=found,
            written_at=ctx.now(),
        )
        session.add(note)
        session.flush()
        audit.record(ctx, "customer.note_written", "customer", customer_id, note=note.id)
        return note.id


def delete(ctx: Context, note_id: UUID) -> UUID:
    """Take one's own note away; return whose it was. Raises NotFound, Forbidden."""
    ctx.require("customers.edit")
    with ctx.transaction() as session:
        row = session.scalar(select(CustomerNote).where(CustomerNote.id == note_id))
        if row is None:
            raise NotFound(_("note"), note_id)
        if row.author_id != ctx.actor.id:
            raise Forbidden("customers.edit")
        customer_id = row.customer_id
        session.delete(row)
        session.flush()
        audit.record(ctx, "customer.note_deleted", "customer", customer_id, note=note_id)
    return customer_id
