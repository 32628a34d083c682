"""Customers' people by the API."""

from uuid import UUID

from billhook.api.schemas.contacts import ContactAnswer, ContactChanges, NewContact
from billhook.sdk.api import Made, Page, PageQuery, Routes
from billhook.sdk.context import Context
from billhook.services import contacts as service
from billhook.services import erasing

routes = Routes("contacts", "Your customers' people, and who of them gets documents.")


@routes.get("/customers/<uuid:customer_id>/contacts", requires="customers.view")
def list_contacts(ctx: Context, customer_id: UUID, query: PageQuery) -> Page[ContactAnswer]:
    """List a customer's people, by name."""
    page = service.search(ctx, customer_id, after=query.after, limit=query.limit)
    return Page(data=[ContactAnswer.of(one) for one in page.rows], next=page.next or None)


@routes.post("/customers/<uuid:customer_id>/contacts", requires="customers.edit")
def create_contact(ctx: Context, customer_id: UUID, body: NewContact) -> Made[ContactAnswer]:
    """Add a person to a customer.

    An e-mail address belongs to one person alone, of all customers.
    """
    made = service.add(ctx, customer_id, body.input())
    return Made(ContactAnswer.of(made), at=f"/contacts/{made.id}")


@routes.get("/contacts/<uuid:contact_id>", requires="customers.view")
def get_contact(ctx: Context, contact_id: UUID) -> ContactAnswer:
    """Get a person."""
    _customer_id, known = service.get(ctx, contact_id)
    return ContactAnswer.of(known)


@routes.patch("/contacts/<uuid:contact_id>", requires="customers.edit")
def change_contact(ctx: Context, contact_id: UUID, body: ContactChanges) -> ContactAnswer:
    """Change a person; fields that are left out stay."""
    service.change(ctx, contact_id, body.input())
    _customer_id, known = service.get(ctx, contact_id)
    return ContactAnswer.of(known)


@routes.delete("/contacts/<uuid:contact_id>", requires="customers.erase")
def forget_contact(ctx: Context, contact_id: UUID) -> None:
    """Erase a person for good, and their address from what was sent to it."""
    erasing.forget_contact(ctx, contact_id)
