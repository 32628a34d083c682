"""Deliveries by the API: what went to whom, what came of it, sending and trying again."""

from uuid import UUID

from billhook.api.schemas.deliveries import (
    DeliveriesQuery,
    DeliveryAnswer,
    DeliveryContentAnswer,
    RetriedAnswer,
    RetryInput,
    SendInput,
    WayAnswer,
    WaysAnswer,
)
from billhook.sdk.api import Download, Made, Page, Routes
from billhook.sdk.context import Context
from billhook.services import delivering
from billhook.services.delivering import delivery_search, reading, retrying, showing, usual

routes = Routes("deliveries", "Documents on their way to clients, and every step of it.")


@routes.get("/deliveries", requires="deliveries.view")
def list_deliveries(ctx: Context, query: DeliveriesQuery) -> Page[DeliveryAnswer]:
    """List deliveries with their recipients, the newest first."""
    found = delivery_search.search(ctx, query.wanted(), after=query.after, limit=query.limit)
    return Page(data=[DeliveryAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/deliveries/<uuid:delivery_id>", requires="deliveries.view")
def get_delivery(ctx: Context, delivery_id: UUID) -> DeliveryAnswer:
    """Get a delivery with its recipients."""
    return DeliveryAnswer.of(reading.found(ctx, delivery_id))


@routes.get("/deliveries/<uuid:delivery_id>/content", requires="deliveries.view")
def get_delivery_content(ctx: Context, delivery_id: UUID) -> DeliveryContentAnswer:
    """Get what a delivery says and carries, and every step of its way."""
    return DeliveryContentAnswer.of(delivering.get(ctx, delivery_id))


@routes.get("/deliveries/<uuid:delivery_id>/message", requires="deliveries.view")
def get_delivery_message(ctx: Context, delivery_id: UUID) -> Download:
    """Download the message as its reader sees it: a page with its pictures inside."""
    page = showing.shown(ctx, delivery_id)
    return Download(
        name="message.html", content_type="text/html; charset=utf-8", content=page.encode()
    )


@routes.get("/documents/<uuid:document_id>/ways", requires="deliveries.send")
def list_document_ways(ctx: Context, document_id: UUID) -> WaysAnswer:
    """List the channels that are on, and whom each would write to about this document.

    Needs the scope `documents.view`, too.
    """
    return WaysAnswer(data=[WayAnswer.of(one) for one in usual.usual_ways(ctx, document_id)])


@routes.post("/documents/<uuid:document_id>/send", requires="deliveries.send")
def send_document(
    ctx: Context, document_id: UUID, body: SendInput, key: str | None
) -> Made[DeliveryAnswer]:
    """Send a document, or send it again; a worker hands it over.

    Without a channel it is the customer's first, without recipients those whom the channel
    finds. Needs the scope `documents.view`, too.
    """
    made = delivering.send(
        ctx,
        document_id,
        channel=body.channel,
        recipients=body.given(),
        tone=body.tone,
        key=key,
    )
    return Made(DeliveryAnswer.of(made), at=f"/deliveries/{made.id}")


@routes.post("/deliveries/<uuid:delivery_id>/retry", requires="deliveries.send")
def retry_delivery(ctx: Context, delivery_id: UUID, key: str | None) -> DeliveryAnswer:
    """Try a delivery again now, for those recipients who do not have it.

    One of which nobody knows whether it arrived is sent again, too: look first.
    """
    return DeliveryAnswer.of(delivering.retry(ctx, delivery_id, key=key))


@routes.post("/deliveries/retry", requires="deliveries.send")
def retry_deliveries(ctx: Context, body: RetryInput, key: str | None) -> RetriedAnswer:
    """Try several deliveries again, as far as each can be."""
    return RetriedAnswer.of(retrying.retry_some(ctx, list(dict.fromkeys(body.ids)), key=key))
