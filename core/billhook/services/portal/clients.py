"""Who is at the portal: a contact, a guest with a link, or a member of the company who looks.

The tenant is that of the address; whoever they are is proved inside it. Duplicates of a
customer that were merged into it are the customer: their documents are its documents.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentRow
from billhook.scoping import ClientScope
from billhook.sdk.context import Actor, ActorKind, Context
from billhook.services import merged
from billhook.services.sets import one_of


class Way(StrEnum):
    """How somebody came to the portal."""

    ACCOUNT = "account"
    LINK = "link"  # of a mail: one document, no log-in
    LOOK = "look"  # a member of the company, who sees what the client sees and changes nothing


SEE = "client.see"
PAY = "client.pay"
MANAGE = "client.manage"
WRITE = "client.write"
"""To ask and to change: what a member who looks may not do."""
GUEST = "client.guest"
"""To see one document, and to ask about it."""

PERMISSIONS = {
    PortalRight.SEE: SEE,
    PortalRight.PAY: PAY,
    PortalRight.MANAGE: MANAGE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody at the portal, in whose name a request acts."""

    ctx: Context
    """With the rights of the portal as its permissions, and the client's scope."""
    way: Way
    customer_id: UUID
    """Whom they act for; the customer that was kept where it was merged."""
    customer_name: str
    currency: str
    """In which the customer is billed, unless something says otherwise."""
    language: str
    country: str
    """Of the customer, in whose custom dates and amounts are written."""
    session_id: bytes = b""
    """The hash of the session's token; empty for guests."""
    contact_id: UUID | None = None
    name: str = ""
    email: str = ""
    viewer_id: UUID | None = None
    """The person of the company who looks."""
    guest_link_id: UUID | None = None
    document_id: UUID | None = None
    """The one document that a guest sees."""
    owes_factor: bool = False
    agent: str = ""
    """What the browser said that it is, when the session began."""

    @property
    def customer_ids(self) -> tuple[UUID, ...]:
        """The customer and its duplicates; for a guest those of the document."""
        scope = self.ctx.scope
        assert isinstance(scope, ClientScope)
        return scope.customer_ids

    def may(self, permission: str) -> bool:
        return permission in (self.ctx.permissions or ())

    def require(self, permission: str) -> None:
        """Raises Forbidden where the client has no right to it."""
        self.ctx.require(permission)


def of_contact(
    ctx: Context, contact_id: UUID, *, session_id: bytes = b"", owes_factor: bool = False
) -> Client | None:
    """Return a contact who may enter; None for one who may not, or not any more.

    The context is the tenant's own, as whoever opened the address has it: it may do nothing.
    """
    row = db.session.execute(_active(), {"contact_id": contact_id}).one_or_none()
    if row is None or not row.Contact.portal_rights or row.Customer.erased_at is not None:
        return None
    contact: Contact = row.Contact
    customer = _kept(row.Customer)
    actor = Actor(kind=ActorKind.CLIENT, id=contact.id, address=ctx.actor.address)
    rights = {PortalRight(one) for one in contact.portal_rights}
    return Client(
        ctx=_inside(ctx, actor, customer.id, {SEE, WRITE, *(PERMISSIONS[one] for one in rights)}),
        way=Way.ACCOUNT,
        customer_id=customer.id,
        customer_name=customer.name,
        currency=customer.currency,
        language=contact.language or customer.language,
        country=customer.country,
        session_id=session_id,
        contact_id=contact.id,
        name=contact.name,
        email=contact.email,
        owes_factor=owes_factor,
    )


@cache
def _active() -> Select[tuple[Contact, Customer]]:
    """Build the statement once: every request of a client sends it."""
    return (
        select(Contact, Customer)
        .join(
            Customer,
            (Customer.tenant_id == Contact.tenant_id) & (Customer.id == Contact.customer_id),
        )
        .where(Contact.id == bindparam("contact_id"), Contact.is_active)
    )


def looked_at(
    ctx: Context, customer_id: UUID, viewer_id: UUID, *, session_id: bytes = b""
) -> Client:
    """Return a customer's pages as a member of the company sees them: all, and none to write on.

    Raises NotFound.
    """
    row = db.session.scalar(select(Customer).where(Customer.id == customer_id))
    if row is None or row.erased_at is not None:
        raise NotFound(_("customer"), customer_id)
    customer = _kept(row)
    actor = Actor(kind=ActorKind.PERSON, id=viewer_id, address=ctx.actor.address)
    return Client(
        ctx=_inside(ctx, actor, customer.id, {SEE, PAY, MANAGE}),
        way=Way.LOOK,
        customer_id=customer.id,
        customer_name=customer.name,
        currency=customer.currency,
        language=customer.language,
        country=customer.country,
        session_id=session_id,
        viewer_id=viewer_id,
    )


def guest(ctx: Context, *, link_id: UUID, document_id: UUID) -> Client | None:
    """Return whoever has a link to a document: they see it as its customer, and nothing else.

    None once its customer, or who pays it, was erased.
    """
    document = db.session.scalar(select(DocumentRow).where(DocumentRow.id == document_id))
    if document is None:
        return None
    concerned = {document.customer_id, document.payer_id}
    rows = db.session.scalars(select(Customer).where(one_of(Customer.id, concerned))).all()
    if any(row.erased_at is not None for row in rows):
        return None
    found = {row.id: _kept(row) for row in rows}
    customer = found[document.customer_id]
    members = merged.families({one.id for one in found.values()})
    actor = Actor(kind=ActorKind.GUEST, id=link_id, address=ctx.actor.address)
    return Client(
        ctx=replace(
            ctx,
            actor=actor,
            permissions=frozenset({GUEST}),
            scope=ClientScope(customer_ids=tuple(sorted(members))),
        ),
        way=Way.LINK,
        customer_id=customer.id,
        customer_name=customer.name,
        currency=customer.currency,
        language=document.language,
        country=customer.country,
        guest_link_id=link_id,
        document_id=document_id,
    )


def _kept(customer: Customer) -> Customer:
    """Return the customer that took a duplicate's place."""
    if customer.merged_into_id is None:
        return customer
    return db.session.scalars(select(Customer).where(Customer.id == customer.merged_into_id)).one()


def _inside(ctx: Context, actor: Actor, customer_id: UUID, permissions: set[str]) -> Context:
    scope = ClientScope(customer_ids=tuple(merged.family(customer_id)))
    return replace(ctx, actor=actor, permissions=frozenset(permissions), scope=scope)
