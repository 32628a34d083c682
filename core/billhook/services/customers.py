"""Customers, by the tenant's own code, and their contacts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import RecipientKind
from billhook.domain.events import CustomerChanged, CustomerCreated, Event
from billhook.domain.states import Consolidation, PortalRight
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer
from billhook.scoping import looking_beyond
from billhook.sdk.context import Context
from billhook.services import audit, outbox
from billhook.services.customer_batches import CustomerInput, Upserted, store
from billhook.services.fields import Fields
from billhook.services.portal import credentials
from billhook.services.sets import one_of

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEntry:
    """A customer as people see it."""

    id: UUID
    reference: str
    name: str
    country: str
    subdivision: str
    street: str
    extra: str
    postal_code: str
    city: str
    email: str
    tax_number: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    contact_name: str
    phone: str
    currency: str
    language: str
    time_zone: str
    consolidation: Consolidation
    payment_days: int | None
    purchase_order: str
    buyer_reference: str
    payer: str
    """Reference of who pays; empty where the customer pays."""
    payer_id: UUID | None
    is_active: bool
    version: int
    fields: Mapping[str, str]
    """Values of the tenant's own fields, by their keys."""
    owner_id: UUID | None
    """The member's person who looks after it."""
    merged_into_id: UUID | None
    """The customer that took its place, where it was a duplicate."""
    erased_at: datetime | None
    created_at: datetime


def save(ctx: Context, customer: CustomerInput) -> CustomerEntry:
    """Create a customer, or change the one of that reference. Raises ValidationFailed."""
    with ctx.transaction():
        [answer] = upsert(ctx, [customer])
        if answer.problems:
            raise ValidationFailed(answer.problems)
        if answer.state != "unchanged":
            action = "customer.created" if answer.state == "new" else "customer.changed"
            audit.record(ctx, action, "customer", answer.id)
        return get(ctx, answer.reference)


