"""Documents that are voided: what has not left the house stays in it."""

from uuid import UUID

from sqlalchemy import or_, select, update

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentEvent
from billhook.sdk.context import Context
from billhook.services.delivering import outcomes

_OUT = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.OPENED)


def is_void(document_id: UUID) -> bool:
    found = db.session.scalar(
        select(DocumentEvent.id).where(
            DocumentEvent.document_id == document_id, DocumentEvent.kind == "voided"
        )
    )
    return found is not None


def withdraw(ctx: Context, document_id: UUID) -> None:
    """Stop a document's deliveries, inside the transaction that voids it.

    Raises Conflict where one may have reached the client. Whoever is just handing
    one over waits for us or we for them: only one of the two goes on.
    """
    stopped = (
        update(Delivery)
        .where(
            Delivery.document_id == document_id,
            Delivery.state == DeliveryState.QUEUED.value,
            ~Delivery.is_committed,
        )
        .values(state=DeliveryState.FAILED.value, version=Delivery.version + 1)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    for delivery_id in db.session.scalars(stopped).all():
        outcomes.fail(ctx, delivery_id, voided(ctx))
    if _is_out(document_id):
        raise Conflict(
            _("This document was sent to the client, or may have been. Credit it instead.")
        )


def voided(ctx: Context) -> str:
    return _("The document was voided before it was sent. Nothing went out.")


def _is_out(document_id: UUID) -> bool:
    may_have_it = or_(Delivery.is_committed, Delivery.state.in_([state.value for state in _OUT]))
    wanted = select(Delivery.id).where(Delivery.document_id == document_id, may_have_it)
    return db.session.scalar(wanted.limit(1)) is not None
