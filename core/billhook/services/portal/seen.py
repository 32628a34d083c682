"""What a client saw: each look is noted for the company, the first one kept with the document."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.clients import DocumentSeen
from billhook.models.documents import DocumentEvent
from billhook.services import sightings
from billhook.services.portal import log
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.log import PortalAct
from billhook.services.sets import insert_missing, one_of


def note(client: Client, document_id: UUID, *, is_known: bool) -> None:
    """Note that a client looks at a document; a member of the company who looks leaves no trace here.

    `is_known` says that a first sighting was read with the document already. Raises
    NotFound where it was voided meanwhile.
    """
    if client.way is Way.LOOK:
        return
    if not is_known:
        keep(client, [document_id])
    log.note(client, PortalAct.DOCUMENT_SEEN, object_kind="document", object_id=document_id)


def keep(client: Client, document_ids: Collection[UUID]) -> None:
    """Keep the first sighting of documents whose page or files a client gets; of two at once, one.

    Whoever voids waits for us, or we for them. A member who looks sees nothing for the
    client. Raises NotFound where one was voided meanwhile.
    """
    if client.way is Way.LOOK or not document_ids:
        return
    with client.ctx.transaction():
        sightings.hold(document_ids)
        _refuse_void(document_ids)
        insert_missing(
            DocumentSeen,
            [
                {
                    "tenant_id": client.ctx.tenant.id,
                    "document_id": document_id,
                    "seen_at": client.ctx.now(),
                    "contact_id": client.contact_id,
                    "guest_link_id": client.guest_link_id,
                }
                for document_id in document_ids
            ],
        )


def _refuse_void(document_ids: Collection[UUID]) -> None:
    found = db.session.scalar(
        select(DocumentEvent.document_id)
        .where(one_of(DocumentEvent.document_id, document_ids), DocumentEvent.kind == "voided")
        .limit(1)
    )
    if found is not None:
        raise NotFound(_("document"), found)
