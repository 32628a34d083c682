"""Endpoints: addresses that are told of events, with the secrets that prove it.

All times here are the machine's: receivers check them, and a sandbox's clock is
its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from billhook import limits
from billhook.clock import SystemClock
from billhook.db import db, is_writing
from billhook.domain.events import EVENTS
from billhook.domain.webhooks import OVERLAP, EndpointState, new_secret
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.webhooks import DueWebhook, WebhookDelivery, WebhookEndpoint, WebhookSecret
from billhook.plugins.runtime import runtime
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.http.guard import OutboundError, read_url
from billhook.services import audit, idempotency
from billhook.services.fields import Fields
from billhook.services.paging import Order, Slice, cut
from billhook.services.webhooks import due, sealing

MOST_ENDPOINTS = 100
"""Of one tenant."""

MOST_SECRETS = 5
"""Of one endpoint at once, while old ones overlap with new ones."""

LONGEST_OVERLAP = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointInput:
    """Whom to tell of what."""

    url: str
    events: Sequence[str] = ()
    """Names; none is all of them, with those that come later."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address that is told of events, as people and programs see it."""

    id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    """Names; none is all of them."""
    state: EndpointState
    state_reason: str
    """Why it was disabled, of `DisabledReason`; empty otherwise."""
    failing_since: datetime | None
    """Since when no attempt succeeded; None while it answers."""
    made_by: UUID | None
    """The person or API key that made it; None for the operator."""
    made_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint that was just made, with its secret, which is never shown again."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret that was just made, which is never shown again."""

    secret: str
    overlaps_until: datetime
    """Until when the one before signs beside it."""


def search(
    ctx: Context,
    *,
    state: EndpointState | None = None,
    text: str = "",
    after: str = "",
    limit: int = limits.PAGE_ROWS,
) -> Slice[Endpoint]:
    """Return a page of the endpoints, newest first. Raises ValidationFailed for a wrong cursor.

    A text is a part of the address or description.
    """
    ctx.require("webhooks.view")
    wanted = select(WebhookEndpoint)
    if state is not None:
        wanted = wanted.where(WebhookEndpoint.state == state.value)
    if text:
        wanted = wanted.where(
            WebhookEndpoint.url.icontains(text[: limits.NAME], autoescape=True)
            | WebhookEndpoint.description.icontains(text[: limits.NAME], autoescape=True)
        )
    return cut(
        wanted,
        (Order(WebhookEndpoint.id, UUID),),
        after=after,
        limit=limit,
        make=lambda row: entry(row[0]),
        is_descending=True,
    )


def get(ctx: Context, endpoint_id: UUID) -> Endpoint:
    """Return an endpoint. Raises NotFound."""
    ctx.require("webhooks.view")
    return entry(_row(endpoint_id))


def check_address(ctx: Context, url: str) -> None:
    """Look up where an address leads: outside transactions, since name servers take their time.

    Raises ValidationFailed.
    """
    ctx.require("webhooks.manage")
    read = Fields()
    _read_url(read, url, looks_up=True)
    if read.problems:
        raise ValidationFailed(read.problems)


def create(ctx: Context, wanted: EndpointInput, *, key: str | None = None) -> NewEndpoint:
    """Add an endpoint; its secret is in the answer, and never again but for the same key.

    Inside a transaction the address is only read: whoever opens it calls `check_address`
    before. Raises ValidationFailed, IdempotencyMismatch.
    """
    ctx.require("webhooks.manage")
    outcome = idempotency.computed_once(
        ctx,
        route="webhooks.create",
        key=key,
        request=repr(wanted),
        compute=lambda: _read(wanted),
        effect=lambda given: _create(ctx, given),
    )
    secret_id = UUID(outcome.answer["secret_id"])
    secret = db.session.scalars(select(WebhookSecret).where(WebhookSecret.id == secret_id)).one()
    return NewEndpoint(
        endpoint=entry(_row(UUID(outcome.answer["id"]))), secret=sealing.opened(secret)
    )


def _create(ctx: Context, given: EndpointInput) -> dict[str, str]:
    """Inside a transaction; what an idempotency key remembers says no secret."""
    session = db.session()
    if _count() >= MOST_ENDPOINTS:
        raise ValidationFailed([_too_many()])
    row = WebhookEndpoint(
        tenant_id=ctx.tenant.id,
        id=new_id(),
        url=given.url,
        description=given.description,
        events=list(given.events),
        state=EndpointState.ACTIVE.value,
        state_reason="",
        failing_since=None,
        made_by=ctx.actor.id,
        made_at=SystemClock().now(),
        version=1,
    )
    session.add(row)
    session.flush()
    secret_id, _secret = _add_secret(row)
    session.flush()
    audit.record(ctx, "webhook.created", "webhook", row.id)
    return {"id": str(row.id), "secret_id": str(secret_id)}


def change(
    ctx: Context,
    endpoint_id: UUID,
    wanted: EndpointInput,
    *,
    version: int | None = None,
    key: str | None = None,
) -> Endpoint:
    """Change address, events and description; what waits goes to the new address.

    Inside a transaction the address is only read: whoever opens it calls `check_address`
    before. Raises NotFound, ValidationFailed, IdempotencyMismatch, and Conflict where it is
    not the version that was looked at.
    """
    ctx.require("webhooks.manage")
    idempotency.computed_once(
        ctx,
        route="webhooks.change",
        key=key,
        request=[str(endpoint_id), repr(wanted), version],
        compute=lambda: _read(wanted),
        effect=lambda given: _change(ctx, endpoint_id, given, version),
    )
    return entry(_row(endpoint_id))


