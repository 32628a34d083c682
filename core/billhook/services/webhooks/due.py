"""What waits to be sent: `due_webhook` names it over all tenants, for the sender to find."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, literal, or_, select

from billhook.clock import SystemClock
from billhook.columns import Instant
from billhook.db import after_commit, db, insert
from billhook.domain.webhooks import EndpointState, WebhookDeliveryState
from billhook.models.webhooks import DueWebhook, WebhookDelivery, WebhookEndpoint
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context


def release(ctx: Context, *which: ColumnElement[bool]) -> None:
    """Let waiting messages of active endpoints be sent now, inside a transaction.

    One that is being sent stays so.
    """
    now = SystemClock().now()
    wanted = (
        select(
            WebhookDelivery.tenant_id,
            WebhookDelivery.id,
            WebhookDelivery.endpoint_id,
            literal(now, Instant),
            literal(0),
        )
        .join(
            WebhookEndpoint,
            (WebhookEndpoint.tenant_id == WebhookDelivery.tenant_id)
            & (WebhookEndpoint.id == WebhookDelivery.endpoint_id),
        )
        .where(
            WebhookDelivery.tenant_id == ctx.tenant.id,
            WebhookEndpoint.state == EndpointState.ACTIVE.value,
            WebhookDelivery.state == WebhookDeliveryState.WAITING.value,
            *which,
        )
    )
    columns = ["tenant_id", "delivery_id", "endpoint_id", "due_at", "fence"]
    db.session.execute(
        insert(DueWebhook)
        .from_select(columns, wanted)
        .on_conflict_do_update(index_elements=["tenant_id", "delivery_id"], set_={"due_at": now})
    )
    wake_when_committed()


def withhold(ctx: Context, endpoint_id: UUID) -> None:
    """Send nothing more to an endpoint, inside a transaction; what is on its way is let go on."""
    now = SystemClock().now()
    db.session.execute(
        delete(DueWebhook)
        .where(DueWebhook.tenant_id == ctx.tenant.id, DueWebhook.endpoint_id == endpoint_id)
        .where(or_(DueWebhook.leased_until.is_(None), DueWebhook.leased_until < now))
    )


def wake_when_committed() -> None:
    """Let the sender of this process look at once, not at its next round."""
    wake = runtime().wake_sender
    waiting = db.session().info["after_commit"]
    if wake not in waiting:
        after_commit(wake)
