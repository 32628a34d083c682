"""A publication in the terms of EN 16931."""

from datetime import date
from decimal import Decimal

from billhook.domain.documents import Document
from billhook.domain.ledger import base_amount
from billhook.domain.publications import FileContent, Publication
from billhook.domain.states import DocumentType
from billhook.domain.totals import AdjustmentKind
from billhook.i18n import language
from billhook.money import to_major
from billhook_einvoice_ubl import lines, own, parties, payment, taxes, wording
from billhook_einvoice_ubl.characters import clean
from billhook_einvoice_ubl.profiles import Profile
from billhook_einvoice_ubl.terms import (
    AllowanceCharge,
    EInvoice,
    Preceding,
    Span,
    Sums,
    Supporting,
)
from billhook_einvoice_ubl.texts import gettext as _

TYPE_CODES = {DocumentType.INVOICE: "380", DocumentType.CREDIT_NOTE: "381"}  # UNTDID 1001

MEDIA_TYPES = frozenset(
    {
        "application/pdf",
        "image/png",
        "image/jpeg",
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
"""What may be embedded (BR-CL-24)."""


def e_invoice(publication: Publication, profile: Profile) -> EInvoice:
    """Return the publication as an e-invoice; what it cannot hold is in `findings`."""
    with language(publication.document.language):
        return _e_invoice(publication, profile)


def _e_invoice(publication: Publication, profile: Profile) -> EInvoice:
    document = publication.document
    adjustments = lines.document_adjustments(document)
    first, last = _days(document)
    return EInvoice(
        type_code=TYPE_CODES[document.type],
        specification=profile.specification,
        process=profile.process,
        number=clean(publication.number),
        issue_on=document.issue_on,
        due_on=document.due_on,
        note=_note(publication),
        currency=document.currency,
        tax_currency=document.base.currency if has_tax_currency(document) else "",
        tax_in_tax_currency=_tax_in_base(document) if has_tax_currency(document) else None,
        buyer_reference=clean(document.buyer_reference),
        order_number=clean(document.purchase_order),
        preceding=_preceding(publication),
        period=Span(first, last) if first != last else None,
        seller=parties.seller(publication),
        buyer=parties.buyer(document),
        delivered_on=last if first == last else None,
        delivery_country=_delivery_country(document),
        payment=payment.instructions(publication),
        payment_terms=wording.terms(publication),
        adjustments=adjustments,
        subtotals=taxes.subtotals(document),
        sums=_sums(document, adjustments),
        lines=lines.lines(document),
        supporting=tuple(
            _supporting(f) for f in publication.files if f.content_type in MEDIA_TYPES
        ),
    )


def has_tax_currency(document: Document) -> bool:
    """BT-6: where tax is charged in another currency than the seller keeps books in."""
    return document.currency != document.base.currency and bool(document.tax)


def _tax_in_base(document: Document) -> Decimal:
    """BT-111: converted by the rate that the document froze."""
    return to_major(base_amount(document.tax, document), document.base.currency)


def _delivery_country(document: Document) -> str:
    """BT-80. A supply within the union was taxed as one to the buyer's country, if none is named."""
    if document.delivery_country or not taxes.has_category(document, taxes.WITHIN_UNION):
        return document.delivery_country
    return document.buyer.party.address.country


def _days(document: Document) -> tuple[date | None, date | None]:
    """Return the first and last day on which something was supplied."""
    days = {line.supplied_on for line in document.lines}
    days |= {line.period.start for line in document.lines if line.period}
    days |= {line.period.last_day for line in document.lines if line.period}
    return min(days, default=None), max(days, default=None)


def _note(publication: Publication) -> str:
    """BT-22: one note, as Peppol knows no second one (PEPPOL-EN16931-R002)."""
    document = publication.document
    mark = _("Sandbox: this is no invoice.") if publication.is_sandbox else ""
    notes = (
        mark,
        document.note,
        *own.notes(document),
        wording.notes(publication),
        *taxes.notes_of_taxed(document),
    )
    return "\n".join(dict.fromkeys(filter(None, map(clean, notes))))


def _preceding(publication: Publication) -> tuple[Preceding, ...]:
    credited = publication.credited
    return (Preceding(clean(credited.number), credited.issue_on),) if credited else ()


def _sums(document: Document, adjustments: tuple[AllowanceCharge, ...]) -> Sums:
    allowances = [one.amount for one in adjustments if one.kind is AdjustmentKind.ALLOWANCE]
    charges = [one.amount for one in adjustments if one.kind is AdjustmentKind.SURCHARGE]
    currency = document.currency
    return Sums(
        lines=to_major(sum(line.net for line in document.lines), currency),
        allowances=sum(allowances, Decimal(0)),
        charges=sum(charges, Decimal(0)),
        net=to_major(document.net, currency),
        tax=to_major(document.tax, currency),
        gross=to_major(document.gross, currency),
        prepaid=to_major(document.prepaid, currency),
        rounding=to_major(document.rounding, currency),
        payable=to_major(document.payable, currency),
    )


def _supporting(file: FileContent) -> Supporting:
    return Supporting(
        reference=clean(file.name),
        name=clean(file.name),
        content_type=file.content_type,
        content=file.content,
    )
