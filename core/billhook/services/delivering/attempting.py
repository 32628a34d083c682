"""Trying a delivery: load, note the try, hand over, note what came of it.

The try is noted and committed before the channel is called, and that it passes
the point of no return is committed before it does. So whoever finds a delivery
that is committed and has no result knows that nobody knows: it is not sent again.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update

from billhook.db import db
from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    DeliveryState,
    Dispatch,
    Message,
    Receipt,
    Recipient,
    RecipientKind,
)
from billhook.domain.publications import FileContent
from billhook.errors import (
    BillhookError,
    NotFound,
    OutcomeUnknown,
    PluginUnavailable,
    Rejected,
    Retryable,
)
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import artefacts, files, originals
from billhook.services.delivering import outcomes, trail
from billhook.services.delivering.outcomes import Try
from billhook.services.delivering.trail import StepKind
from billhook.services.delivering.withdrawing import is_void, voided
from billhook.services.portal import guest_links


def attempt(ctx: Context, delivery_id: UUID) -> None:
    """Hand a delivery over to its channel, unless it is done. Safe to repeat from any point.

    Raises Retryable where another try may help, and NotFound. What a person must
    see to is recorded on the delivery, and not raised.
    """
    going = _begin(ctx, delivery_id)
    if going is None:
        return
    try:
        receipt = _hand_over(ctx, going)
    except OutcomeUnknown:
        outcomes.unknown(ctx, delivery_id, version=going.version)
    except Rejected as error:
        outcomes.rejected(ctx, going, error.problems)
    except PluginUnavailable as error:
        with ctx.transaction():
            outcomes.fail(ctx, delivery_id, error.message)
    except Retryable as error:
        outcomes.postponed(ctx, going, error.message)
        raise
    except BillhookError as error:
        _look_again(ctx, going, error)
    else:
        outcomes.sent(ctx, going, receipt)
        if receipt.postponed:
            raise Retryable(" ".join(f"{one.address}: {one.reason}" for one in receipt.postponed))


def give_up(ctx: Context, delivery_id: UUID, reason: str) -> None:
    """End a delivery whose job is not tried any more, inside the transaction that says so."""
    row = outcomes.locked(delivery_id)
    if row is None or row.state != DeliveryState.QUEUED.value:
        return
    if row.is_committed:
        outcomes.unknown(ctx, delivery_id)
    else:
        outcomes.fail(ctx, delivery_id, row.last_error or reason)


def _look_again(ctx: Context, going: Try, error: BillhookError) -> None:
    """Deal with a channel that broke: before the point of no return, another try may help."""
    committed = db.session.scalar(
        select(Delivery.is_committed).where(
            Delivery.id == going.delivery_id, Delivery.version == going.version
        )
    )
    if committed:
        outcomes.unknown(ctx, going.delivery_id, version=going.version)
        return
    outcomes.postponed(ctx, going, error.message)
    raise error


def _begin(ctx: Context, delivery_id: UUID) -> Try | None:
    """Note that the delivery is tried now; None where there is nothing to try.

    Raises NotFound.
    """
    with ctx.transaction():
        row = outcomes.locked(delivery_id)
        if row is None:
            raise NotFound(_("delivery"), delivery_id)
        if row.state != DeliveryState.QUEUED.value:
            return None
        if row.is_committed:
            outcomes.unknown(ctx, delivery_id)
            return None
        if is_void(row.document_id):
            outcomes.fail(ctx, delivery_id, voided(ctx))
            return None
        if ctx.tenant.is_sandbox:
            outcomes.captured(ctx, row)
            return None
        row.version += 1
        trail.note(ctx, delivery_id, StepKind.TRIED)
        waiting = [
            one.address
            for one in outcomes.recipients_of(delivery_id)
            if one.state == DeliveryState.QUEUED.value
        ]
        return Try(delivery_id=delivery_id, version=row.version, addresses=frozenset(waiting))


def _hand_over(ctx: Context, going: Try) -> Receipt:
    row = db.session.scalars(select(Delivery).where(Delivery.id == going.delivery_id)).one()
    channel = relay(ctx).channel(row.channel, ctx)
    ready = _dispatch(ctx, row, going)
    db.session.rollback()  # ends reading: no snapshot is held while the channel works
    return channel.send(ready, lambda: _commit(ctx, going))


def _commit(ctx: Context, going: Try) -> None:
    """Note that from here on the other side may have it. Raises Retryable where it must not."""
    with ctx.transaction() as session:
        passed = session.execute(
            update(Delivery)
            .where(
                Delivery.id == going.delivery_id,
                Delivery.version == going.version,
                Delivery.state == DeliveryState.QUEUED.value,
                ~Delivery.is_committed,
            )
            .values(is_committed=True)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if passed is None:
            raise Retryable(_("Another worker has this delivery by now, or it was withdrawn."))
        trail.note(ctx, going.delivery_id, StepKind.COMMITTED)


def _dispatch(ctx: Context, row: Delivery, going: Try) -> Dispatch:
    """Return the delivery as its channel gets it. Raises FileDamaged."""
    people = outcomes.recipients_of(row.id)
    return Dispatch(
        id=row.id,
        sender=_sender(row.sender),
        recipients=tuple(_recipient(one) for one in people),
        message=_message(ctx, row),
        language=row.language,
        files=_files(ctx, row),
        document_id=row.document_id,
        settled=frozenset(one.address for one in people) - going.addresses,
    )


def _sender(stored: Mapping[str, str]) -> Sender:
    return Sender(name=stored["name"], email=stored["email"], reply_to=stored["reply_to"])


def _recipient(row: DeliveryRecipient) -> Recipient:
    return Recipient(address=row.address, kind=RecipientKind(row.kind), name=row.name)


def _message(ctx: Context, row: Delivery) -> Message:
    pictures = tuple(_file(ctx, UUID(one["file_id"]), name=one["name"]) for one in row.pictures)
    message = Message(subject=row.subject, text=row.text, html=row.html, pictures=pictures)
    return guest_links.with_token(ctx, message, link_id=row.id, document_id=row.document_id)


def _files(ctx: Context, row: Delivery) -> tuple[FileContent, ...]:
    made = [artefacts.content(ctx, UUID(one)) for one in row.artefacts]
    attached = [
        _file(ctx, one.file_id, name=one.name)
        for one in originals.read(ctx, row.document_id).attachments
    ]
    return (*made, *attached)


def _file(ctx: Context, file_id: UUID, *, name: str) -> FileContent:
    entry, content = files.stored(ctx, file_id)
    return FileContent(name=name, content_type=entry.content_type, content=content)
