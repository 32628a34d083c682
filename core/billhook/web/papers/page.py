"""The pages of an issued document: what the client reads, what became of it, how it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, url_for

from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType
from billhook.i18n import gettext as _
from billhook.plugins.registries import DOCUMENT_FORMATS
from billhook.plugins.runtime import relay
from billhook.sdk.context import Context
from billhook.services import delivering, document_links, documents, dossiers, questions
from billhook.services.delivering import usual
from billhook.services.documents import DocumentEntry
from billhook.services.dossiers import Dossier
from billhook.services.presenting import present
from billhook.services.provider_names import provider_choices, provider_name
from billhook.services.questions import QuestionEntry
from billhook.web.access import context
from billhook.web.forms import SendForm
from billhook.web.labels import label
from billhook.web.lists import Badge
from billhook.web.navigation import may
from billhook.web.objects import address_of

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


def page(document_id: UUID) -> str:
    """Render a document's page: how it reads, and what became of it."""
    ctx = context()
    found = dossiers.dossier(ctx, document_id)
    left = _left(found)
    return render_template(
        "papers/document.html",
        document=found.entry,
        view=present(found.publication),
        content=found.publication.document,
        hash=found.hash,
        badges=_badges(found, left),
        acts=_acts(found.entry, left, is_seen=found.sighting is not None),
        sighting=found.sighting,
        trail=found.trail,
        family=found.family,
        artefacts=found.files,
        formats=provider_choices(ctx, relay(ctx).keys(DOCUMENT_FORMATS)),
        deliveries=found.deliveries,
        questions=_questions(ctx, document_id),
        links=document_links.listing(ctx, document_id) if may("portal.view") else (),
        address_of=address_of,
    )


def ask(document_id: UUID, form: SendForm) -> str:
    """Render the page that sends a document, with the form."""
    ctx = context()
    found = documents.get(ctx, document_id)
    channels = [key for key, _name in form.channel.choices]
    form.channel.choices = provider_choices(ctx, channels)
    return render_template(
        "papers/send.html",
        document=found.entry,
        is_again=may("deliveries.view") and delivering.of_document(ctx, document_id),
        channel_name=lambda key: provider_name(ctx, key),
        ways=usual.usual_ways(ctx, document_id),
        back=url_for(".document", document_id=document_id),
        form=form,
    )


def _questions(ctx: Context, document_id: UUID) -> Sequence[QuestionEntry]:
    return questions.of_document(ctx, document_id) if may("questions.view") else ()


def _left(found: Dossier) -> int:
    """Return what credit notes have not taken back, with tax."""
    return found.entry.gross - sum(note.gross for note in found.notes)


def _badges(found: Dossier, left: int) -> list[Badge]:
    document = found.entry
    badges = [Badge(_("Void"), "bad") if document.is_void else Badge(_("Issued"), "quiet")]
    if found.is_disputed:
        badges.append(Badge(_("Disputed"), "bad"))
    if found.notes and not document.is_void:
        badges.append(Badge(_("Partly credited") if left else _("Credited"), "info"))
    if document.type is DocumentType.INVOICE and not found.notes and document.open == 0:
        badges.append(Badge(_("Settled"), "good"))
    if found.sighting:
        badges.append(Badge(_("Seen"), "good"))
    if found.deliveries:
        last = found.deliveries[0]
        kept = last.is_captured and last.state is DeliveryState.SENT
        badges.append(Badge(_("Kept here") if kept else label(last.state), _TONES[last.state]))
    elif may("deliveries.view"):
        badges.append(Badge(_("Not sent"), "quiet"))
    return badges


def _acts(document: DocumentEntry, left: int, *, is_seen: bool) -> Acts:
    is_creditable = document.type is DocumentType.INVOICE and not document.is_void and (left > 0)
    may_credit = is_creditable and may("documents.credit")
    return Acts(
        send=may("deliveries.send") and not document.is_void,
        credit=may_credit,
        rebill=may_credit and may("drafts.edit"),
        split=may_credit and may("drafts.edit"),
        void=is_creditable and not is_seen and left == document.gross and may("documents.void"),
        duplicate=may("drafts.edit"),
    )
