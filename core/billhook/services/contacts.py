"""A customer's people, one by one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import RecipientKind
from billhook.domain.events import CustomerChanged
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact
from billhook.problems import Problem
from billhook.scoping import looking_beyond
from billhook.sdk.context import Context
from billhook.services import audit, customers, outbox
from billhook.services.customers import ContactEntry
from billhook.services.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactInput:
    """What a form says of a person."""

    name: str
    email: str
    phone: str = ""
    receives: str = ""
    """to, cc, bcc, or empty where documents do not go to them."""
    is_active: bool = True


def of_customer(ctx: Context, customer_id: UUID) -> list[ContactEntry]:
    """Return a customer's people, those who are active first, by name. Raises NotFound."""
    customer = customers.by_id(ctx, customer_id)
    rows = db.session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer_id)
        .order_by(Contact.is_active.desc(), Contact.name, Contact.id)
    )
    return [_entry(row, customer.reference) for row in rows]


def get(ctx: Context, contact_id: UUID) -> tuple[UUID, ContactEntry]:
    """Return a person, and of which customer. Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.scalar(select(Contact).where(Contact.id == contact_id))
    if row is None:
        raise NotFound(_("contact"), contact_id)
    return row.customer_id, _entry(row, customers.by_id(ctx, row.customer_id).reference)


def add(ctx: Context, customer_id: UUID, given: ContactInput) -> None:
    """Add a person to a customer. Raises NotFound, ValidationFailed."""
    ctx.require("customers.edit")
    customers.by_id(ctx, customer_id)
    with ctx.transaction() as session:
        row = Contact(tenant_id=ctx.tenant.id, id=new_id(), customer_id=customer_id)
        _fill(row, given)
        session.add(row)
        session.flush()
        outbox.publish(ctx, CustomerChanged(customer_id=customer_id))
        audit.record(ctx, "contact.saved", "contact", row.id, customer=customer_id)


def change(ctx: Context, contact_id: UUID, given: ContactInput) -> UUID:
    """Change a person; return of which customer. Raises NotFound, ValidationFailed."""
    ctx.require("customers.edit")
    with ctx.transaction() as session:
        row = session.scalar(select(Contact).where(Contact.id == contact_id).with_for_update())
        if row is None:
            raise NotFound(_("contact"), contact_id)
        _fill(row, given)
        session.flush()
        outbox.publish(ctx, CustomerChanged(customer_id=row.customer_id))
        audit.record(ctx, "contact.saved", "contact", contact_id, customer=row.customer_id)
        return row.customer_id


def _fill(row: Contact, given: ContactInput) -> None:
    """Raises ValidationFailed."""
    fields = Fields()
    name = fields.text("name", given.name, limit=limits.NAME, is_required=True)
    email = fields.email("email", fields.text("email", given.email, limit=1_000, is_required=True))
    phone = fields.text("phone", given.phone, limit=limits.CODE)
    receives = fields.choice("receives", given.receives, RecipientKind)
    if email and _is_taken(email, row.id):
        message = _(
            "%(email)s is a contact already. Look for it, and change it there.", email=email
        )
        fields.problems.append(Problem(code="contact.taken", path="email", message=message))
    if fields.problems:
        raise ValidationFailed(fields.problems)
    row.name, row.email, row.phone = name, email, phone
    row.receives = receives.value if receives else ""
    row.is_active = given.is_active


def _is_taken(email: str, contact_id: UUID) -> bool:
    with looking_beyond(), db.session.no_autoflush:
        found = select(Contact.id).where(Contact.email == email, Contact.id != contact_id)
        return db.session.scalar(found) is not None


def _entry(row: Contact, customer: str) -> ContactEntry:
    return ContactEntry(
        id=row.id,
        customer=customer,
        name=row.name,
        email=row.email,
        phone=row.phone,
        receives=RecipientKind(row.receives) if row.receives else None,
        is_active=row.is_active,
    )
