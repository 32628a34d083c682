"""A document's dossier: all that its page shows at once, each row read once for all of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from billhook.domain.publications import Publication, Reference
from billhook.sdk.context import Context
from billhook.services import (
    artefacts,
    delivering,
    document_trail,
    documents,
    links,
    originals,
    publishing,
    sightings,
)
from billhook.services.artefacts import ArtefactEntry
from billhook.services.delivering import DeliveryEntry
from billhook.services.disputes import open_disputes
from billhook.services.document_trail import Correction, TrailEvent
from billhook.services.documents import DocumentEntry, Found
from billhook.services.links import Family
from billhook.services.sightings import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A document, how it looks, and what became of it."""

    entry: DocumentEntry
    hash: str
    is_disputed: bool
    publication: Publication
    notes: tuple[DocumentEntry, ...]
    """Credit notes against it."""
    files: tuple[ArtefactEntry, ...]
    deliveries: tuple[DeliveryEntry, ...]
    """Newest first; empty for those who may not see any."""
    family: Family
    trail: tuple[TrailEvent, ...]
    """What happened, oldest first; of deliveries only for those who may see them."""
    sighting: Sighting | None
    """When the client first saw it at the portal."""


def dossier(ctx: Context, document_id: UUID) -> Dossier:
    """Return a document's dossier; a word stands for parties that were erased. Raises NotFound."""
    ctx.require("documents.view")
    found = documents.found(document_id)
    notes = documents.notes_against(document_id)
    credited = documents.credited_by(found.row)
    corrections = _corrections(found, notes, credited)
    files = artefacts.of_document(ctx, document_id)
    deliveries = _deliveries(ctx, document_id)
    descent = links.descent(ctx, document_id)
    sighting = sightings.of_document(document_id)
    trail = document_trail.told(
        found.row,
        files=files,
        corrections=corrections,
        happenings=documents.happenings(document_id),
        links=descent,
        steps=document_trail.steps(deliveries),
        sighting=sighting,
    )
    against = [(one.note_id, one.credited_id) for one in corrections]
    return Dossier(
        entry=found.entry,
        hash=found.hash,
        is_disputed=bool(open_disputes([document_id])),
        publication=_publication(ctx, found, credited),
        notes=tuple(note.entry for note in notes),
        files=tuple(files),
        deliveries=tuple(deliveries),
        family=links.relatives(ctx, document_id, descent, against),
        trail=tuple(trail),
        sighting=sighting,
    )


def _corrections(found: Found, notes: Iterable[Found], credited: Found | None) -> list[Correction]:
    against = [(note, found.entry.id, note.entry.number) for note in notes]
    itself = [(found, credited.entry.id, credited.entry.number)] if credited else []
    return [
        Correction(
            note_id=note.entry.id,
            credited_id=credited_id,
            number=number,
            happened_at=note.row.issued_at,
        )
        for note, credited_id, number in (*itself, *against)
    ]


def _deliveries(ctx: Context, document_id: UUID) -> list[DeliveryEntry]:
    is_shown = ctx.permissions is None or "deliveries.view" in ctx.permissions
    return delivering.of_document(ctx, document_id) if is_shown else []


def _publication(ctx: Context, found: Found, credited: Found | None) -> Publication:
    document = originals.of_row(ctx, found.row)
    reference = (
        Reference(number=credited.entry.number, issue_on=credited.entry.issue_on)
        if credited
        else None
    )
    return publishing.looked_at(ctx, document, number=found.entry.number, credited=reference)
