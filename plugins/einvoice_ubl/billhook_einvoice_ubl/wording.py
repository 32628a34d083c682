"""What a template says in the document's language, with its placeholders filled.

Dates and amounts are written as machines write them: the file is for those.
"""

from collections.abc import Mapping

from billhook.domain.brands import Block, TemplateTexts
from billhook.domain.placeholders import filled
from billhook.domain.publications import Publication
from billhook.money import amount_text
from billhook_einvoice_ubl.characters import clean


def terms(publication: Publication) -> str:
    """BT-20: what was agreed for this document, then what the template says of all."""
    own = clean(publication.document.terms)
    usual = _usual_terms(publication)
    return "\n".join(filter(None, (own, usual)))


def _usual_terms(publication: Publication) -> str:
    return _said(publication, Block.TERMS, _texts(publication).terms)


def notes(publication: Publication) -> str:
    """The template's part of BT-22."""
    return _said(publication, Block.NOTES, _texts(publication).notes)


def _texts(publication: Publication) -> TemplateTexts:
    return publication.template.texts_in(publication.document.language)


def _said(publication: Publication, block: Block, text: str) -> str:
    """Return a text, unless the template leaves its block out."""
    if block not in publication.template.blocks:
        return ""
    return clean(filled(text, _values(publication)))


def _values(publication: Publication) -> Mapping[str, str]:
    document = publication.document
    total = amount_text(document.payable, document.currency)
    return {
        "number": publication.number,
        "issue_on": document.issue_on.isoformat(),
        "due_on": document.due_on.isoformat(),
        "customer": document.buyer.party.name,
        "reference": document.buyer.party.reference,
        "seller": document.seller.party.name,
        "total": f"{total} {document.currency}",
        "purchase_order": document.purchase_order,
        "credited": publication.credited.number if publication.credited else "",
    }
