"""Links that open the portal once for a contact: of which the database knows the hash alone.

A new link of a purpose ends the contact's earlier ones of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.i18n import gettext as _
from billhook.models.clients import ClientLink
from billhook.models.customers import Contact, Customer
from billhook.sdk.context import Context
from billhook.services import tokens
from billhook.services.invitations import LinkInvalid

KEPT = timedelta(days=30)
"""How long a link that has served, or expired, is remembered."""


class Purpose(StrEnum):
    """What a contact's link is for; the names are stored."""

    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a link is for."""

    contact_id: UUID
    customer_id: UUID
    name: str
    email: str
    language: str
    customer_name: str


def make(
    ctx: Context, contact: Contact, purpose: Purpose, *, now: datetime, holds: timedelta
) -> str:
    """Make a link's token, inside a transaction."""
    end(contact.id, purpose)
    token = tokens.new_token()
    db.session.add(
        ClientLink(
            tenant_id=ctx.tenant.id,
            token_hash=tokens.hash_of(token),
            customer_id=contact.customer_id,
            contact_id=contact.id,
            purpose=purpose.value,
            made_at=now,
            expires_at=now + holds,
        )
    )
    db.session.flush()
    return token


def end(contact_id: UUID, purpose: Purpose) -> None:
    """End a contact's links of a purpose that were not used, inside a transaction."""
    db.session.execute(
        delete(ClientLink)
        .where(
            ClientLink.contact_id == contact_id,
            ClientLink.purpose == purpose.value,
            ClientLink.used_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def holder(token: str, purpose: Purpose, now: datetime) -> Holder:
    """Return whom a link is for, without using it. Raises LinkInvalid."""
    row = db.session.execute(
        select(Contact, Customer)
        .join(
            ClientLink,
            (ClientLink.tenant_id == Contact.tenant_id) & (ClientLink.contact_id == Contact.id),
        )
        .join(
            Customer,
            (Customer.tenant_id == Contact.tenant_id) & (Customer.id == Contact.customer_id),
        )
        .where(*_usable(token, purpose, now), Contact.is_active, Customer.erased_at.is_(None))
    ).one_or_none()
    if row is None or not row.Contact.portal_rights:
        raise link_invalid()
    contact: Contact = row.Contact
    return Holder(
        contact_id=contact.id,
        customer_id=contact.customer_id,
        name=contact.name,
        email=contact.email,
        language=contact.language or row.Customer.language,
        customer_name=row.Customer.name,
    )


def use(token: str, purpose: Purpose, now: datetime) -> None:
    """Mark a link as used, inside a transaction; of two who try at once, one succeeds.

    Raises LinkInvalid.
    """
    used = db.session.execute(
        update(ClientLink)
        .where(*_usable(token, purpose, now))
        .values(used_at=now)
        .returning(ClientLink.contact_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not used:
        raise link_invalid()


def _usable(token: str, purpose: Purpose, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ClientLink.token_hash == tokens.hash_of(token),
        ClientLink.purpose == purpose.value,
        ClientLink.used_at.is_(None),
        ClientLink.expires_at > now,
    )


def link_invalid() -> LinkInvalid:
    """Return what is raised for any link that is not to be used."""
    return LinkInvalid(
        _(
            "This link was used already or has expired. If you have set a password, log in; "
            "else ask whoever sent it for a new one."
        )
    )


def tidy(*, clock: Clock | None = None) -> None:
    """Forget the links that ended long ago, inside a transaction."""
    now = (clock or SystemClock()).now()
    db.session.execute(
        delete(ClientLink)
        .where(ClientLink.expires_at <= now - KEPT)
        .execution_options(synchronize_session=False)
    )
