"""To see the portal as a client sees it: a link that a member of the company uses once.

It begins a look, in which nothing can be changed and everything is noted.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from billhook.clock import Clock, SystemClock
from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import ClientLink
from billhook.models.customers import Customer
from billhook.sdk.context import Context
from billhook.services import audit, tokens
from billhook.services.portal import addresses, settings

HOLDS = timedelta(minutes=2)
PURPOSE = "look"


def begin(ctx: Context, customer_id: UUID, *, clock: Clock | None = None) -> str:
    """Return the address at which the member sees the portal as a customer does, once.

    Raises NotFound, and Conflict where the portal is closed.
    """
    ctx.require("portal.look")
    row = db.session.scalar(select(Customer).where(Customer.id == customer_id))
    if row is None or row.erased_at is not None:
        raise NotFound(_("customer"), customer_id)
    if not settings.current().is_open:
        raise Conflict(_("The portal is closed. Open it under Company → Portal first."))
    now = (clock or SystemClock()).now()
    token = tokens.new_token()
    with ctx.transaction() as session:
        session.add(
            ClientLink(
                tenant_id=ctx.tenant.id,
                token_hash=tokens.hash_of(token),
                customer_id=customer_id,
                viewer_id=ctx.actor.id,
                purpose=PURPOSE,
                made_at=now,
                expires_at=now + HOLDS,
            )
        )
        audit.record(ctx, "portal.looked", "customer", customer_id)
    return addresses.address(ctx, f"/look/{token}")
