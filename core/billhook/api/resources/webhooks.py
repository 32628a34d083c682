"""Webhooks by the API: endpoints, the log of their messages, and the events there are."""

from uuid import UUID

from billhook.api.schemas.webhooks import (
    EventTypeAnswer,
    LostSince,
    NewSecretAnswer,
    NewWebhook,
    NewWebhookAnswer,
    ReplayedAnswer,
    Replays,
    SecretRotation,
    TestMessage,
    WebhookAnswer,
    WebhookChanges,
    WebhookDeliveriesQuery,
    WebhookDeliveryAnswer,
    WebhookDeliveryDetail,
    WebhooksQuery,
)
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import webhooks

routes = Routes("webhooks", "Addresses that are told what happens, and what they answered.")


@routes.get("/webhooks", requires="webhooks.view")
def list_webhooks(ctx: Context, query: WebhooksQuery) -> Page[WebhookAnswer]:
    """List webhooks, the newest first."""
    found = webhooks.search(
        ctx, state=query.state, text=query.text, after=query.after, limit=query.limit
    )
    return Page(data=[WebhookAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.post("/webhooks", requires="webhooks.manage")
def create_webhook(ctx: Context, body: NewWebhook, key: str | None) -> Made[NewWebhookAnswer]:
    """Tell an address of events.

    The answer holds the secret that proves messages, this once. Tools in the way of
    REST hooks subscribe by this with one event, and unsubscribe by deleting.
    """
    wanted = webhooks.EndpointInput(
        url=body.url, events=tuple(body.events), description=body.description
    )
    made = webhooks.create(ctx, wanted, key=key)
    return Made(NewWebhookAnswer.made(made), at=f"/webhooks/{made.endpoint.id}")


@routes.get("/webhooks/<uuid:webhook_id>", requires="webhooks.view")
def get_webhook(ctx: Context, webhook_id: UUID) -> WebhookAnswer:
    """Get a webhook. Its secret cannot be read again."""
    return WebhookAnswer.of(webhooks.get(ctx, webhook_id))


@routes.patch("/webhooks/<uuid:webhook_id>", requires="webhooks.manage")
def change_webhook(
    ctx: Context, webhook_id: UUID, body: WebhookChanges, match: Match, key: str | None
) -> WebhookAnswer:
    """Change a webhook; fields that are left out stay.

    Messages that wait go to the new address.
    """
    stored = webhooks.get(ctx, webhook_id)
    version = match.require(stored.version) if match.version is not None else None
    changed = webhooks.change(ctx, webhook_id, body.over(stored), version=version, key=key)
    return WebhookAnswer.of(changed)


@routes.delete("/webhooks/<uuid:webhook_id>", requires="webhooks.manage")
def delete_webhook(ctx: Context, webhook_id: UUID) -> None:
    """Delete a webhook with its log; nothing more is sent to it."""
    webhooks.remove(ctx, webhook_id)


@routes.post("/webhooks/<uuid:webhook_id>/pause", requires="webhooks.manage")
def pause_webhook(ctx: Context, webhook_id: UUID) -> WebhookAnswer:
    """Send nothing until it is resumed; what happens meanwhile waits."""
    return WebhookAnswer.of(webhooks.pause(ctx, webhook_id))


@routes.post("/webhooks/<uuid:webhook_id>/resume", requires="webhooks.manage")
def resume_webhook(ctx: Context, webhook_id: UUID) -> WebhookAnswer:
    """Send again to a webhook that was paused or disabled, and what waits at once."""
    return WebhookAnswer.of(webhooks.resume(ctx, webhook_id))


@routes.post("/webhooks/<uuid:webhook_id>/rotate", requires="webhooks.manage")
def rotate_webhook_secret(ctx: Context, webhook_id: UUID, body: SecretRotation) -> NewSecretAnswer:
    """Make a new secret; the old one signs beside it for a while.

    Messages carry two signatures meanwhile: one that fits is enough.
    """
    made = webhooks.rotate(ctx, webhook_id, overlap=body.overlap)
    return NewSecretAnswer(secret=made.secret, overlaps_until=made.overlaps_until)


@routes.post("/webhooks/<uuid:webhook_id>/test", requires="webhooks.manage")
def send_test_webhook(ctx: Context, webhook_id: UUID, body: TestMessage) -> WebhookDeliveryDetail:
    """Send the sample of an event, signed like any other message.

    Read the delivery a moment later to see what was answered.
    """
    delivery_id = webhooks.send_test(ctx, webhook_id, body.event)
    return WebhookDeliveryDetail.in_full(webhooks.delivery(ctx, delivery_id))


@routes.post("/webhooks/<uuid:webhook_id>/replay", requires="webhooks.manage")
def replay_webhook(ctx: Context, webhook_id: UUID, body: LostSince) -> ReplayedAnswer:
    """Send again all that a webhook did not receive since an instant."""
    return ReplayedAnswer(count=webhooks.replay_failed(ctx, webhook_id, since=body.since))


@routes.get("/webhook-deliveries", requires="webhooks.view")
def list_webhook_deliveries(
    ctx: Context, query: WebhookDeliveriesQuery
) -> Page[WebhookDeliveryAnswer]:
    """List the messages of the last 30 days, the newest first."""
    wanted = webhooks.DeliveryFilter(
        endpoint_id=query.webhook_id,
        event=query.event,
        state=query.state,
        text=str(query.id or ""),
        since=query.since,
        until=query.until,
    )
    found = webhooks.deliveries(ctx, wanted, after=query.after, limit=query.limit)
    data = [WebhookDeliveryAnswer.of(one) for one in found.rows]
    return Page(data=data, next=found.next or None)


@routes.get("/webhook-deliveries/<uuid:delivery_id>", requires="webhooks.view")
def get_webhook_delivery(ctx: Context, delivery_id: UUID) -> WebhookDeliveryDetail:
    """Get a message with every request that carried it, and what was answered."""
    return WebhookDeliveryDetail.in_full(webhooks.delivery(ctx, delivery_id))


@routes.post("/webhook-deliveries/<uuid:delivery_id>/replay", requires="webhooks.manage")
def replay_webhook_delivery(ctx: Context, delivery_id: UUID) -> WebhookDeliveryAnswer:
    """Send a message again, with the same id and content."""
    (again,) = webhooks.replay(ctx, [delivery_id])
    return WebhookDeliveryAnswer.of(again)


@routes.post("/webhook-deliveries/replay", requires="webhooks.manage")
def replay_webhook_deliveries(ctx: Context, body: Replays) -> list[WebhookDeliveryAnswer]:
    """Send up to 100 messages again, with the same ids and content; all of them or none."""
    return [WebhookDeliveryAnswer.of(one) for one in webhooks.replay(ctx, body.ids)]


@routes.get("/webhook-events", requires="webhooks.view")
def list_webhook_events(ctx: Context) -> list[EventTypeAnswer]:
    """List the events that webhooks can be told of, each with a sample of a message."""
    return [EventTypeAnswer.of(one) for one in webhooks.event_types(ctx)]


@routes.get("/webhook-events/<event>/samples", requires="webhooks.view")
def list_webhook_samples(ctx: Context, event: str) -> list[dict[str, object]]:
    """List samples of an event's message, as tools in the way of REST hooks ask for them."""
    return [webhooks.sample_message(ctx, event)]
