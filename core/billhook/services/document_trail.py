"""All that happened to a document, in order: made, issued, printed, sent, seen, corrected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.links import LinkKind
from billhook.models.deliveries import DeliveryStep
from billhook.models.documents import DocumentRow
from billhook.services.artefacts import ArtefactEntry
from billhook.services.delivering import DeliveryEntry
from billhook.services.delivering.trail import StepKind
from billhook.services.documents import Happening
from billhook.services.links import Descent
from billhook.services.sets import one_of
from billhook.services.sightings import Sighting

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
    SEEN = "seen"  # at the portal, for the first time


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One thing that happened."""

    happened_at: datetime
    kind: EventKind
    detail: str = ""
    """A number, a file's name, an address, a person's name."""
    reason: str = ""
    related_id: UUID | None = None
    """The other document, draft or delivery."""
    step: StepKind | None = None
    link: LinkKind | None = None
    part: str = ""
    rules: str = ""
    """By which a file was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A credit note and what it is against: one of them is the document, the other has the number."""

    note_id: UUID
    credited_id: UUID
    number: str
    happened_at: datetime


def told(
    document: DocumentRow,
    *,
    files: Iterable[ArtefactEntry],
    corrections: Iterable[Correction],
    happenings: Iterable[Happening],
    links: Iterable[Descent],
    steps: Iterable[TrailEvent],
    sighting: Sighting | None = None,
) -> list[TrailEvent]:
    """Return what happened to a document, oldest first."""
    events = [
        TrailEvent(happened_at=document.issued_at, kind=EventKind.ISSUED),
        *map(_file, files),
        *(_correction(document.id, one) for one in corrections),
        *(_voided(one) for one in happenings if one.kind == "voided"),
        *(_link(document.id, one) for one in links),
        *steps,
        *([_seen(sighting)] if sighting else []),
    ]
    return sorted(events, key=lambda event: event.happened_at)


def _file(file: ArtefactEntry) -> TrailEvent:
    return TrailEvent(
        happened_at=file.made_at,
        kind=EventKind.FILE_MADE,
        detail=file.name,
        rules=file.rules,
        reason=" ".join(finding.message for finding in file.findings),
    )


def _correction(document_id: UUID, one: Correction) -> TrailEvent:
    is_note = one.note_id == document_id
    return TrailEvent(
        happened_at=one.happened_at,
        kind=EventKind.CREDITS if is_note else EventKind.CREDITED,
        detail=one.number,
        related_id=one.credited_id if is_note else one.note_id,
    )


def _voided(one: Happening) -> TrailEvent:
    return TrailEvent(
        happened_at=one.happened_at,
        kind=EventKind.VOIDED,
        reason=one.reason,
        related_id=one.related_id,
    )


def _seen(one: Sighting) -> TrailEvent:
    return TrailEvent(happened_at=one.seen_at, kind=EventKind.SEEN, detail=one.name)


def _link(document_id: UUID, one: Descent) -> TrailEvent:
    is_child = one.child_id == document_id
    return TrailEvent(
        happened_at=one.made_at,
        kind=EventKind.CAME_FROM if is_child else EventKind.BECAME,
        related_id=one.parent_id if is_child else one.child_id,
        link=one.kind,
        part=one.part,
    )


def steps(deliveries: Iterable[DeliveryEntry]) -> list[TrailEvent]:
    """Return the steps of deliveries that people want to know of, oldest first."""
    names = {one.id: _name(one) for one in deliveries}
    if not names:
        return []
    rows = db.session.scalars(
        select(DeliveryStep)
        .where(
            one_of(DeliveryStep.delivery_id, names.keys()),
            DeliveryStep.kind.in_([kind.value for kind in _TOLD]),
        )
        .order_by(DeliveryStep.happened_at, DeliveryStep.id)
    )
    return [
        TrailEvent(
            happened_at=step.happened_at,
            kind=EventKind.DELIVERY,
            step=StepKind(step.kind),
            detail=step.address or names[step.delivery_id],
            reason=step.detail,
            related_id=step.delivery_id,
        )
        for step in rows
    ]


def _name(delivery: DeliveryEntry) -> str:
    """Say to whom a delivery goes; by which channel where that is nobody or erased."""
    addresses = [one.address for one in delivery.recipients if one.address]
    return ", ".join(addresses) or delivery.channel.partition(".")[2]
