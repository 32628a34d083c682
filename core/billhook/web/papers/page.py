"""The page of an issued document: what the client reads, why, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import render_template

from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType
from billhook.i18n import gettext as _
from billhook.plugins.registries import DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import (
    artefacts,
    delivering,
    document_trail,
    documents,
    explaining,
    links,
    publishing,
)
from billhook.services.delivering import DeliveryEntry, usual
from billhook.services.documents import DocumentEntry, DocumentView
from billhook.services.presenting import present
from billhook.web.access import context
from billhook.web.forms import SendForm
from billhook.web.labels import label
from billhook.web.lists import Badge
from billhook.web.navigation import may
from billhook.web.objects import address_of
from billhook.web.provider_names import provider_choices, provider_name

EXPLAINED_AT_ONCE = 60
"""Lines that the page explains itself; those of a longer document have a page of their own."""

_TONES = {
    DeliveryState.QUEUED: "info",
    DeliveryState.SENT: "good",
    DeliveryState.OPENED: "good",
    DeliveryState.BOUNCED: "bad",
    DeliveryState.FAILED: "bad",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What can be done with a document in its present state, by whoever may."""

    send: bool
    credit: bool
    rebill: bool
    void: bool
    split: bool
    duplicate: bool


def page(document_id: UUID, form: SendForm) -> str:
    """Render a document's page with the form that sends it."""
    ctx = context()
    found = documents.get(ctx, document_id)
    publication = publishing.shown(ctx, document_id)
    deliveries = delivering.listing(ctx, document_id=document_id) if may("deliveries.view") else []
    notes = documents.of_ids(ctx, found.credits)
    channels = [key for key, _name in form.channel.choices]
    form.channel.choices = provider_choices(ctx, channels)
    lines = publication.document.lines
    return render_template(
        "papers/document.html",
        document=found.entry,
        view=present(publication),
        content=publication.document,
        hash=found.hash,
        badges=_badges(found, notes, deliveries),
        acts=_acts(found.entry, _left(found.entry, notes)),
        left=_left(found.entry, notes),
        trail=document_trail.trail(ctx, document_id),
        family=links.family(ctx, document_id),
        reasons=explaining.why(ctx, document_id) if len(lines) <= EXPLAINED_AT_ONCE else (),
        artefacts=artefacts.of_document(ctx, document_id),
        formats=provider_choices(ctx, relay(ctx).keys(DOCUMENT_FORMATS)),
        deliveries=deliveries,
        channel_name=lambda key: provider_name(ctx, key),
        ways=_ways(ctx, document_id),
        address_of=address_of,
        form=form,
    )


def _ways(ctx: Context, document_id: UUID) -> list[usual.UsualWay]:
    return usual.usual_ways(ctx, document_id) if may("deliveries.send") else []


def _left(document: DocumentEntry, notes: Sequence[DocumentEntry]) -> int:
    """Return what credit notes have not taken back, with tax."""
    return document.gross - sum(note.gross for note in notes)


def _badges(
    found: DocumentView, notes: Sequence[DocumentEntry], deliveries: Sequence[DeliveryEntry]
) -> list[Badge]:
    document = found.entry
    badges = [Badge(_("Void"), "bad") if document.is_void else Badge(_("Issued"), "quiet")]
    if notes and not document.is_void:
        is_whole = _left(document, notes) == 0
        badges.append(Badge(_("Credited") if is_whole else _("Partly credited"), "info"))
    if document.type is DocumentType.INVOICE and not notes and document.open == 0:
        badges.append(Badge(_("Settled"), "good"))
    if deliveries:
        last = deliveries[0]
        kept = last.is_captured and last.state is DeliveryState.SENT
        badges.append(Badge(_("Kept here") if kept else label(last.state), _TONES[last.state]))
    elif may("deliveries.view"):
        badges.append(Badge(_("Not sent"), "quiet"))
    return badges


def _acts(document: DocumentEntry, left: int) -> Acts:
    is_creditable = document.type is DocumentType.INVOICE and not document.is_void and (left > 0)
    may_credit = is_creditable and may("documents.credit")
    return Acts(
        send=may("deliveries.send") and not document.is_void,
        credit=may_credit,
        rebill=may_credit and may("drafts.edit"),
        split=may_credit and may("drafts.edit"),
        void=is_creditable and left == document.gross and may("documents.void"),
        duplicate=may("drafts.edit"),
    )
