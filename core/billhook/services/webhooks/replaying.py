"""Sending again what was sent, and something made up to see whether it arrives."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from billhook import limits
from billhook.db import db, insert
from billhook.domain.webhooks import EndpointState, WebhookDeliveryState
from billhook.errors import Conflict, NotFound
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookMessage
from billhook.sdk.context import Context
from billhook.services import audit
from billhook.services.sets import one_of
from billhook.services.webhooks import due, messages
from billhook.services.webhooks.log import DeliveryEntry, entries_of
from billhook.services.webhooks.samples import sample

_LOST = (WebhookDeliveryState.FAILED.value, WebhookDeliveryState.DROPPED.value)


def replay(ctx: Context, delivery_ids: Collection[UUID]) -> list[DeliveryEntry]:
    """Send messages again, with the same id and body and all their attempts; return them.

    At most `limits.PAGE_ROWS` at once. Raises NotFound for any that is not there, and
    Conflict where its endpoint is disabled.
    """
    ctx.require("webhooks.manage")
    wanted = sorted(set(delivery_ids))[: limits.PAGE_ROWS]
    with ctx.transaction():
        found = select(WebhookDelivery.id, WebhookDelivery.endpoint_id)
        found = found.where(one_of(WebhookDelivery.id, wanted))
        endpoints = {row.id: row.endpoint_id for row in db.session.execute(found)}
        for missing in wanted:
            if missing not in endpoints:
                raise NotFound(_("delivery"), missing)
        _held(one_of(WebhookEndpoint.id, set(endpoints.values())))
        _again(ctx, wanted)
        audit.record_all(ctx, "webhook.replayed", "webhook_delivery", wanted)
        return entries_of(wanted)


def replay_failed(ctx: Context, endpoint_id: UUID, *, since: datetime) -> int:
    """Send again what an endpoint did not receive, made since an instant; return how many.

    Raises NotFound, and Conflict where it is disabled.
    """
    ctx.require("webhooks.manage")
    is_lost = (
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.state.in_(_LOST),
        WebhookDelivery.made_at >= since,
    )
    count = 0
    with ctx.transaction():
        _held_one(endpoint_id)
        while lost := _some(*is_lost):
            _again(ctx, lost)
            count += len(lost)
        audit.record(ctx, "webhook.replayed", "webhook", endpoint_id, count=count)
    return count


def send_test(ctx: Context, endpoint_id: UUID, event: str) -> UUID:
    """Send the sample of an event, made up and signed like any other; return the delivery's id.

    An endpoint gets it although it does not ask for that event. Raises NotFound for the
    endpoint or the event, and Conflict where it is not active.
    """
    ctx.require("webhooks.manage")
    made = sample(event)
    with ctx.transaction() as session:
        if _held_one(endpoint_id).state != EndpointState.ACTIVE:
            raise Conflict(_("This webhook is paused. Resume it, then send a test."))
        message = messages.message(ctx, new_id(), event, made, at=ctx.now())
        session.execute(insert(WebhookMessage).values(message))
        sent = messages.delivery(ctx, message["id"], endpoint_id)
        session.execute(insert(WebhookDelivery).values(sent))
        due.release(ctx, WebhookDelivery.id == sent["id"])
        audit.record(ctx, "webhook.tested", "webhook", endpoint_id, event=event)
    delivery_id: UUID = sent["id"]
    return delivery_id


def _some(*conditions: ColumnElement[bool]) -> list[UUID]:
    wanted = select(WebhookDelivery.id).where(*conditions).order_by(WebhookDelivery.id)
    return list(db.session.scalars(wanted.limit(limits.PAGE_ROWS)))


def _again(ctx: Context, delivery_ids: list[UUID]) -> None:
    which = one_of(WebhookDelivery.id, delivery_ids)
    db.session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.tenant_id == ctx.tenant.id, which)
        .values(state=WebhookDeliveryState.WAITING.value, attempts=0, finished_at=None)
        .execution_options(synchronize_session=False)
    )
    due.release(ctx, which)


def _held(*which: ColumnElement[bool]) -> list[WebhookEndpoint]:
    """Return endpoints, held until the transaction ends, always in one order. Raises Conflict."""
    rows = db.session.scalars(
        select(WebhookEndpoint)
        .where(*which)
        .order_by(WebhookEndpoint.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if any(row.state == EndpointState.DISABLED for row in rows):
        raise Conflict(_("This webhook is disabled. Resume it, then send again."))
    return list(rows)


def _held_one(endpoint_id: UUID) -> WebhookEndpoint:
    """Raises NotFound, Conflict."""
    found = _held(WebhookEndpoint.id == endpoint_id)
    if not found:
        raise NotFound(_("webhook"), endpoint_id)
    return found[0]
