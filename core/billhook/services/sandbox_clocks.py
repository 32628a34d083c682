"""The clock of a sandbox: it runs ahead of the world, so that a month can pass in a minute."""

from datetime import timedelta

from sqlalchemy import select

from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.tenants import Tenant
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, outbox, schedules
from billhook.services.contexts import context_of

FURTHEST_ADVANCE = timedelta(days=3_650)


def advance(ctx: Context, by: timedelta) -> Context:
    """Move a sandbox's time forward; it never goes back. Raises Conflict, ValidationFailed."""
    ctx.require("tenant.manage")
    if not ctx.tenant.is_sandbox:
        raise Conflict(
            _("Only a sandbox can move its clock. Open one with “tenant create --sandbox”.")
        )
    if not timedelta(0) < by <= FURTHEST_ADVANCE:
        raise ValidationFailed(
            [
                Problem(
                    code="tenant.clock_backward",
                    path="by",
                    message=_(
                        "A sandbox's clock moves forward only, by at most ten years at a time."
                    ),
                )
            ]
        )
    with ctx.transaction() as session:
        row = session.scalars(
            select(Tenant).where(Tenant.id == ctx.tenant.id).with_for_update()
        ).one()
        seconds = by // timedelta(seconds=1)
        row.clock_offset_seconds += seconds
        row.version += 1
        session.flush()
        audit.record(ctx, "tenant.clock_advanced", "tenant", row.id, seconds=seconds)
        schedules.begin(ctx)  # what the new time makes due
        outbox.bring_forward(ctx, timedelta(seconds=seconds))
    return context_of(row.id, ctx.actor, ctx.permissions, request_id=ctx.request_id)
