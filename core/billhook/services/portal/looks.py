"""A look at the portal by a member of the company: begun by a link, ended by leaving."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import ClientLink
from billhook.sdk.context import Context
from billhook.services import tokens
from billhook.services.portal import clients, log, sessions, viewers
from billhook.services.portal.log import PortalAct

PURPOSE = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    customer_id: UUID
    viewer_id: UUID


def begin(ctx: Context, token: str, *, agent: str = "", clock: Clock | None = None) -> str:
    """Use a link, and return the token of the session that it begins.

    Raises NotFound where it was used, has expired or never was, and where the member
    may not look any more.
    """
    with ctx.transaction():
        link = _use(token, clock or SystemClock())
    if not viewers.may_look(ctx, link.customer_id, link.viewer_id):
        raise NotFound(_("link"), "")
    begun = sessions.begin(
        ctx, link.customer_id, viewer_id=link.viewer_id, agent=agent, clock=clock
    )
    client = clients.looked_at(ctx, link.customer_id, link.viewer_id)
    log.note(client, PortalAct.LOOKED)
    return begun


def _use(token: str, clock: Clock) -> _Link:
    """Mark a link as used; of two who try at once, one succeeds. Raises NotFound."""
    now = clock.now()
    row = db.session.execute(
        update(ClientLink)
        .where(
            ClientLink.token_hash == tokens.hash_of(token),
            ClientLink.purpose == PURPOSE,
            ClientLink.used_at.is_(None),
            ClientLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(ClientLink.customer_id, ClientLink.viewer_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise NotFound(_("link"), "")
    return _Link(customer_id=row.customer_id, viewer_id=row.viewer_id)
