"""A contact's password, and the session that it begins."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.clock import Clock
from billhook.db import db
from billhook.models.clients import ClientCredential
from billhook.models.customers import Contact
from billhook.sdk.context import Context
from billhook.services import passwords
from billhook.services.portal import (
    clients,
    credentials,
    factors,
    log,
    one_time_links,
    sessions,
)
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct


def log_in(
    ctx: Context, email: str, password: str, *, agent: str = "", clock: Clock | None = None
) -> str:
    """Begin a session of the contact whose address and password these are; return its token.

    An unknown address, one without an account and one that may not enter any more take as
    long as a wrong password, and are answered alike. Who has a second factor owes it.
    Raises PasswordWrong.
    """
    row = db.session.execute(
        select(
            Contact.id, Contact.customer_id, Contact.portal_rights, ClientCredential.password_hash
        )
        .join(
            ClientCredential,
            (ClientCredential.tenant_id == Contact.tenant_id)
            & (ClientCredential.contact_id == Contact.id),
        )
        .where(Contact.email == email.strip().lower()[: limits.EMAIL], Contact.is_active)
    ).one_or_none()
    stored = row.password_hash if row is not None and row.portal_rights else None
    text = passwords.check(password, stored)
    assert row is not None
    proved = row.password_hash
    if stronger := passwords.stronger_hash(text, proved):
        credentials.renew(ctx, row.id, proved, stronger)
    with ctx.transaction():
        held = credentials.hold(row.id)
        if held != (stronger or proved):
            passwords.check(password, held)  # it was changed, or taken, since it was right
        return begin(ctx, row.id, row.customer_id, agent=agent, clock=clock)


def begin(
    ctx: Context,
    contact_id: UUID,
    customer_id: UUID,
    *,
    agent: str = "",
    clock: Clock | None = None,
) -> str:
    """Begin a session of a contact whose password or link was right; return its token.

    Raises LinkInvalid where they were kept out since.
    """
    with ctx.transaction():
        if credentials.hold(contact_id) is None:
            raise one_time_links.link_invalid()
        owes_factor = factors.has_factor(contact_id)
        token = sessions.begin(
            ctx,
            customer_id,
            contact_id=contact_id,
            is_proved=not owes_factor,
            agent=agent,
            clock=clock,
        )
        if not owes_factor and (found := clients.of_contact(ctx, contact_id)):
            log.note(replace(found, agent=agent), PortalAct.LOGGED_IN)
    return token


def give_code(client: Client, code: str, *, clock: Clock | None = None) -> str:
    """Take the second factor of a session that owes it; return its new token. Raises CodeWrong."""
    token = factors.prove(client, code, clock=clock)
    log.note(client, PortalAct.LOGGED_IN)
    return token


def prove_again(
    client: Client, password: str, *, code: str = "", clock: Clock | None = None
) -> str:
    """Take the password, and the code of who has a second factor; return the session's new token.

    Raises PasswordWrong, CodeWrong.
    """
    client.require(clients.WRITE)
    stored = db.session.scalar(
        select(ClientCredential.password_hash).where(
            ClientCredential.contact_id == client.contact_id
        )
    )
    passwords.check(password, stored)
    if client.contact_id and factors.has_factor(client.contact_id):
        return factors.prove(client, code, clock=clock)
    return sessions.proved(client, clock=clock)
