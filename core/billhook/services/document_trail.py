"""All that happened to a document, in order: made, issued, printed, sent, seen, corrected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, or_, select

from billhook.db import db
from billhook.domain.links import LinkKind
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.deliveries import Delivery, DeliveryStep
from billhook.models.documents import DocumentEvent, DocumentLink, DocumentRow, DocumentSeal
from billhook.sdk.context import Context
from billhook.services import artefacts
from billhook.services.delivering.trail import StepKind

_TOLD = (
    StepKind.SENT,
    StepKind.CAPTURED,
    StepKind.FAILED,
    StepKind.UNKNOWN,
    StepKind.BOUNCED,
    StepKind.OPENED,
    StepKind.RETRIED,
)
"""Steps of deliveries that people want to know of; the others stand on the delivery's page."""


class EventKind(StrEnum):
    """What happened to a document."""

    ISSUED = "issued"
    VOIDED = "voided"
    CREDITED = "credited"  # a credit note was issued against it
    CREDITS = "credits"  # it is a credit note against another
    FILE_MADE = "file_made"
    DELIVERY = "delivery"  # a step of one; see `step`
    CAME_FROM = "came_from"  # by a link; see `link`
    BECAME = "became"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One thing that happened."""

    happened_at: datetime
    kind: EventKind
    detail: str = ""
    """A number, a file's name, an address."""
    reason: str = ""
    related_id: UUID | None = None
    """The other document, draft or delivery."""
    step: StepKind | None = None
    link: LinkKind | None = None
    part: str = ""
    rules: str = ""
    """By which a file was checked."""


def trail(ctx: Context, document_id: UUID) -> list[TrailEvent]:
    """Return what happened to a document, oldest first. Raises NotFound.

    Deliveries are told to those alone who may see them.
    """
    ctx.require("documents.view")
    issued_at = db.session.scalar(
        select(DocumentRow.issued_at).where(DocumentRow.id == document_id)
    )
    if issued_at is None:
        raise NotFound(_("document"), document_id)
    sees_deliveries = ctx.permissions is None or "deliveries.view" in ctx.permissions
    events = [
        TrailEvent(happened_at=issued_at, kind=EventKind.ISSUED),
        *_files(ctx, document_id),
        *_corrections(document_id),
        *_happenings(document_id),
        *_links(document_id),
        *(_deliveries(document_id) if sees_deliveries else ()),
    ]
    return sorted(events, key=lambda event: event.happened_at)


def _files(ctx: Context, document_id: UUID) -> Iterator[TrailEvent]:
    for file in artefacts.of_document(ctx, document_id):
        yield TrailEvent(
            happened_at=file.made_at,
            kind=EventKind.FILE_MADE,
            detail=file.name,
            rules=file.rules,
            reason=" ".join(finding.message for finding in file.findings),
        )


def _corrections(document_id: UUID) -> Iterator[TrailEvent]:
    """Tell of credit notes against it, and of what it is a credit note against."""
    note = DocumentRow
    rows = db.session.execute(
        select(note.id, note.credits_document_id, note.issued_at, DocumentSeal.printed_number)
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == note.tenant_id,
                or_(
                    and_(
                        note.credits_document_id == document_id,
                        DocumentSeal.document_id == note.id,
                    ),
                    and_(
                        note.id == document_id,
                        DocumentSeal.document_id == note.credits_document_id,
                    ),
                ),
            ),
        )
        .where(or_(note.credits_document_id == document_id, note.id == document_id))
    )
    for note_id, credited_id, issued_at, number in rows:
        is_note = note_id == document_id
        yield TrailEvent(
            happened_at=issued_at,
            kind=EventKind.CREDITS if is_note else EventKind.CREDITED,
            detail=number,
            related_id=credited_id if is_note else note_id,
        )


def _happenings(document_id: UUID) -> Iterator[TrailEvent]:
    rows = db.session.scalars(
        select(DocumentEvent).where(
            DocumentEvent.document_id == document_id, DocumentEvent.kind == "voided"
        )
    )
    for row in rows:
        yield TrailEvent(
            happened_at=row.happened_at,
            kind=EventKind.VOIDED,
            reason=row.reason,
            related_id=row.related_id,
        )


def _links(document_id: UUID) -> Iterator[TrailEvent]:
    rows = db.session.scalars(
        select(DocumentLink)
        .where(or_(DocumentLink.parent_id == document_id, DocumentLink.child_id == document_id))
        .order_by(DocumentLink.made_at, DocumentLink.part)
    )
    for row in rows:
        is_child = row.child_id == document_id
        yield TrailEvent(
            happened_at=row.made_at,
            kind=EventKind.CAME_FROM if is_child else EventKind.BECAME,
            related_id=row.parent_id if is_child else row.child_id,
            link=LinkKind(row.kind),
            part=row.part,
        )


def _deliveries(document_id: UUID) -> Iterator[TrailEvent]:
    rows = db.session.execute(
        select(DeliveryStep, Delivery.channel)
        .join(
            Delivery,
            and_(
                Delivery.tenant_id == DeliveryStep.tenant_id,
                Delivery.id == DeliveryStep.delivery_id,
            ),
        )
        .where(
            Delivery.document_id == document_id,
            DeliveryStep.kind.in_([kind.value for kind in _TOLD]),
        )
        .order_by(DeliveryStep.id)
    )
    for step, channel in rows:
        yield TrailEvent(
            happened_at=step.happened_at,
            kind=EventKind.DELIVERY,
            step=StepKind(step.kind),
            detail=step.address or channel.partition(".")[2],
            reason=step.detail,
            related_id=step.delivery_id,
        )
