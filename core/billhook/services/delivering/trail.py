"""The trail of a delivery: what was tried, answered and reported, in order."""

from enum import StrEnum
from uuid import UUID

from billhook import limits
from billhook.db import db
from billhook.errors import readable
from billhook.ids import new_id
from billhook.models.deliveries import DeliveryStep
from billhook.sdk.context import Context


class StepKind(StrEnum):
    """What happened to a delivery."""

    TRIED = "tried"
    COMMITTED = "committed"  # from here on the other side may have it
    SENT = "sent"
    CAPTURED = "captured"  # by a sandbox
    REFUSED = "refused"
    POSTPONED = "postponed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    OPENED = "opened"
    RETRIED = "retried"


def note(
    ctx: Context,
    delivery_id: UUID,
    kind: StepKind,
    *,
    address: str = "",
    detail: str = "",
    **facts: str,
) -> None:
    """Add a step, inside the transaction that takes it."""
    db.session.add(
        DeliveryStep(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            delivery_id=delivery_id,
            kind=kind.value,
            address=readable(address, limits.EMAIL),
            detail=readable(detail, limits.TEXT),
            facts={name: readable(value, limits.TEXT) for name, value in facts.items()},
            happened_at=ctx.now(),
        )
    )
    db.session.flush()
