"""A customer's people, one by one."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import RecipientKind
from billhook.domain.events import CustomerChanged
from billhook.domain.states import PortalRight
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.problems import Problem
from billhook.scoping import looking_beyond
from billhook.sdk.context import Context
from billhook.services import audit, customers, outbox
from billhook.services.customers import ContactEntry
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut
from billhook.services.portal import credentials
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactInput:
    """What somebody says of a person. None leaves what is stored."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    receives: str | None = None
    """to, cc, bcc, or empty where documents do not go to them."""
    is_active: bool | None = None


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


def search(
    ctx: Context, customer_id: UUID, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[ContactEntry]:
    """Return the page of a customer's people that follows a cursor, by name.

    Raises NotFound, ValidationFailed for a cursor that is none.
    """
    reference = customers.by_id(ctx, customer_id).reference
    return cut(
        select(Contact).where(Contact.customer_id == customer_id),
        (Order(Contact.name, str), Order(Contact.id, UUID)),
        after=after,
        limit=limit,
        make=lambda row: _entry(row[0], reference),
    )


def of_customers(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, list[ContactEntry]]:
    """Return each customer's people by name, in one query; those without any are left out."""
    ctx.require("customers.view")
    found: dict[UUID, list[ContactEntry]] = defaultdict(list)
    rows = db.session.execute(
        select(Contact, Customer.reference)
        .join(
            Customer,
            and_(Customer.tenant_id == Contact.tenant_id, Customer.id == Contact.customer_id),
        )
        .where(one_of(Contact.customer_id, customer_ids))
        .order_by(Contact.name, Contact.id)
    )
    for row, reference in rows:
        found[row.customer_id].append(_entry(row, reference))
    return found


def add(ctx: Context, customer_id: UUID, given: ContactInput) -> ContactEntry:
    """Add a person to a customer. Raises NotFound, ValidationFailed."""
    ctx.require("customers.edit")
    customer = customers.by_id(ctx, customer_id)
    with ctx.transaction() as session:
        row = Contact(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            customer_id=customer_id,
            name="",
            email="",
            phone="",
            receives="",
            is_active=True,
            portal_rights=[],
        )
        fill(row, given)
        session.add(row)
        session.flush()
        outbox.publish(ctx, CustomerChanged(customer_id=customer_id))
        audit.record(ctx, "contact.saved", "contact", row.id, customer=customer_id)
        return _entry(row, customer.reference)


def change(ctx: Context, contact_id: UUID, given: ContactInput) -> UUID:
    """Change a person; return of which customer. Raises NotFound, ValidationFailed."""
    ctx.require("customers.edit")
    with ctx.transaction() as session:
        row = session.scalar(select(Contact).where(Contact.id == contact_id).with_for_update())
        if row is None:
            raise NotFound(_("contact"), contact_id)
        email = row.email
        fill(row, given)
        session.flush()
        keep_access(ctx, row, email_before=email)
        outbox.publish(ctx, CustomerChanged(customer_id=row.customer_id))
        audit.record(ctx, "contact.saved", "contact", contact_id, customer=row.customer_id)
        return row.customer_id


def keep_access(ctx: Context, row: Contact, *, email_before: str) -> None:
    """Let access to the portal follow a change: it ends with the contact, links with the address."""
    if not row.is_active:
        credentials.end_access(ctx, [row.id])
    elif row.email != email_before:
        credentials.forget_links([row.id])


def fill(row: Contact, given: ContactInput) -> None:
    """Write into a row what was given, for a caller who has checked that the actor may.

    Raises ValidationFailed.
    """
    fields = Fields()
    name = fields.text("name", _or(given.name, row.name), limit=limits.NAME, is_required=True)
    typed = fields.text("email", _or(given.email, row.email), limit=1_000, is_required=True)
    email = fields.email("email", typed)
    phone = fields.text("phone", _or(given.phone, row.phone), limit=limits.CODE)
    receives = fields.choice("receives", _or(given.receives, row.receives), RecipientKind)
    if email and _is_taken(email, row.id):
        message = _(
            "%(email)s is a contact already. Look for it, and change it there.", email=email
        )
        fields.problems.append(Problem(code="contact.taken", path="email", message=message))
    if fields.problems:
        raise ValidationFailed(fields.problems)
    row.name, row.email, row.phone = name, email, phone
    row.receives = receives.value if receives else ""
    if given.is_active is not None:
        row.is_active = given.is_active


def _or(given: str | None, stored: str) -> str:
    return stored if given is None else given


def _is_taken(email: str, contact_id: UUID) -> bool:
    with looking_beyond(), db.session.no_autoflush:
        found = select(Contact.id).where(Contact.email == email, Contact.id != contact_id)
        return db.session.scalar(found) is not None


def _entry(row: Contact, customer: str) -> ContactEntry:
    return ContactEntry(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        name=row.name,
        email=row.email,
        phone=row.phone,
        receives=RecipientKind(row.receives) if row.receives else None,
        is_active=row.is_active,
        portal_rights=tuple(PortalRight(right) for right in row.portal_rights),
    )
