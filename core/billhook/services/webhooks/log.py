"""The log: each message to each endpoint, every attempt to send it, and the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select

from billhook import limits
from billhook.db import db
from billhook.domain.webhooks import WebhookDeliveryState
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.webhooks import (
    DueWebhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from billhook.sdk.context import Context
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of

_MOST_ATTEMPTS = 200
"""How many attempts of a message are shown: replays add to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted; what is empty narrows nothing."""

    endpoint_id: UUID | None = None
    event: str = ""
    state: WebhookDeliveryState | None = None
    text: str = ""
    """The id of a message (`webhook-id`) or of a delivery; anything else finds nothing."""
    since: datetime | None = None
    until: datetime | None = None
    """The first instant after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEntry:
    """A message to one endpoint, as lists show it."""

    id: UUID
    message_id: UUID
    """The header `webhook-id`, the same in every attempt and at every endpoint."""
    event: str
    endpoint_id: UUID
    url: str
    state: WebhookDeliveryState
    attempts: int
    """Since it was made or last replayed."""
    made_at: datetime
    finished_at: datetime | None
    due_at: datetime | None
    """When it is tried next; None when it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request and its answer."""

    id: UUID
    attempted_at: datetime
    headers: Mapping[str, str]
    status: int | None
    """HTTP's; None where no answer came."""
    answer: str
    """The beginning of the answer's body."""
    error: str
    """What was wrong, for people; empty for what was received."""
    milliseconds: int
    address: str
    """The network address that was connected to; empty where none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A message to one endpoint with all that its page shows."""

    entry: DeliveryEntry
    body: str
    """Exactly what was sent and signed."""
    attempts: tuple[Attempt, ...]
    """The newest first."""


def deliveries(
    ctx: Context, wanted: DeliveryFilter, *, after: str = "", limit: int = limits.PAGE_ROWS
) -> Slice[DeliveryEntry]:
    """Return a page of the log, newest first. Raises ValidationFailed for a wrong cursor."""
    ctx.require("webhooks.view")
    return cut(
        _narrowed(_entries(), wanted),
        (Order(WebhookDelivery.id, UUID),),
        after=after,
        limit=limit,
        make=_entry,
        is_descending=True,
    )


def delivery(ctx: Context, delivery_id: UUID) -> DeliveryView:
    """Return a delivery with its attempts. Raises NotFound."""
    ctx.require("webhooks.view")
    found = db.session.execute(
        _entries().add_columns(WebhookMessage.body).where(WebhookDelivery.id == delivery_id)
    ).one_or_none()
    if found is None:
        raise NotFound(_("delivery"), delivery_id)
    attempts = db.session.scalars(
        select(WebhookAttempt)
        .where(WebhookAttempt.delivery_id == delivery_id)
        .order_by(WebhookAttempt.id.desc())
        .limit(_MOST_ATTEMPTS)
    )
    return DeliveryView(
        entry=_entry(found),
        body=found.body,
        attempts=tuple(_attempt(row) for row in attempts),
    )


def entries_of(delivery_ids: list[UUID]) -> list[DeliveryEntry]:
    """Return deliveries as they stand, newest first; what is not there is left out."""
    wanted = _entries().where(one_of(WebhookDelivery.id, delivery_ids))
    return [_entry(row) for row in db.session.execute(wanted.order_by(WebhookDelivery.id.desc()))]


def _entries() -> Select[Any]:
    return (
        select(
            WebhookDelivery.id,
            WebhookDelivery.message_id,
            WebhookMessage.event,
            WebhookDelivery.endpoint_id,
            WebhookEndpoint.url,
            WebhookDelivery.state,
            WebhookDelivery.attempts,
            WebhookDelivery.made_at,
            WebhookDelivery.finished_at,
            DueWebhook.due_at,
        )
        .join(
            WebhookMessage,
            and_(
                WebhookMessage.tenant_id == WebhookDelivery.tenant_id,
                WebhookMessage.id == WebhookDelivery.message_id,
            ),
        )
        .join(
            WebhookEndpoint,
            and_(
                WebhookEndpoint.tenant_id == WebhookDelivery.tenant_id,
                WebhookEndpoint.id == WebhookDelivery.endpoint_id,
            ),
        )
        .outerjoin(
            DueWebhook,
            and_(
                DueWebhook.tenant_id == WebhookDelivery.tenant_id,
                DueWebhook.delivery_id == WebhookDelivery.id,
            ),
        )
    )


def _narrowed(query: Select[Any], wanted: DeliveryFilter) -> Select[Any]:
    if wanted.endpoint_id is not None:
        query = query.where(WebhookDelivery.endpoint_id == wanted.endpoint_id)
    if wanted.event:
        query = query.where(WebhookMessage.event == wanted.event)
    if wanted.state is not None:
        query = query.where(WebhookDelivery.state == wanted.state.value)
    if wanted.since is not None:
        query = query.where(WebhookDelivery.made_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(WebhookDelivery.made_at < wanted.until)
    if wanted.text:
        named = _id_in(wanted.text)
        query = query.where(or_(WebhookDelivery.id == named, WebhookDelivery.message_id == named))
    return query


def _id_in(text: str) -> UUID:
    """Read an id; what is none becomes one that nothing has."""
    try:
        return UUID(text.strip()[:36])
    except ValueError:
        return UUID(int=0)


def _entry(row: Row[Any]) -> DeliveryEntry:
    return DeliveryEntry(
        id=row.id,
        message_id=row.message_id,
        event=row.event,
        endpoint_id=row.endpoint_id,
        url=row.url,
        state=WebhookDeliveryState(row.state),
        attempts=row.attempts,
        made_at=row.made_at,
        finished_at=row.finished_at,
        due_at=row.due_at,
    )


def _attempt(row: WebhookAttempt) -> Attempt:
    return Attempt(
        id=row.id,
        attempted_at=row.attempted_at,
        headers=row.headers,
        status=row.status,
        answer=row.answer,
        error=row.error,
        milliseconds=row.milliseconds,
        address=row.address,
    )
