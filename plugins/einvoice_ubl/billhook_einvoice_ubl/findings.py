"""What the standard cannot express of a publication, told by us before any rule is run."""

from collections.abc import Callable, Iterator

from billhook.domain.documents import Document
from billhook.domain.publications import Publication
from billhook.money import minor_digits
from billhook.problems import Problem, Severity
from billhook_einvoice_ubl import units
from billhook_einvoice_ubl.elements import MOST_DECIMALS
from billhook_einvoice_ubl.mapping import MEDIA_TYPES
from billhook_einvoice_ubl.parties import is_without_vat_ids
from billhook_einvoice_ubl.taxes import (
    exemption_code,
    groups_by_category,
    is_within_standard,
)
from billhook_einvoice_ubl.texts import gettext as _


def findings(publication: Publication) -> list[Problem]:
    """Return what would be missing or wrong in the e-invoice. An error: it cannot be written."""
    return [problem for check in _CHECKS for problem in check(publication)]


def _taxes(publication: Publication) -> Iterator[Problem]:
    groups = publication.document.groups
    outside = [group.treatment for group in groups if not is_within_standard(group.treatment)]
    if not outside:
        return
    names = dict.fromkeys(part.tax for treatment in outside for part in treatment.components)
    yield Problem(
        code="einvoice_ubl.taxes_outside",
        path="BG-23",
        message=_(
            "This document's taxes are outside EN 16931: %(taxes)s. The standard knows one value"
            " added tax per line, with a category. Take the format away from this customer:"
            " billhook import customers, column formats.",
            taxes=", ".join(names),
        ),
    )


def _decimals(publication: Publication) -> Iterator[Problem]:
    document = publication.document
    digits = minor_digits(document.currency)
    step = 10 ** max(digits - MOST_DECIMALS, 0)
    if any(amount % step for amount in _amounts(document)):
        yield Problem(
            code="einvoice_ubl.decimals_exceeded",
            path="BT-5",
            message=_(
                "Amounts in %(currency)s have %(digits)s decimals, and EN 16931 allows two."
                " Charge amounts that need no more, or take the format away from this customer.",
                currency=document.currency,
                digits=digits,
            ),
        )


def _amounts(document: Document) -> Iterator[int]:
    yield from (document.net, document.tax, document.gross, document.payable)
    yield from (document.rounding, document.prepaid)
    yield from (line.net for line in document.lines)
    yield from (item.net for item in document.adjustments)
    yield from (amount for group in document.groups for amount in (group.net, group.tax))


def _attachments(publication: Publication) -> Iterator[Problem]:
    for file in publication.files:
        if file.content_type not in MEDIA_TYPES:
            yield Problem(
                code="einvoice_ubl.attachment_left_out",
                path="BG-24",
                severity=Severity.WARNING,
                message=_(
                    "“%(name)s” is not inside the e-invoice, as EN 16931 has no place for files"
                    " of type %(type)s. Attach it as PDF, PNG, JPEG, CSV, XLSX or ODS.",
                    name=file.name,
                    type=file.content_type,
                ),
            )


def _units(publication: Publication) -> Iterator[Problem]:
    unknown = {
        line.unit: None for line in publication.document.lines if units.code_of(line.unit) is None
    }
    for unit in unknown:
        yield Problem(
            code="einvoice_ubl.unit_unknown",
            path="BT-130",
            severity=Severity.WARNING,
            message=_(
                "The unit “%(unit)s” has no code of UN/ECE Recommendation 20 that is known here."
                " The e-invoice says “one” (C62) and keeps the word as the line's note. Give the"
                " product a code such as HUR or KGM: billhook import products, column unit.",
                unit=unit,
            ),
        )


def _exemptions(publication: Publication) -> Iterator[Problem]:
    for category, groups in groups_by_category(publication.document).items():
        codes = sorted({group.treatment.exemption_code for group in groups} - {""})
        if codes and not exemption_code(groups):
            yield Problem(
                code="einvoice_ubl.exemption_codes_joined",
                path="BT-121",
                severity=Severity.WARNING,
                message=_(
                    "An e-invoice has one reason for category %(category)s, and this document has"
                    " several (%(codes)s). It names them as text, without a code. Bill what is"
                    " exempt for different reasons on documents of their own.",
                    category=category.code,
                    codes=", ".join(codes),
                ),
            )


def _buyers_number(publication: Publication) -> Iterator[Problem]:
    buyer = publication.document.buyer.party
    if is_without_vat_ids(publication.document) and buyer.tax_number and buyer.legal_id:
        yield Problem(
            code="einvoice_ubl.buyer_number_left_out",
            path="BT-48",
            severity=Severity.WARNING,
            message=_(
                "The buyer's tax number %(number)s is not in the e-invoice: EN 16931 allows none"
                " outside the scope of tax (BR-O-02). The number of the trade register is there.",
                number=buyer.tax_number,
            ),
        )


_CHECKS: tuple[Callable[[Publication], Iterator[Problem]], ...] = (
    _taxes,
    _decimals,
    _attachments,
    _units,
    _exemptions,
    _buyers_number,
)
