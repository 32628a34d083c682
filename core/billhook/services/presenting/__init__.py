"""Documents as people read them: `present` formats all figures and writes all labels.

Nothing is computed here but the sums of sections: every figure is one that the
document stores.
"""

from collections.abc import Iterator, Mapping

from billhook.domain.brands import Block, TemplateTexts
from billhook.domain.document_view import DocumentView, Field
from billhook.domain.documents import Document
from billhook.domain.periods import Period
from billhook.domain.placeholders import filled
from billhook.domain.publications import Publication, Stage
from billhook.domain.states import DocumentType
from billhook.i18n import language
from billhook.services.presenting import lines, own, parties, paying, sheets, sums
from billhook.services.presenting.formats import Formats, locale_of
from billhook.services.presenting.names import document_title
from billhook.services.presenting.texts import gettext as _
from billhook.services.presenting.texts import written_in

__all__ = ["formats_of", "placeholders", "present"]


def present(publication: Publication) -> DocumentView:
    """Return all texts of a document, in its language and by its buyer's locale."""
    with language(publication.document.language):
        return _present(publication, formats_of(publication))


def formats_of(publication: Publication) -> Formats:
    """Return how the buyer's dates and numbers look."""
    document = publication.document
    locale = locale_of(written_in(document.language), document.buyer.party.address.country)
    return Formats(locale, document.currency)


def placeholders(publication: Publication, formats: Formats) -> Mapping[str, str]:
    """Return what the placeholders of texts stand for (see `domain.placeholders`)."""
    document = publication.document
    return {
        "number": publication.number,
        "issue_on": formats.day(document.issue_on),
        "due_on": formats.day(document.due_on),
        "customer": document.buyer.party.name,
        "reference": document.buyer.party.reference,
        "seller": document.seller.party.name,
        "total": formats.money(document.payable),
        "purchase_order": document.purchase_order,
        "credited": publication.credited.number if publication.credited else "",
    }


def _present(publication: Publication, formats: Formats) -> DocumentView:
    document, template = publication.document, publication.template
    texts = _filled(publication, formats)
    blocks = template.blocks
    columns = template.columns
    return DocumentView(
        language=document.language,
        direction=sheets.direction(document.language),
        paper=sheets.paper(document.seller.party.address.country),
        title=texts.title or document_title(document.type),
        number=publication.number,
        subtitle=_credited(publication, formats),
        mark=mark(publication),
        currency=document.currency,
        fields=tuple(_fields(publication, formats)),
        due=Field(label=sums.payable_label(document), value=formats.money(document.payable)),
        seller=parties.seller(publication, formats),
        buyer=parties.buyer(publication, formats),
        blocks=blocks,
        columns=lines.view_columns(columns, document.currency),
        sections=lines.sections(document, columns, formats),
        adjustments=lines.adjustments(document, formats),
        tax_columns=sums.tax_columns(),
        taxes=sums.taxes(document, formats),
        totals=sums.totals(document, formats),
        information=(
            *sums.information(document, formats),
            *(() if Block.PAYMENT in blocks else paragraphs(document.terms)),
        ),
        payment=paying.payment(publication, formats) if Block.PAYMENT in blocks else None,
        intro=paragraphs(texts.intro),
        notes=(*paragraphs(document.note), *paragraphs(texts.notes)),
        notes_label=_("Notes"),
        terms=paragraphs(texts.terms),
        terms_label=_("Terms"),
        closing=paragraphs(texts.closing),
        attachments=tuple(one.name for one in document.attachments),
        attachments_label=_("Attachments"),
        footer=tuple(sheets.footer(publication.brand)),
        page_words=sheets.page_words(),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Split a text where a line is empty."""
    return tuple(part.strip() for part in text.split("\n\n") if part.strip())


def mark(publication: Publication) -> str:
    """Return what says that a document is not a real one."""
    marks = []
    if publication.stage is Stage.DRAFT:
        marks.append(_("DRAFT"))
    if publication.is_sandbox:
        marks.append(sheets.sandbox_mark())
    return " · ".join(marks)


def _filled(publication: Publication, formats: Formats) -> TemplateTexts:
    texts = publication.template.texts_in(publication.document.language)
    values = placeholders(publication, formats)
    return TemplateTexts(
        title=filled(texts.title, values),
        intro=filled(texts.intro, values),
        notes=filled(texts.notes, values),
        terms=filled(texts.terms, values),
        closing=filled(texts.closing, values),
    )


def _credited(publication: Publication, formats: Formats) -> str:
    if publication.credited is None:
        return ""
    return _(
        "Credits invoice %(number)s of %(day)s",
        number=publication.credited.number,
        day=formats.day(publication.credited.issue_on),
    )


def _fields(publication: Publication, formats: Formats) -> Iterator[Field]:
    document = publication.document
    is_invoice = document.type is DocumentType.INVOICE
    supplied = _supplied(document)
    is_one_day = supplied.start == supplied.last_day
    found = [
        (_("Invoice number") if is_invoice else _("Credit note number"), publication.number),
        (_("Date of issue"), formats.day(document.issue_on)),
        (_("Due date"), formats.day(document.due_on) if is_invoice else ""),
        (_("Date of supply") if is_one_day else _("Period of supply"), formats.days(supplied)),
        (_("Customer number"), document.buyer.party.reference),
        (_("Order number"), document.purchase_order),
        (_("Your reference"), document.buyer_reference),
        (_("Part"), document.reference),
        *own.printed(document.fields, formats),
    ]
    return (Field(label=label, value=value) for label, value in found if value)


def _supplied(document: Document) -> Period:
    """Return from the first to the last day on which something was supplied."""
    starts = [line.period.start if line.period else line.supplied_on for line in document.lines]
    ends = [line.period.last_day if line.period else line.supplied_on for line in document.lines]
    if not starts:
        return Period.through(document.issue_on, document.issue_on)
    return Period.through(min(starts), max(ends))