def save_all(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    """Create or change customers by reference, those without problems; answer each at its place."""
    with ctx.transaction():
        answers = upsert(ctx, customers)
        states = Counter(str(answer.state) for answer in answers)
        audit.record(ctx, "customer.batch_saved", "tenant", ctx.tenant.id, **states)
    return answers


def upsert(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    """Create or change customers by reference; each answer stands at its input's place.

    Inputs with problems are left out and say why; the caller decides what that
    means for the rest. A payer must be stored or stand before its customer. Joins
    the caller's transaction, and leaves the audit row to the caller.
    """
    ctx.require("customers.edit")
    return write(ctx, customers)


def write(ctx: Context, customers: Sequence[CustomerInput]) -> list[Upserted]:
    """Do what `upsert` does, for a caller who has checked that the actor may."""
    with ctx.transaction():
        answers = [
            answer
            for start in range(0, len(customers), _BATCH)
            for answer in store(ctx, customers[start : start + _BATCH])
        ]
        outbox.publish_all(ctx, list(_events(answers)))
    return answers


def _events(answers: Iterable[Upserted]) -> Iterator[Event]:
    """Say what became of each customer once, though several inputs may name it."""
    created = {one.id for one in answers if one.id and one.state == "new"}
    changed = {one.id for one in answers if one.id and one.state == "changed"}
    yield from (CustomerCreated(customer_id=one) for one in sorted(created))
    yield from (CustomerChanged(customer_id=one) for one in sorted(changed - created))


def get(ctx: Context, reference: str) -> CustomerEntry:
    """Raises NotFound."""
    ctx.require("customers.view")
    row = db.session.scalar(select(Customer).where(Customer.reference == reference))
    if row is None:
        raise NotFound(_("customer"), reference)
    return _entry(row, _references([row.payer_id]))


def by_id(ctx: Context, customer_id: UUID) -> CustomerEntry:
    """Raises NotFound."""
    ctx.require("customers.view")
    return read(customer_id)


def read(customer_id: UUID) -> CustomerEntry:
    """Return what is stored of a customer, for a caller who has checked that the actor may.

    Raises NotFound.
    """
    row = db.session.scalar(
        select(Customer)
        .where(Customer.id == customer_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("customer"), customer_id)
    return _entry(row, _references([row.payer_id]))


def of_ids(ctx: Context, customer_ids: Collection[UUID]) -> list[CustomerEntry]:
    """Return the customers among the ids."""
    ctx.require("customers.view")
    return entries_of(
        db.session.scalars(select(Customer).where(one_of(Customer.id, customer_ids))).all()
    )


def listing(
    ctx: Context,
    *,
    after: str = "",
    limit: int = limits.PAGE_ROWS,
    search: str = "",
    is_active: bool | None = None,
) -> list[CustomerEntry]:
    """Return customers by reference, after one; search finds parts of reference, name, e-mail."""
    ctx.require("customers.view")
    query = select(Customer).where(Customer.reference > after).order_by(Customer.reference)
    if search:
        query = query.where(
            Customer.reference.icontains(search, autoescape=True)
            | Customer.name.icontains(search, autoescape=True)
            | Customer.email.icontains(search, autoescape=True)
        )
    if is_active is not None:
        query = query.where(Customer.is_active == is_active)
    rows = db.session.scalars(query.limit(limit)).all()
    return entries_of(rows)


def entries_of(rows: Sequence[Customer]) -> list[CustomerEntry]:
    """Return rows as people see them, with one look at who pays for all of them."""
    payers = _references(row.payer_id for row in rows)
    return [_entry(row, payers) for row in rows]


def _references(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = {customer_id for customer_id in ids if customer_id}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Customer.id, Customer.reference).where(Customer.id.in_(wanted))
    )
    return dict(rows.tuples().all())


def _entry(row: Customer, payers: Mapping[UUID, str]) -> CustomerEntry:
    return CustomerEntry(
        id=row.id,
        reference=row.reference,
        name=row.name,
        country=row.country,
        subdivision=row.subdivision,
        street=row.street,
        extra=row.extra,
        postal_code=row.postal_code,
        city=row.city,
        email=row.email,
        tax_number=row.tax_number,
        legal_id=row.legal_id,
        legal_id_scheme=row.legal_id_scheme,
        electronic_address=row.electronic_address,
        electronic_scheme=row.electronic_scheme,
        contact_name=row.contact_name,
        phone=row.phone,
        currency=row.currency,
        language=row.language,
        time_zone=row.time_zone,
        consolidation=Consolidation(row.consolidation),
        payment_days=row.payment_days,
        purchase_order=row.purchase_order,
        buyer_reference=row.buyer_reference,
        payer=payers.get(row.payer_id, "") if row.payer_id else "",
        payer_id=row.payer_id,
        is_active=row.is_active,
        version=row.version,
        fields=row.fields,
        owner_id=row.owner_id,
        merged_into_id=row.merged_into_id,
        erased_at=row.erased_at,
        created_at=row.created_at,
    )


# Contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A customer's person."""

    id: UUID
    customer_id: UUID
    customer: str
    name: str
    email: str
    phone: str
    receives: RecipientKind | None
    """Whether documents go to them too, and how."""
    is_active: bool
    portal_rights: tuple[PortalRight, ...] = ()
    """What they may do at the portal; empty where they may not enter it."""


def save_contact(
    ctx: Context,
    customer: str,
    *,
    email: str,
    name: str,
    phone: str = "",
    receives: str = "",
    is_active: bool = True,
) -> ContactEntry:
    """Add a person to a customer, or change the one of that e-mail.

    Raises NotFound, ValidationFailed, Conflict where the e-mail is another customer's.
    """
    ctx.require("customers.edit")
    fields = Fields()
    address = fields.email("email", fields.text("email", email, limit=1_000, is_required=True))
    name = fields.text("name", name, limit=limits.NAME, is_required=True)
    phone = fields.text("phone", phone, limit=limits.CODE)
    copied = fields.choice("receives", receives, RecipientKind)
    if fields.problems:
        raise ValidationFailed(fields.problems)
    with ctx.transaction() as session:
        customer_id = get(ctx, customer).id
        with looking_beyond():
            holder = session.scalar(select(Contact.customer_id).where(Contact.email == address))
        if holder not in (None, customer_id):
            raise Conflict(_("%(email)s is a contact of another customer already.", email=address))
        row = session.scalar(select(Contact).where(Contact.email == address))
        if row is None:
            row = Contact(
                tenant_id=ctx.tenant.id, id=new_id(), customer_id=customer_id, email=address
            )
            session.add(row)
        row.name, row.phone, row.is_active = name, phone, is_active
        row.receives = copied.value if copied else ""
        session.flush()
        if not is_active:
            credentials.end_access(ctx, [row.id])
        outbox.publish(ctx, CustomerChanged(customer_id=customer_id))
        audit.record(ctx, "contact.saved", "contact", row.id, customer=str(customer_id))
        return _contact(row, customer)


def contacts(ctx: Context, customer: str) -> list[ContactEntry]:
    """Return a customer's people, by name. Raises NotFound."""
    customer_id = get(ctx, customer).id
    rows = db.session.scalars(
        select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.name)
    )
    return [_contact(row, customer) for row in rows]


def _contact(row: Contact, customer: str) -> ContactEntry:
    return ContactEntry(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        name=row.name,
        email=row.email,
        phone=row.phone,
        receives=RecipientKind(row.receives) if row.receives else None,
        is_active=row.is_active,
        portal_rights=tuple(PortalRight(right) for right in row.portal_rights or ()),
    )


__all__ = [
    "ContactEntry",
    "CustomerEntry",
    "CustomerInput",
    "Upserted",
    "by_id",
    "contacts",
    "get",
    "listing",
    "save",
    "save_contact",
    "upsert",
]
