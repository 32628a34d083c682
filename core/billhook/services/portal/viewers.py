"""Members of the company who look at the portal: whether they still may."""

from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import NotFound
from billhook.models.customers import Customer
from billhook.scoping import customer_scope
from billhook.sdk.context import Context
from billhook.services.contexts import member_context

PERMISSION = "portal.look"


def may_look(ctx: Context, customer_id: UUID, viewer_id: UUID) -> bool:
    """Tell whether somebody still has a seat, the permission, and the customer among theirs."""
    try:
        member = member_context(viewer_id, ctx.tenant.id)
    except NotFound:
        return False
    if member.permissions is not None and PERMISSION not in member.permissions:
        return False
    with customer_scope(member.scope):
        found = db.session.scalar(select(Customer.id).where(Customer.id == customer_id))
    return found is not None
