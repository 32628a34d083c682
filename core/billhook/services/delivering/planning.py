"""Deliveries that nobody asks for: those that an issued document causes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.models.deliveries import Delivery, DeliveryPreference
from billhook.models.documents import DocumentEvent, DocumentRow
from billhook.sdk.context import Context
from billhook.services import preferences
from billhook.services.delivering import parcels
from billhook.services.delivering.withdrawing import is_void


def sends_by_itself(ctx: Context) -> bool:
    """Tell whether any document of the tenant goes out by itself."""
    if ctx.tenant.channels:
        return True
    wanted = select(DeliveryPreference.customer_id).where(DeliveryPreference.channels.is_not(None))
    return db.session.scalar(wanted.limit(1)) is not None


def plan(ctx: Context, document_id: UUID) -> list[UUID]:
    """Make a delivery for each channel of the document's customer; return the new ones.

    A repeat makes no second. A document that is void by now stays, and so does the
    reversal that voided another: whoever never got the one has no use for the other.

    Raises what making the document's files raises.
    """
    ctx.require("deliveries.send")
    channels = _missing(ctx, document_id)
    if not channels or is_void(document_id) or _is_reversal(document_id):
        return []
    made = parcels.contents(ctx, document_id)
    addressed = [parcels.parcel(ctx, made, channel) for channel in channels]
    with ctx.transaction():
        if is_void(document_id):
            return []
        written = [
            parcels.dispatch(ctx, one, key=_key(document_id, one.channel)) for one in addressed
        ]
    return [delivery_id for delivery_id in written if delivery_id]


def _missing(ctx: Context, document_id: UUID) -> Sequence[str]:
    """Return the channels by which the document should go and has no delivery yet."""
    customer_id = db.session.scalar(
        select(DocumentRow.customer_id).where(DocumentRow.id == document_id)
    )
    if customer_id is None:
        return []
    wanted = preferences.of_customer(ctx, customer_id).channels
    keys = {_key(document_id, channel): channel for channel in wanted}
    known = db.session.scalars(select(Delivery.key).where(Delivery.key.in_(keys))).all()
    return [channel for key, channel in keys.items() if key not in known]


def _key(document_id: UUID, channel: str) -> str:
    return f"{document_id}:{channel}"


def _is_reversal(document_id: UUID) -> bool:
    found = db.session.scalar(
        select(DocumentEvent.id).where(
            DocumentEvent.related_id == document_id, DocumentEvent.kind == "voided"
        )
    )
    return found is not None
