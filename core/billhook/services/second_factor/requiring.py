"""A company can ask every member for a second factor; until they have one they see nothing of it."""

from sqlalchemy import update

from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.tenants import Tenant
from billhook.sdk.context import ActorKind, Context
from billhook.services import audit
from billhook.services.sessions import has_factor


def require_of_members(ctx: Context, *, is_required: bool) -> None:
    """Ask all members for a second factor, or no longer, from their next request on.

    Raises Conflict where the member who asks for it has none.
    """
    ctx.require("tenant.manage")
    person_id = ctx.actor.id if ctx.actor.kind is ActorKind.PERSON else None
    if is_required and person_id is not None and not has_factor(person_id):
        raise Conflict(
            _("Set up a second factor of your own before you ask everybody else for one.")
        )
    with ctx.transaction() as session:
        session.execute(
            update(Tenant)
            .where(Tenant.id == ctx.tenant.id)
            .values(requires_second_factor=is_required, version=Tenant.version + 1)
        )
        audit.record(
            ctx,
            "tenant.second_factor_required" if is_required else "tenant.second_factor_optional",
            "tenant",
            ctx.tenant.id,
        )
