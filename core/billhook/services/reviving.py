"""Work that was given up is tried again by whoever owns it: most by the outbox, a delivery as such.

A job that sends only tries what its delivery still wants sent. So a delivery that was
given up is opened again, which asks for a new job, and the dead one is settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from billhook import limits
from billhook.db import db
from billhook.errors import Conflict, Forbidden, ValidationFailed
from billhook.models.deliveries import Delivery
from billhook.models.work import Outbox
from billhook.sdk.context import Context
from billhook.services import audit, dead_letters, delivering, outbox
from billhook.services.delivering.parcels import ATTEMPT
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Revived:
    """What became of work that was to be tried again."""

    tried: int
    refused: tuple[str, ...] = ()
    """Why the rest was not, each reason once."""


def retry(ctx: Context, work_id: UUID) -> None:
    """Let work be tried now, and dead work with all its attempts again.

    Raises NotFound, Conflict for what is done or was sent meanwhile, ValidationFailed where a
    delivery has no address, Forbidden where the member may not send.
    """
    ctx.require("outbox.retry")
    delivery_id = _given_up(Outbox.id == work_id).get(work_id)
    if delivery_id is None:
        outbox.retry(ctx, work_id)
        return
    _send_again(ctx, work_id, delivery_id)


def retry_some(ctx: Context, work_ids: Sequence[UUID]) -> Revived:
    """Let chosen work be tried now, as far as each can be."""
    ctx.require("outbox.retry")
    tried, refused = 0, []
    for work_id in work_ids:
        try:
            retry(ctx, work_id)
            tried += 1
        except (Conflict, ValidationFailed, Forbidden) as error:
            refused.append(error.message)
    return Revived(tried=tried, refused=tuple(dict.fromkeys(refused)))


def retry_all(ctx: Context, *, name: str | None = None) -> Revived:
    """Let all dead work, or that of a name, be tried again.

    Deliveries are left out of which nobody knows whether they arrived: whoever sends one of
    those again has looked.
    """
    ctx.require("outbox.retry")
    count = 0 if name == ATTEMPT else dead_letters.retry_all(ctx, name=name)
    if name not in (None, ATTEMPT):
        return Revived(tried=count)
    certain = select(Delivery.id).where(~Delivery.is_committed)
    sent = _given_up(Outbox.state == "dead")
    certain_ids = set(db.session.scalars(certain.where(one_of(Delivery.id, list(sent.values())))))
    again = retry_some(ctx, [work for work, delivery in sent.items() if delivery in certain_ids])
    return Revived(tried=count + again.tried, refused=again.refused)


def _given_up(condition: ColumnElement[bool]) -> dict[UUID, UUID]:
    """Return the deliveries of dead jobs that were to send them, by the job."""
    rows: Any = db.session.execute(
        select(Outbox.id, Outbox.payload)
        .where(condition, Outbox.name == ATTEMPT, Outbox.state == "dead", Outbox.plugin == "")
        .order_by(Outbox.id)
        .limit(limits.PAGE_ROWS)
    )
    return {work_id: UUID(payload["delivery_id"]) for work_id, payload in rows}


def _send_again(ctx: Context, work_id: UUID, delivery_id: UUID) -> None:
    try:
        delivering.retry(ctx, delivery_id)
    except Conflict:
        _settle(ctx, work_id)  # it was sent or withdrawn meanwhile: nothing is left to try
        raise
    _settle(ctx, work_id)


def _settle(ctx: Context, work_id: UUID) -> None:
    with ctx.transaction() as session:
        session.execute(
            update(Outbox)
            .where(Outbox.tenant_id == ctx.tenant.id, Outbox.id == work_id, Outbox.state == "dead")
            .values(state="done", done_at=ctx.now())
            .execution_options(synchronize_session=False)
        )
        audit.record(ctx, "outbox.retried", "outbox", work_id, name=ATTEMPT)
