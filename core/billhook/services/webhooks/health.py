"""How endpoints are doing: what they received of the last day, and what went wrong last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.webhooks import WebhookDeliveryState
from billhook.ids import first_id_of
from billhook.models.webhooks import WebhookAttempt, WebhookDelivery
from billhook.sdk.context import Context
from billhook.services.sets import one_of

DAY = timedelta(days=1)
LOST = (WebhookDeliveryState.FAILED, WebhookDeliveryState.DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Messages of the last 24 hours to one endpoint, and its last failure in that time."""

    delivered: int = 0
    lost: int = 0
    """Given up, or dropped while it was disabled."""
    waiting: int = 0
    failed_at: datetime | None = None
    error: str = ""


def recent(ctx: Context, endpoint_ids: Collection[UUID]) -> dict[UUID, Health]:
    """Return how each of some endpoints is doing."""
    ctx.require("webhooks.view")
    if not endpoint_ids:
        return {}
    first = first_id_of(SystemClock().now() - DAY)
    counts = _counts(endpoint_ids, first)
    failures = _failures(ctx, endpoint_ids, first)
    return {one: _health(counts.get(one, {}), failures.get(one)) for one in endpoint_ids}


def _health(counts: dict[str, int], failure: tuple[datetime, str] | None) -> Health:
    failed_at, error = failure or (None, "")
    return Health(
        delivered=counts.get(WebhookDeliveryState.DELIVERED, 0),
        lost=sum(counts.get(state, 0) for state in LOST),
        waiting=counts.get(WebhookDeliveryState.WAITING, 0),
        failed_at=failed_at,
        error=error,
    )


def _counts(endpoint_ids: Collection[UUID], first: UUID) -> dict[UUID, dict[str, int]]:
    rows = db.session.execute(
        select(WebhookDelivery.endpoint_id, WebhookDelivery.state, func.count())
        .where(one_of(WebhookDelivery.endpoint_id, endpoint_ids), WebhookDelivery.id >= first)
        .group_by(WebhookDelivery.endpoint_id, WebhookDelivery.state)
    )
    found: dict[UUID, dict[str, int]] = {}
    for endpoint_id, state, count in rows:
        found.setdefault(endpoint_id, {})[state] = count
    return found


def _failures(
    ctx: Context, endpoint_ids: Collection[UUID], first: UUID
) -> dict[UUID, tuple[datetime, str]]:
    place = func.row_number().over(
        partition_by=WebhookDelivery.endpoint_id, order_by=WebhookAttempt.id.desc()
    )
    failed = (
        select(
            WebhookDelivery.endpoint_id,
            WebhookAttempt.attempted_at,
            WebhookAttempt.error,
            place.label("place"),
        )
        .join(
            WebhookDelivery,
            and_(
                WebhookDelivery.tenant_id == WebhookAttempt.tenant_id,
                WebhookDelivery.id == WebhookAttempt.delivery_id,
            ),
        )
        .where(
            WebhookAttempt.tenant_id == ctx.tenant.id,
            WebhookAttempt.id >= first,
            WebhookAttempt.error != "",
            one_of(WebhookDelivery.endpoint_id, endpoint_ids),
        )
        .subquery()
    )
    rows = db.session.execute(select(failed).where(failed.c.place == 1))
    return {row.endpoint_id: (row.attempted_at, row.error) for row in rows}


def lost_since(ctx: Context, endpoint_id: UUID, since: datetime) -> int:
    """Return how many messages since an instant an endpoint did not receive, and will not."""
    ctx.require("webhooks.view")
    lost = select(func.count()).select_from(WebhookDelivery)
    lost = lost.where(
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.state.in_(LOST),
        WebhookDelivery.made_at >= since,
    )
    return db.session.scalar(lost) or 0
