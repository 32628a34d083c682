"""Messages: what happened, as endpoints are told of it, written once and sent as it stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Select, select

from billhook import limits
from billhook.clock import SystemClock
from billhook.columns import instant_text
from billhook.db import Base, db
from billhook.domain.events import EVENTS
from billhook.domain.webhooks import EndpointState, WebhookDeliveryState
from billhook.ids import new_id
from billhook.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookMessage
from billhook.models.work import Outbox
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services.sets import insert_missing, one_of
from billhook.services.webhooks import due

T = TypeVar("T")

_KINDS = {event.name: event for event in EVENTS}


def are_wanted(_ctx: Context) -> bool:
    """Tell whether the tenant has an endpoint that is told of anything."""
    some = _listening().with_only_columns(WebhookEndpoint.id).limit(1)
    return db.session.scalar(some) is not None


def write(ctx: Context, batch_id: UUID) -> None:
    """Write the messages of all events of a batch, inside a transaction; none of them twice."""
    endpoints = db.session.scalars(_listening()).all()
    wanted = select(Outbox.id, Outbox.name, Outbox.payload, Outbox.created_at)
    wanted = wanted.where(Outbox.batch_id == batch_id, Outbox.kind == "event")
    told = [
        (event, endpoint.id)
        for event in db.session.execute(wanted.order_by(Outbox.id))
        for endpoint in endpoints
        if not endpoint.events or event.name in endpoint.events
    ]
    heard = {event.id: event for event, _endpoint in told}
    _insert(
        WebhookMessage,
        [message(ctx, one.id, one.name, one.payload, at=one.created_at) for one in heard.values()],
    )
    deliveries = [delivery(ctx, event.id, endpoint_id) for event, endpoint_id in told]
    _insert(WebhookDelivery, deliveries)
    for some in _parts([one["id"] for one in deliveries]):
        due.release(ctx, one_of(WebhookDelivery.id, some))


def message(
    ctx: Context, message_id: UUID, name: str, data: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """Return a message's row, its body in full."""
    body = content(name, data, at=at, base_url=runtime().config.base_url)
    return {
        "tenant_id": ctx.tenant.id,
        "id": message_id,
        "event": name,
        "body": orjson.dumps(body).decode(),
        "made_at": SystemClock().now(),
    }


def content(name: str, data: Mapping[str, Any], *, at: datetime, base_url: str) -> dict[str, Any]:
    """Return what a message says: the event's fields, and where the API has the object."""
    told = {key: value for key, value in data.items() if key != "version"}
    if path := _KINDS[name].resource.format_map(told):
        told["url"] = f"{base_url.rstrip('/')}/api/v1{path}"
    return {"type": name, "timestamp": instant_text(at).replace("+00:00", "Z"), "data": told}


def delivery(ctx: Context, message_id: UUID, endpoint_id: UUID) -> dict[str, Any]:
    """Return the row of a message to one endpoint, not yet sent."""
    return {
        "tenant_id": ctx.tenant.id,
        "id": new_id(),
        "endpoint_id": endpoint_id,
        "message_id": message_id,
        "state": WebhookDeliveryState.WAITING.value,
        "attempts": 0,
        "made_at": SystemClock().now(),
    }


def _listening() -> Select[tuple[WebhookEndpoint]]:
    """Select whom to tell; what one that is paused should know waits for it."""
    return select(WebhookEndpoint).where(WebhookEndpoint.state != EndpointState.DISABLED.value)


def _insert(table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    for some in _parts(rows):
        insert_missing(table, some)


def _parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), limits.PAGE_ROWS):
        yield rows[start : start + limits.PAGE_ROWS]