def _change(
    ctx: Context, endpoint_id: UUID, given: EndpointInput, version: int | None
) -> dict[str, str]:
    row = _locked(endpoint_id)
    if version is not None and row.version != version:
        raise Conflict(
            _("Somebody has changed this webhook since. Look at it again, then change it.")
        )
    row.url, row.description = given.url, given.description
    row.events = list(given.events)
    row.version += 1
    audit.record(ctx, "webhook.changed", "webhook", endpoint_id)
    return {}


def pause(ctx: Context, endpoint_id: UUID) -> Endpoint:
    """Send nothing until it is resumed; what happens meanwhile waits. Raises NotFound, Conflict."""
    ctx.require("webhooks.manage")
    with ctx.transaction():
        row = _locked(endpoint_id)
        if row.state == EndpointState.DISABLED:
            raise Conflict(_("This webhook is disabled already. Resume it to send again."))
        if row.state == EndpointState.ACTIVE:
            row.state = EndpointState.PAUSED.value
            row.version += 1
            due.withhold(ctx, endpoint_id)
            audit.record(ctx, "webhook.paused", "webhook", endpoint_id)
    return entry(row)


def resume(ctx: Context, endpoint_id: UUID) -> Endpoint:
    """Send again, and what waits at once; one that was disabled begins anew. Raises NotFound."""
    ctx.require("webhooks.manage")
    with ctx.transaction() as session:
        row = _locked(endpoint_id)
        if row.state != EndpointState.ACTIVE:
            row.state, row.state_reason = EndpointState.ACTIVE.value, ""
            row.failing_since = None
            row.version += 1
            session.flush()
            due.release(ctx, WebhookDelivery.endpoint_id == endpoint_id)
            audit.record(ctx, "webhook.resumed", "webhook", endpoint_id)
    return entry(row)


def remove(ctx: Context, endpoint_id: UUID) -> None:
    """Delete an endpoint with its log; nothing more is sent to it. Raises NotFound."""
    ctx.require("webhooks.manage")
    with ctx.transaction() as session:
        row = _locked(endpoint_id)
        session.execute(
            delete(DueWebhook).where(
                DueWebhook.tenant_id == ctx.tenant.id, DueWebhook.endpoint_id == endpoint_id
            )
        )
        session.delete(row)
        audit.record(ctx, "webhook.removed", "webhook", endpoint_id)


def rotate(ctx: Context, endpoint_id: UUID, *, overlap: timedelta = OVERLAP) -> NewSecret:
    """Make a new secret; the old one signs beside it for a while. Raises NotFound, ValidationFailed."""
    ctx.require("webhooks.manage")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        read = Fields()
        read.refuse(
            "overlap_hours",
            "webhook.overlap_invalid",
            _("The old secret can go on for up to %(days)s days.", days=LONGEST_OVERLAP.days),
        )
        raise ValidationFailed(read.problems)
    now = SystemClock().now()
    with ctx.transaction() as session:
        row = _locked(endpoint_id)
        before = sealing.live([endpoint_id], now)[endpoint_id]
        for old in before:
            old.expires_at = min(old.expires_at or now + overlap, now + overlap)
        for old in before[MOST_SECRETS - 1 :]:
            session.delete(old)
        _secret_id, secret = _add_secret(row)
        audit.record(ctx, "webhook.secret_rotated", "webhook", endpoint_id)
    return NewSecret(secret=secret, overlaps_until=now + overlap)


def entry(row: WebhookEndpoint) -> Endpoint:
    """Return an endpoint as people see it."""
    return Endpoint(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(row.events),
        state=EndpointState(row.state),
        state_reason=row.state_reason,
        failing_since=row.failing_since,
        made_by=row.made_by,
        made_at=row.made_at,
        version=row.version,
    )


def _add_secret(row: WebhookEndpoint) -> tuple[UUID, str]:
    secret, secret_id = new_secret(), new_id()
    db.session.add(
        WebhookSecret(
            tenant_id=row.tenant_id,
            id=secret_id,
            endpoint_id=row.id,
            sealed=sealing.seal(row.tenant_id, row.id, secret_id, secret),
            made_at=SystemClock().now(),
        )
    )
    return secret_id, secret


def _row(endpoint_id: UUID) -> WebhookEndpoint:
    row = db.session.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))
    if row is None:
        raise NotFound(_("webhook"), endpoint_id)
    return row


def _locked(endpoint_id: UUID) -> WebhookEndpoint:
    row = db.session.scalar(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("webhook"), endpoint_id)
    return row


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(WebhookEndpoint)) or 0


def _read(wanted: EndpointInput) -> EndpointInput:
    """Raises ValidationFailed."""
    read = Fields()
    given = EndpointInput(
        url=_read_url(read, wanted.url, looks_up=not is_writing()),
        events=_read_events(read, wanted.events),
        description=read.text("description", wanted.description, limit=limits.NAME),
    )
    if read.problems:
        raise ValidationFailed(read.problems)
    return given


def _read_url(read: Fields, text: str, *, looks_up: bool) -> str:
    url = read.text("url", text, limit=limits.URL, is_required=True)
    if not url:
        return ""
    try:
        runtime().ports.http.check(url) if looks_up else read_url(url)
    except OutboundError as error:
        read.refuse("url", error.code, error.message)
    return url


def _read_events(read: Fields, names: Sequence[str]) -> tuple[str, ...]:
    known = {event.name for event in EVENTS}
    for name in names:
        if name not in known:
            read.refuse(
                "events",
                "webhook.event_unknown",
                _(
                    "There is no event “%(name)s”. The list of events shows their names.",
                    name=name[: limits.CODE],
                ),
            )
    return tuple(dict.fromkeys(names))


def _too_many() -> Problem:
    return Problem(
        code="webhook.too_many",
        message=_(
            "There are %(most)s webhooks already. Remove one that nobody uses.",
            most=MOST_ENDPOINTS,
        ),
    )
