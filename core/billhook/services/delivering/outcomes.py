"""What a try of a delivery came to, each in one transaction with the trail and the event."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import DeliveryState, Receipt, RecipientKind, state_of
from billhook.domain.events import DeliveryFailed, DeliverySent
from billhook.errors import readable
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import outbox
from billhook.services.delivering import trail
from billhook.services.delivering.trail import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a delivery: its version counts the tries, so that a late one is told apart."""

    delivery_id: UUID
    version: int
    addresses: frozenset[str]
    """Whom it goes to."""


def locked(delivery_id: UUID) -> Delivery | None:
    """Return a delivery as it stands now, held until the transaction ends."""
    return db.session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def recipients_of(delivery_id: UUID) -> list[DeliveryRecipient]:
    return list(
        db.session.scalars(
            select(DeliveryRecipient)
            .where(DeliveryRecipient.delivery_id == delivery_id)
            .order_by(DeliveryRecipient.position)
            .execution_options(populate_existing=True)
        )
    )


def sent(ctx: Context, going: Try, receipt: Receipt) -> None:
    """Record what the other side took, refused and put off."""
    with ctx.transaction():
        trail.note(
            ctx,
            going.delivery_id,
            StepKind.SENT,
            detail=receipt.answer,
            remote_id=receipt.remote_id,
        )
        if (row := _mine(going)) is None:
            return  # a person has settled it meanwhile: the trail tells both
        row.remote_id = readable(receipt.remote_id, limits.NAME)
        row.sent_at = ctx.now()
        refused = {one.address: one.reason for one in receipt.refused}
        postponed = {one.address: one.reason for one in receipt.postponed}
        for person in recipients_of(row.id):
            if person.address in going.addresses:
                _settle(ctx, person, refused, postponed)
        row.last_error = _lacking(row.id)
        row.is_committed = False
        state = _conclude(row)
        if state is DeliveryState.SENT:
            outbox.publish(ctx, DeliverySent(delivery_id=row.id, document_id=row.document_id))
        if receipt.refused:
            tell_failed(ctx, row.id, row.document_id)


def _settle(
    ctx: Context,
    person: DeliveryRecipient,
    refused: Mapping[str, str],
    postponed: Mapping[str, str],
) -> None:
    found = person.address
    if person.state in (DeliveryState.BOUNCED.value, DeliveryState.OPENED.value):
        return  # the news was faster than the answer
    if found in refused:
        _mark(person, DeliveryState.FAILED, refused[found])
        trail.note(ctx, person.delivery_id, StepKind.REFUSED, address=found, detail=refused[found])
    elif found in postponed:
        _mark(person, DeliveryState.QUEUED, postponed[found])
        trail.note(
            ctx, person.delivery_id, StepKind.POSTPONED, address=found, detail=postponed[found]
        )
    else:
        _mark(person, DeliveryState.SENT, "")


def captured(ctx: Context, row: Delivery) -> None:
    """Let a sandbox keep what anyone else would send, inside a transaction."""
    trail.note(
        ctx, row.id, StepKind.CAPTURED, detail=_("This is a sandbox: nothing leaves the house.")
    )
    row.is_captured = True
    row.sent_at = ctx.now()
    for person in recipients_of(row.id):
        if person.state == DeliveryState.QUEUED.value:
            _mark(person, DeliveryState.SENT, "")
    _conclude(row)
    outbox.publish(ctx, DeliverySent(delivery_id=row.id, document_id=row.document_id))


def postponed(ctx: Context, going: Try, reason: str) -> None:
    """Record that nobody has it and another try may help; the job's schedule says when."""
    with ctx.transaction():
        trail.note(ctx, going.delivery_id, StepKind.POSTPONED, detail=reason)
        if row := _mine(going):
            row.is_committed = False
            row.last_error = readable(reason, limits.TEXT)


def rejected(ctx: Context, going: Try, problems: Collection[Problem]) -> None:
    """Record that nobody will take it until a person changes something."""
    by_address = {problem.path: problem.message for problem in problems}
    with ctx.transaction():
        if (row := _mine(going)) is None:
            return
        for person in recipients_of(row.id):
            if person.address in going.addresses and person.address in by_address:
                trail.note(
                    ctx,
                    row.id,
                    StepKind.REFUSED,
                    address=person.address,
                    detail=by_address[person.address],
                )
        row.is_committed = False
        _fail(ctx, row, " ".join(problem.message for problem in problems), by_address)


def unknown(ctx: Context, delivery_id: UUID, *, version: int | None = None) -> None:
    """Record that nobody can tell whether the other side has it."""
    with ctx.transaction():
        row = locked(delivery_id)
        if row is None or not row.is_committed or row.state != DeliveryState.QUEUED.value:
            return
        if version is not None and row.version != version:
            return
        trail.note(ctx, row.id, StepKind.UNKNOWN)
        _fail(ctx, row, _unknown(), {})  # stays committed: whoever still works may tell


def _unknown() -> str:
    return _(
        "It is not known whether this arrived: the connection or the worker was lost at the last "
        "step. Look in the recipient's mailbox or your server's log. If it did not arrive, retry."
    )


def fail(ctx: Context, delivery_id: UUID, reason: str) -> None:
    """Give a delivery up that nobody has, inside a transaction."""
    if row := locked(delivery_id):
        trail.note(ctx, row.id, StepKind.FAILED)
        _fail(ctx, row, reason, {})


def _fail(ctx: Context, row: Delivery, reason: str, by_address: Mapping[str, str]) -> None:
    row.last_error = readable(reason, limits.TEXT)
    for person in recipients_of(row.id):
        if person.state == DeliveryState.QUEUED.value:
            _mark(person, DeliveryState.FAILED, by_address.get(person.address, person.reason))
    _conclude(row)
    tell_failed(ctx, row.id, row.document_id)


def _conclude(row: Delivery) -> DeliveryState:
    """Give the delivery the state of its recipients."""
    state = state_of(
        [(RecipientKind(one.kind), DeliveryState(one.state)) for one in recipients_of(row.id)]
    )
    row.state = state.value
    db.session.flush()
    return state


def reported(ctx: Context, row: Delivery) -> None:
    """Take over what news says of the recipients, inside a transaction."""
    row.last_error = _lacking(row.id) or row.last_error
    state = _conclude(row)
    row.is_committed = row.is_committed and state is DeliveryState.FAILED


def tell_failed(ctx: Context, delivery_id: UUID, document_id: UUID) -> None:
    """Announce that somebody did not get it."""
    outbox.publish(ctx, DeliveryFailed(delivery_id=delivery_id, document_id=document_id))


def _mark(person: DeliveryRecipient, state: DeliveryState, reason: str) -> None:
    person.state = state.value
    person.reason = readable(reason, limits.TEXT)


def _mine(going: Try) -> Delivery | None:
    """Return the try's delivery, unless another try or a person has it by now."""
    row = locked(going.delivery_id)
    return row if row is not None and row.version == going.version else None


def _lacking(delivery_id: UUID) -> str:
    """Say who does not have it and why; empty where all do."""
    return " ".join(
        f"{one.address}: {one.reason}" for one in recipients_of(delivery_id) if one.reason
    )[: limits.TEXT]
