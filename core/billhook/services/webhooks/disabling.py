"""Endpoints that end by themselves: gone, or failing for days. People are told."""

from sqlalchemy import update

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.events import WebhookDisabled
from billhook.domain.webhooks import DisabledReason, EndpointState, WebhookDeliveryState
from billhook.models.webhooks import WebhookDelivery, WebhookEndpoint
from billhook.sdk.context import Context
from billhook.services import alerting, audit, outbox
from billhook.services.webhooks import due


def disable(ctx: Context, endpoint: WebhookEndpoint, reason: DisabledReason) -> None:
    """Send nothing more to an endpoint, inside a transaction; what waits for it is dropped.

    One that was disabled already stays so.
    """
    if endpoint.state == EndpointState.DISABLED:
        return
    endpoint.state, endpoint.state_reason = EndpointState.DISABLED.value, reason.value
    endpoint.version += 1
    db.session.flush()
    db.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == ctx.tenant.id,
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.state == WebhookDeliveryState.WAITING.value,
        )
        .values(state=WebhookDeliveryState.DROPPED.value, finished_at=SystemClock().now())
        .execution_options(synchronize_session=False)
    )
    due.withhold(ctx, endpoint.id)
    audit.record(ctx, "webhook.disabled", "webhook", endpoint.id, reason=reason.value)
    alerting.webhook_disabled(ctx, endpoint.id, reason.value)
    outbox.publish(ctx, WebhookDisabled(webhook_id=endpoint.id, reason=reason.value))
