"""What is sent, and what came of it. The sending itself is `jobs.webhook_sender`'s."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import Row, and_, select

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, tenant_scope, transaction
from billhook.domain.webhooks import (
    FAILING,
    GONE,
    DisabledReason,
    EndpointState,
    WebhookDeliveryState,
    next_wait,
    retry_after,
    signed_headers,
)
from billhook.errors import readable
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookSecret,
)
from billhook.sdk.context import Actor, ActorKind
from billhook.sdk.http import Answer
from billhook.services.contexts import context_of
from billhook.services.sets import one_of
from billhook.services.webhooks import claiming, sealing
from billhook.services.webhooks.claiming import Lease, LeaseLost
from billhook.services.webhooks.disabling import disable

ANSWER_BYTES = 4096
"""How much of an answer is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way to an endpoint."""

    lease: Lease
    message_id: UUID
    url: str
    body: str
    secrets: tuple[str, ...]
    """What it is signed with; empty where none can be opened."""

    def headers(self, at: datetime) -> dict[str, str]:
        """Return what is sent beside the body by an attempt at an instant."""
        return {
            "content-type": "application/json",
            "user-agent": "Billhook-Webhooks/1",
            **signed_headers(self.message_id, self.body, at=at, secrets=self.secrets),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt."""

    attempted_at: datetime
    headers: dict[str, str]
    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str = ""
    address: str = ""
    wished: timedelta | None = None
    """How long the receiver asks to be left alone."""

    @property
    def is_received(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def parcels(leases: Iterable[Lease]) -> list[Parcel]:
    """Return what was claimed with all that is sent; what is not to be sent any more is let go."""
    by_tenant = sorted(leases, key=lambda lease: lease.tenant_id)
    return [
        parcel
        for tenant_id, some in groupby(by_tenant, key=lambda lease: lease.tenant_id)
        for parcel in _of_tenant(tenant_id, {lease.delivery_id: lease for lease in some})
    ]


def _of_tenant(tenant_id: UUID, leases: Mapping[UUID, Lease]) -> list[Parcel]:
    with tenant_scope(tenant_id):
        rows = _rows(list(leases))
        secrets = _secrets({row.endpoint_id for row in rows})
        for idle in leases.keys() - {row.id for row in rows}:
            _let_go(leases[idle])
        return [
            Parcel(
                lease=leases[row.id],
                message_id=row.message_id,
                url=row.url,
                body=row.body,
                secrets=secrets[row.endpoint_id],
            )
            for row in rows
        ]


def _rows(delivery_ids: list[UUID]) -> Sequence[Row[tuple[UUID, UUID, UUID, str, str]]]:
    wanted = (
        select(
            WebhookDelivery.id,
            WebhookDelivery.message_id,
            WebhookDelivery.endpoint_id,
            WebhookEndpoint.url,
            WebhookMessage.body,
        )
        .join(
            WebhookEndpoint,
            and_(
                WebhookEndpoint.tenant_id == WebhookDelivery.tenant_id,
                WebhookEndpoint.id == WebhookDelivery.endpoint_id,
            ),
        )
        .join(
            WebhookMessage,
            and_(
                WebhookMessage.tenant_id == WebhookDelivery.tenant_id,
                WebhookMessage.id == WebhookDelivery.message_id,
            ),
        )
        .where(
            one_of(WebhookDelivery.id, delivery_ids),
            WebhookEndpoint.state == EndpointState.ACTIVE.value,
            WebhookDelivery.state == WebhookDeliveryState.WAITING.value,
        )
    )
    return db.session.execute(wanted).all()


def _secrets(endpoint_ids: set[UUID]) -> dict[UUID, tuple[str, ...]]:
    found = sealing.live(endpoint_ids, SystemClock().now())
    return {endpoint_id: tuple(_opened(rows)) for endpoint_id, rows in found.items()}


def _opened(rows: Iterable[WebhookSecret]) -> Iterator[str]:
    """Open what can be opened: one lost secret does not keep the other from signing."""
    for row in rows:
        try:
            yield sealing.opened(row)
        except sealing.WebhookSecretLost:
            continue


def _let_go(lease: Lease) -> None:
    with transaction():
        try:
            claiming.finish(lease)
        except LeaseLost:
            return


def outcome(
    parcel: Parcel, answer: Answer, *, at: datetime, headers: dict[str, str], milliseconds: int
) -> Outcome:
    """Read an answer."""
    return Outcome(
        attempted_at=at,
        headers=headers,
        milliseconds=milliseconds,
        status=answer.status,
        answer=readable(answer.body.decode("utf-8", "replace"), limits.TEXT),
        error=_complaint(answer),
        address=answer.address,
        wished=retry_after(answer.headers.get("retry-after", ""), SystemClock().now()),
    )


def _complaint(answer: Answer) -> str:
    if 200 <= answer.status < 300:
        return ""
    if answer.status == GONE:
        return _("It answered 410: it is gone, and nothing more is sent to it.")
    if 300 <= answer.status < 400:
        text = _(
            "It answered %(status)s, a redirect, which is not followed. Enter the address that it "
            "leads to: %(address)s",
            status=answer.status,
            address=answer.headers.get("location", "")[:200],
        )
        return readable(text, limits.REASON)
    return _("It answered %(status)s, which is no 2xx.", status=answer.status)


def record(parcel: Parcel, came: Outcome) -> None:
    """Write what came of an attempt, and when the next one is; one transaction.

    What another sender holds by now, or nobody is to be told any more, is left as it is.
    """
    lease = parcel.lease
    with tenant_scope(lease.tenant_id):
        try:
            with transaction() as session:
                endpoint = _endpoint(lease.endpoint_id)
                claiming.hold(lease)
                row = session.scalar(
                    select(WebhookDelivery)
                    .where(WebhookDelivery.id == lease.delivery_id)
                    .execution_options(populate_existing=True)
                )
                if row is None or endpoint is None:
                    claiming.finish(lease)
                    return
                session.add(_attempt(row, came))
                row.attempts += 1
                _conclude(row, endpoint, lease, came)
        except LeaseLost:
            return


def _attempt(row: WebhookDelivery, came: Outcome) -> WebhookAttempt:
    return WebhookAttempt(
        tenant_id=row.tenant_id,
        id=new_id(),
        delivery_id=row.id,
        attempted_at=came.attempted_at,
        headers=came.headers,
        status=came.status,
        answer=came.answer,
        error=readable(came.error, limits.REASON),
        milliseconds=came.milliseconds,
        address=came.address,
    )


def _conclude(
    row: WebhookDelivery, endpoint: WebhookEndpoint, lease: Lease, came: Outcome
) -> None:
    now = SystemClock().now()
    if came.is_received:
        row.state, row.finished_at = WebhookDeliveryState.DELIVERED.value, now
        endpoint.failing_since = None
        claiming.finish(lease)
        return
    if endpoint.failing_since is None:
        endpoint.failing_since = came.attempted_at
    wait = next_wait(row.attempts, chance=random.random(), wished=came.wished)
    if reason := _reason_to_disable(endpoint, came):
        claiming.finish(lease)
        ctx = context_of(row.tenant_id, Actor(kind=ActorKind.SYSTEM))
        disable(ctx, endpoint, reason)
    elif endpoint.state != EndpointState.ACTIVE:
        claiming.finish(lease)  # paused or disabled since: it waits, or was dropped with the rest
    elif wait is None:
        row.state, row.finished_at = WebhookDeliveryState.FAILED.value, now
        claiming.finish(lease)
    else:
        claiming.postpone(lease, now + wait)


def _reason_to_disable(endpoint: WebhookEndpoint, came: Outcome) -> DisabledReason | None:
    if came.status == GONE:
        return DisabledReason.GONE
    since = endpoint.failing_since or came.attempted_at
    return DisabledReason.FAILING if came.attempted_at - since >= FAILING else None


def _endpoint(endpoint_id: UUID) -> WebhookEndpoint | None:
    """Return an endpoint, held until the transaction ends: whoever changes what is its holds it first."""
    return db.session.scalar(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
