"""News of deliveries, as channels learn it after they handed them over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from billhook import limits
from billhook.db import db
from billhook.domain.deliveries import DeliveryReport, DeliveryState
from billhook.errors import readable
from billhook.ids import first_id_of
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.sdk.context import Context
from billhook.services import outbox
from billhook.services.delivering import outcomes, trail
from billhook.services.delivering.trail import StepKind

_STEPS = {
    DeliveryState.BOUNCED: StepKind.BOUNCED,
    DeliveryState.FAILED: StepKind.BOUNCED,
    DeliveryState.OPENED: StepKind.OPENED,
    DeliveryState.SENT: StepKind.SENT,
}


class DeliveryReports:
    """The port `deliveries`."""

    def report(
        self, ctx: Context, *, channel: str, reports: Sequence[DeliveryReport]
    ) -> Sequence[bool]:
        """Record bounces and other news; tell of each whether it was about a delivery of ours."""
        return [_recorded(ctx, channel, one) for one in reports]

    def counts(
        self, ctx: Context, *, channel: str, since: datetime
    ) -> Mapping[DeliveryState, int]:
        """Count a channel's deliveries made since an instant, by what came of them."""
        made = Delivery.id >= first_id_of(outbox.due(ctx, since))  # ids go by the machine's clock
        rows = db.session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.channel == channel, made)
            .group_by(Delivery.state)
        )
        return {DeliveryState(state): count for state, count in rows}


def _recorded(ctx: Context, channel: str, news: DeliveryReport) -> bool:
    with ctx.transaction():
        row = _delivery(channel, news)
        if row is None:
            return False
        about = _about(outcomes.recipients_of(row.id), news)
        changed = [one for one in about if _changes(one, news)]
        if not changed:
            return True
        for person in changed:
            person.state = news.state.value
            reason = news.reason if _is_loss(news) else ""
            person.reason = readable(reason, limits.TEXT)
            trail.note(ctx, row.id, _STEPS[news.state], address=person.address, detail=news.reason)
        outcomes.reported(ctx, row)
        if _is_loss(news):
            outcomes.tell_failed(ctx, row.id, row.document_id)
    return True


def _delivery(channel: str, news: DeliveryReport) -> Delivery | None:
    """Return the delivery that the news is about, held until the transaction ends."""
    wanted = select(Delivery.id).where(Delivery.channel == channel, ~Delivery.is_captured)
    if news.delivery_id is not None:
        wanted = wanted.where(Delivery.id == news.delivery_id)
    elif news.remote_id:
        remote_id = readable(news.remote_id, limits.NAME)  # as it was kept
        wanted = wanted.where(Delivery.remote_id == remote_id)
    else:
        return None
    found = db.session.scalar(wanted.limit(1))
    return outcomes.locked(found) if found else None


def _about(people: Sequence[DeliveryRecipient], news: DeliveryReport) -> list[DeliveryRecipient]:
    """Return whom the news is about; mail for one person may come back under another's address."""
    if not news.address or len(people) == 1:
        return list(people)
    named = news.address.casefold()
    return [one for one in people if one.address.casefold() == named]


def _changes(person: DeliveryRecipient, news: DeliveryReport) -> bool:
    """Tell whether the news is new: who opened a mail has it, and a bounce is final."""
    if person.state == news.state.value:
        return False
    if news.state is DeliveryState.SENT:
        return person.state in (DeliveryState.QUEUED.value, DeliveryState.FAILED.value)
    return person.state not in (DeliveryState.BOUNCED.value, DeliveryState.OPENED.value)


def _is_loss(news: DeliveryReport) -> bool:
    return news.state in (DeliveryState.BOUNCED, DeliveryState.FAILED)
