"""Guests: whoever opens the link in a mail sees one document, and nothing beside it."""

from dataclasses import replace

from sqlalchemy import update

from billhook.errors import NotFound
from billhook.models.clients import GuestLink
from billhook.sdk.context import Context
from billhook.services.portal import clients, documents, guest_links
from billhook.services.portal.clients import Client


def opened(ctx: Context, token: str, *, agent: str = "") -> Client | None:
    """Return the guest whom a token lets in; None for every token that opens nothing.

    The context is that of the portal's door. Wrong, expired, revoked, of another tenant,
    of a document that is void or of a customer who was erased: nothing tells them apart.
    """
    row = guest_links.proved(ctx, token)
    if row is None or row.revoked_at is not None or row.expires_at <= ctx.now():
        return None
    found = clients.guest(ctx, link_id=row.id, document_id=row.document_id)
    return replace(found, agent=agent) if found and _is_there(found) else None


def _is_there(client: Client) -> bool:
    assert client.document_id is not None
    with client.ctx.acting():
        try:
            documents.get(client, client.document_id)
        except NotFound:
            return False
    return True


def note_opened(client: Client) -> None:
    """Keep when a link was first opened."""
    with client.ctx.transaction() as session:
        session.execute(
            update(GuestLink)
            .where(
                GuestLink.tenant_id == client.ctx.tenant.id,
                GuestLink.id == client.guest_link_id,
                GuestLink.opened_at.is_(None),
            )
            .values(opened_at=client.ctx.now())
            .execution_options(synchronize_session=False)
        )
