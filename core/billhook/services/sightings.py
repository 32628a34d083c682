"""When a client first saw a document at the portal: what is seen is credited, never made void."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from billhook.db import db
from billhook.errors import Conflict
from billhook.i18n import gettext as _
from billhook.models.clients import DocumentSeen
from billhook.models.customers import Contact
from billhook.models.ledger import Receivable
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The first time that somebody of the client's opened a document."""

    document_id: UUID
    seen_at: datetime
    contact_id: UUID | None
    """None where it was opened by the link in a mail."""
    name: str
    """The contact's; empty for who came by a link, and once the contact is gone."""


def of_document(document_id: UUID) -> Sighting | None:
    """Return the first sighting of a document; None while nobody saw it."""
    return of_documents([document_id]).get(document_id)


def of_documents(document_ids: Collection[UUID]) -> dict[UUID, Sighting]:
    """Return the first sightings of documents, by one query; what nobody saw is left out."""
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(DocumentSeen, Contact.name)
        .outerjoin(
            Contact,
            and_(
                Contact.tenant_id == DocumentSeen.tenant_id, Contact.id == DocumentSeen.contact_id
            ),
        )
        .where(one_of(DocumentSeen.document_id, document_ids))
    ).tuples()
    return {
        row.document_id: Sighting(
            document_id=row.document_id,
            seen_at=row.seen_at,
            contact_id=row.contact_id,
            name=name or "",
        )
        for row, name in rows
    }


def times_of(document_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when documents were first seen, by one query; what nobody saw is left out."""
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(DocumentSeen.document_id, DocumentSeen.seen_at).where(
            one_of(DocumentSeen.document_id, document_ids)
        )
    )
    return dict(rows.tuples().all())


def hold(document_ids: Collection[UUID]) -> None:
    """Wait, inside a transaction, for whoever just sees or voids the documents; they wait for us."""
    db.session.execute(
        select(Receivable.id)
        .where(one_of(Receivable.document_id, document_ids))
        .order_by(Receivable.id)
        .with_for_update()
    )


def refuse_seen(document_id: UUID) -> None:
    """Hold a document that is to be voided, inside the transaction. Raises Conflict once it is seen."""
    hold([document_id])
    if of_document(document_id) is not None:
        raise Conflict(
            _("The client saw this document at the portal. Credit it instead of voiding it.")
        )
