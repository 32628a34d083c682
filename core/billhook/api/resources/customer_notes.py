"""Notes about customers by the API."""

from uuid import UUID

from billhook.api.schemas.customer_notes import NewNote, NoteAnswer
from billhook.sdk.api import Made, Page, PageQuery, Routes
from billhook.sdk.context import Context
from billhook.services import customer_notes as service

routes = Routes("customer notes", "What colleagues should know about a customer; never printed.")


@routes.get("/customers/<uuid:customer_id>/notes", requires="customers.view")
def list_customer_notes(ctx: Context, customer_id: UUID, query: PageQuery) -> Page[NoteAnswer]:
    """List a customer's notes, the newest first."""
    page = service.search(ctx, customer_id, after=query.after, limit=query.limit)
    return Page(data=[NoteAnswer.of(one) for one in page.rows], next=page.next or None)


@routes.post("/customers/<uuid:customer_id>/notes", requires="customers.edit")
def write_customer_note(ctx: Context, customer_id: UUID, body: NewNote) -> Made[NoteAnswer]:
    """Leave a note."""
    note_id = service.write(ctx, customer_id, body.text)
    return Made(NoteAnswer.of(service.get(ctx, note_id)), at=f"/customer-notes/{note_id}")


@routes.get("/customer-notes/<uuid:note_id>", requires="customers.view")
def get_customer_note(ctx: Context, note_id: UUID) -> NoteAnswer:
    """Get a note."""
    return NoteAnswer.of(service.get(ctx, note_id))


@routes.delete("/customer-notes/<uuid:note_id>", requires="customers.edit")
def delete_customer_note(ctx: Context, note_id: UUID) -> None:
    """Take a note away that this key wrote."""
    service.delete(ctx, note_id)
