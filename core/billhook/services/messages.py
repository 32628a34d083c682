"""Messages about documents: their words in the document's language, laid out by the theme."""

from dataclasses import replace

from billhook.domain.deliveries import Message, Tone
from billhook.domain.document_view import DocumentView, ViewTotal
from billhook.domain.message_view import MessageLink, MessageView
from billhook.domain.publications import Publication
from billhook.i18n import language
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services import brands
from billhook.services.presenting import formats_of, placeholders, present
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.letters import letter, link_label, subject, summary

MOST_LINES = 12
"""A mail shows the lines of a document that has no more; the attachment has them all."""


def document_message(
    ctx: Context, publication: Publication, tone: Tone, *, link: str = ""
) -> Message:
    """Return what goes to the client with a document; `link` is where it is seen at the portal.

    Raises ThemeMissing, PluginFailed, FileDamaged.
    """
    view = message_view(publication, tone, link=link)
    brand = publication.brand
    theme = runtime().themes.get(brand.theme)
    logo = brands.logo(ctx, brand)
    page = theme.mail(view, brand, {logo.name: logo.content} if logo else {})
    return Message(
        subject=view.subject,
        text=page.text,
        html=page.html,
        pictures=(logo,) if logo else (),
    )


def message_view(publication: Publication, tone: Tone, *, link: str = "") -> MessageView:
    """Return all texts of the mail about a document, in the document's language."""
    with language(publication.document.language):
        formats = formats_of(publication)
        view = _view(publication, tone, present(publication), formats)
        return (
            replace(view, link=MessageLink(label=link_label(publication), address=link))
            if link
            else view
        )


def _view(
    publication: Publication, tone: Tone, view: DocumentView, formats: Formats
) -> MessageView:
    values = placeholders(publication, formats)
    words = letter(publication, tone, values)
    mark = f"[{view.mark}] " if view.mark else ""
    return MessageView(
        language=view.language,
        direction=view.direction,
        subject=mark + subject(publication, values),
        summary=summary(publication, values),
        mark=view.mark,
        greeting=words.greeting,
        paragraphs=words.paragraphs,
        facts=(*view.fields, view.due),
        lines=_lines(publication, formats),
        totals=view.totals,
        payment=replace(view.payment, code="", code_label="") if view.payment else None,
        closing=(words.closing,),
        sender=_sender(publication),
        footer=view.footer,
    )


def _lines(publication: Publication, formats: Formats) -> tuple[ViewTotal, ...]:
    lines = publication.document.lines
    if len(lines) > MOST_LINES:
        return ()
    return tuple(
        ViewTotal(label=line.description, amount=formats.amount(line.net)) for line in lines
    )


def _sender(publication: Publication) -> tuple[str, ...]:
    party = publication.document.seller.party
    found = (
        publication.brand.sender.name or publication.brand.name,
        party.contact_name,
        party.phone,
        publication.brand.website,
    )
    return tuple(dict.fromkeys(text for text in found if text))
