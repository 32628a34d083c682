"""Letting a delivery be tried again, because a person says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import DeliveryState, Recipient
from billhook.errors import Conflict, NotFound, PluginUnavailable, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentRow
from billhook.models.work import Outbox
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, idempotency, outbox
from billhook.services.delivering import outcomes, parcels, trail
from billhook.services.delivering.reading import DeliveryEntry, entry_of
from billhook.services.delivering.trail import StepKind
from billhook.services.delivering.withdrawing import is_void, voided

_LOST = (DeliveryState.FAILED.value, DeliveryState.BOUNCED.value)


def retry(ctx: Context, delivery_id: UUID, *, key: str | None = None) -> DeliveryEntry:
    """Try a delivery again now, for those recipients who do not have it.

    One of which nobody knows whether it arrived is sent again, too: whoever calls
    has looked. A repeat with the same key tries nothing more. Raises NotFound, Conflict for
    what was sent or is void, ValidationFailed where there is still no address.
    """
    ctx.require("deliveries.send")
    idempotency.computed_once(
        ctx,
        route=f"deliveries.retry:{delivery_id}",  # so that one key may go with several
        key=key,
        request=[],
        compute=lambda: _missing_recipients(ctx, delivery_id),
        effect=lambda found: _retried(ctx, delivery_id, found),
    )
    return entry_of(ctx, delivery_id)


def _retried(ctx: Context, delivery_id: UUID, found: Sequence[Recipient]) -> Mapping[str, Any]:
    """Inside a transaction."""
    row = outcomes.locked(delivery_id)
    if row is None:
        raise NotFound(_("delivery"), delivery_id)
    if is_void(row.document_id):
        raise Conflict(voided(ctx))
    people = outcomes.recipients_of(delivery_id)
    if row.state == DeliveryState.QUEUED.value:
        _hurry(ctx, row)
    elif not people or any(one.state in _LOST for one in people):
        if not people:
            parcels.add_recipients(ctx, delivery_id, found)
        _open_again(ctx, row)
    else:
        raise Conflict(
            _("This was sent. To send it once more, send the document: billhook documents send")
        )
    audit.record(ctx, "delivery.retried", "delivery", delivery_id)
    return {"id": str(delivery_id)}


def retry_all(ctx: Context) -> list[DeliveryEntry]:
    """Try all failed deliveries again of which it is certain that nobody has them, a bounded number.

    Those that would still fail, for want of an address or with a void document, are left out.
    """
    ctx.require("deliveries.send")
    failed = db.session.scalars(
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.FAILED.value, ~Delivery.is_committed)
        .order_by(Delivery.id)
        .limit(limits.PAGE_ROWS)
    ).all()
    tried: list[DeliveryEntry] = []
    for delivery_id in failed:
        try:
            tried.append(retry(ctx, delivery_id))
        except (Conflict, ValidationFailed):
            continue
    return tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What became of several deliveries that were to be tried again."""

    tried: int
    refused: tuple[str, ...]
    """Why the others were not, each reason once."""


def retry_some(ctx: Context, delivery_ids: Sequence[UUID], *, key: str | None = None) -> Retried:
    """Try chosen deliveries again, as far as each can be. Raises NotFound."""
    ctx.require("deliveries.send")
    tried, refused = 0, []
    for delivery_id in delivery_ids:
        try:
            retry(ctx, delivery_id, key=key)
            tried += 1
        except (Conflict, ValidationFailed) as error:
            refused.append(error.message)
    return Retried(tried=tried, refused=tuple(dict.fromkeys(refused)))


def _missing_recipients(ctx: Context, delivery_id: UUID) -> tuple[Recipient, ...]:
    """Look anew for addresses where there were none. Raises ValidationFailed."""
    row = db.session.scalar(select(Delivery).where(Delivery.id == delivery_id))
    if row is None or outcomes.recipients_of(delivery_id):
        return ()
    customer_id = db.session.scalars(
        select(DocumentRow.customer_id).where(DocumentRow.id == row.document_id)
    ).one()
    try:
        found = parcels.recipients(ctx, row.channel, customer_id)
    except PluginUnavailable as error:
        raise ValidationFailed([_problem("delivery.channel_off", error.message)]) from error
    if not found:
        raise ValidationFailed([_problem("delivery.no_recipient", parcels.nobody(ctx))])
    return found


def _problem(code: str, message: str) -> Problem:
    return Problem(code=code, message=message)


def _hurry(ctx: Context, row: Delivery) -> None:
    """Let the job that waits be due now; where none does, make one."""
    batch_id = db.session.scalar(
        select(Outbox.batch_id).where(Outbox.id == row.job_id, Outbox.state == "waiting")
    )
    if batch_id is None:
        row.version += 1
        parcels.enqueue(ctx, row.id, version=row.version)
        return
    outbox.make_due(ctx.tenant.id, batch_id, outbox.due(ctx))
    outbox.wake_when_committed()


def _open_again(ctx: Context, row: Delivery) -> None:
    trail.note(
        ctx,
        row.id,
        StepKind.RETRIED,
        actor=ctx.actor.kind.value,
        actor_id=str(ctx.actor.id or ""),
    )
    for one in outcomes.recipients_of(row.id):
        if one.state in _LOST:
            one.state, one.reason = DeliveryState.QUEUED.value, ""
    row.state = DeliveryState.QUEUED.value
    row.is_committed, row.last_error = False, ""
    row.version += 1
    db.session.flush()
    parcels.enqueue(ctx, row.id, version=row.version)
