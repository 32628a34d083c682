"""Contacts' access to the portal by the API."""

from uuid import UUID

from billhook.api.schemas.portal_access import (
    PortalAccessAnswer,
    PortalInvitationAnswer,
    PortalRights,
)
from billhook.sdk.api import Routes
from billhook.sdk.context import Context
from billhook.services import client_access

routes = Routes("portal access", "Who of your customers' people may enter the portal.")


@routes.get("/contacts/<uuid:contact_id>/portal-access", requires="customers.view")
def get_portal_access(ctx: Context, contact_id: UUID) -> PortalAccessAnswer:
    """Get what a contact may do at the portal, and whether they have come."""
    return PortalAccessAnswer.of(client_access.get(ctx, contact_id))


@routes.post("/contacts/<uuid:contact_id>/portal-access/invite", requires="portal.invite")
def invite_contact(
    ctx: Context, contact_id: UUID, body: PortalRights, key: str | None
) -> PortalInvitationAnswer:
    """Let a contact in, and mail them the link by which they set a password.

    Where it cannot be mailed, the answer has the link, to be passed on. Again for a
    contact who has not come yet, it makes a new link and ends the old one. A contact who
    has an account, or is not active: 409. Needs `customers.view`, too.
    """
    ctx.require("customers.view")
    made = client_access.invite(ctx, contact_id, body.rights, key=key)
    reason, is_mailed = "", False
    if not made.is_repeated:
        sent = client_access.mail(ctx, made)
        reason, is_mailed = sent.reason, sent.state == "sent"
    return PortalInvitationAnswer.of(
        client_access.get(ctx, contact_id), made, is_mailed=is_mailed, reason=reason
    )


@routes.put("/contacts/<uuid:contact_id>/portal-access/rights", requires="portal.invite")
def change_portal_rights(ctx: Context, contact_id: UUID, body: PortalRights) -> PortalAccessAnswer:
    """Change what a contact may do at the portal, from their next request on.

    A contact who was never let in: 409. Needs `customers.view`, too.
    """
    ctx.require("customers.view")
    client_access.change_rights(ctx, contact_id, body.rights)
    return PortalAccessAnswer.of(client_access.get(ctx, contact_id))


@routes.post("/contacts/<uuid:contact_id>/portal-access/end", requires="portal.invite")
def end_portal_access(ctx: Context, contact_id: UUID) -> None:
    """End a contact's access, or their invitation, at once: sessions, password, links, factor."""
    client_access.end(ctx, contact_id)


@routes.post("/contacts/<uuid:contact_id>/portal-access/remove-factor", requires="portal.invite")
def remove_contact_factor(ctx: Context, contact_id: UUID) -> None:
    """Let a contact in by the password alone who lost phone and codes; their sessions end.

    Make sure that it is them who asks. A contact without a second factor: 409.
    """
    client_access.remove_factor(ctx, contact_id)
