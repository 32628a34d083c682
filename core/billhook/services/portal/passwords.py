"""Changing one's own password at the portal."""

from datetime import datetime

from sqlalchemy import select

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.models.clients import ClientCredential
from billhook.services import audit
from billhook.services.portal import clients, credentials, log, security_letters, sessions
from billhook.services.portal.clients import Client
from billhook.services.portal.log import PortalAct


def change(client: Client, password: str, *, clock: Clock | None = None) -> None:
    """Set another password; the contact's other sessions and all links end.

    Raises ProofStale, ValidationFailed.
    """
    client.require(clients.WRITE)
    sessions.require_fresh(client, clock=clock)
    stored = credentials.hash_of_new(password, email=client.email)
    assert client.contact_id is not None
    with client.ctx.transaction():
        credentials.hold(client.contact_id)
        credentials.store(client.ctx, client.contact_id, stored, (clock or SystemClock()).now())
        credentials.forget_links([client.contact_id])
        sessions.end_others(client)
        audit.record(client.ctx, "client.password_set", "contact", client.contact_id)
        log.note(client, PortalAct.PASSWORD_CHANGED)
        security_letters.password_changed(client.ctx, client.contact_id)


def changed_at(client: Client) -> datetime | None:
    """Return when the password was last set."""
    return db.session.scalar(
        select(ClientCredential.changed_at).where(ClientCredential.contact_id == client.contact_id)
    )
