"""Whether a client may still write what the request was let in to write: held until it is written.

Whoever ends a link, keeps a contact out or erases a customer waits for what is just being
written, and sees it; or they were first, and it is not written.
"""

from sqlalchemy import select

from billhook.db import db
from billhook.errors import Forbidden, NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import GuestLink
from billhook.models.customers import Contact, Customer
from billhook.services.portal import clients
from billhook.services.portal.clients import Client, Way


def hold(client: Client) -> None:
    """Hold what lets a client write, inside the transaction that does.

    Raises NotFound where the customer was erased or the link has ended since the request
    began, Forbidden where the contact was kept out.
    """
    _hold_customer(client)
    if client.way is Way.LINK:
        _hold_link(client)
    else:
        _hold_contact(client)


def _hold_customer(client: Client) -> None:
    held = db.session.scalar(
        select(Customer.id)
        .where(Customer.id == client.customer_id, Customer.erased_at.is_(None))
        .with_for_update(read=True)
    )
    if held is None:
        raise NotFound(_("customer"), client.customer_id)


def _hold_link(client: Client) -> None:
    held = db.session.scalar(
        select(GuestLink.id)
        .where(
            GuestLink.id == client.guest_link_id,
            GuestLink.revoked_at.is_(None),
            GuestLink.expires_at > client.ctx.now(),
        )
        .with_for_update(read=True)
    )
    if held is None:
        raise NotFound(_("link"), "")


def _hold_contact(client: Client) -> None:
    rights = db.session.scalar(
        select(Contact.portal_rights)
        .where(Contact.id == client.contact_id, Contact.is_active)
        .with_for_update(read=True)
    )
    if not rights:
        raise Forbidden(clients.WRITE)
