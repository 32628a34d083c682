"""Taxes and totals: the stored figures, formatted and never computed anew."""

from collections.abc import Iterator

from billhook.domain.document_view import ViewTax, ViewTotal
from billhook.domain.documents import Document
from billhook.domain.ledger import base_amount
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind, TaxComponent
from billhook.domain.totals import TaxGroup
from billhook.services.presenting.formats import Formats
from billhook.services.presenting.names import tax_name
from billhook.services.presenting.texts import gettext as _


def tax_columns() -> tuple[str, ...]:
    return (_("Tax"), _("Net"), _("Rate"), _("Tax amount"))


def taxes(document: Document, formats: Formats) -> tuple[ViewTax, ...]:
    """Return the tax table: a row per component of each group, or one that says why no tax."""
    return tuple(row for group in document.groups for row in _rows(group, formats))


def _rows(group: TaxGroup, formats: Formats) -> Iterator[ViewTax]:
    charged = list(_charged(group))
    for place, component, tax in charged:
        yield ViewTax(
            label=tax_name(component),
            net=formats.amount(group.net),
            rate=formats.percent(component.rate),
            tax=formats.amount(tax),
            note=_note(group, place),
        )
    if not charged:
        yield ViewTax(
            label=_("No tax"),
            net=formats.amount(group.net),
            rate="",
            tax=formats.amount(0),
            note=group.treatment.note or _reason(group.treatment.category),
        )


def _charged(group: TaxGroup) -> Iterator[tuple[int, TaxComponent, int]]:
    pairs = zip(group.treatment.components, group.component_taxes, strict=True)
    for place, (component, tax) in enumerate(pairs):
        if component.kind is not ComponentKind.WITHHOLDING:
            yield place, component, tax


def _note(group: TaxGroup, place: int) -> str:
    if group.treatment.components[place].kind is ComponentKind.COMPOUND:
        return _("On the net amount and the taxes above.")
    if place:
        return ""
    return group.treatment.note or _reason(group.treatment.category)


def _reason(category: str | None) -> str:
    """Say why no tax is charged where the tax engine gave no words (UNCL 5305)."""
    known = {
        "AE": _("Reverse charge: the customer accounts for the tax."),
        "E": _("Exempt from tax."),
        "G": _("Export outside the tax territory, free of tax."),
        "K": _("Intra-Community supply, exempt from tax."),
        "O": _("Not subject to tax."),
    }
    return known.get(category or "", "")


def totals(document: Document, formats: Formats) -> tuple[ViewTotal, ...]:
    """Return the sums from net to payable."""
    return tuple(_totals(document, formats))


def _totals(document: Document, formats: Formats) -> Iterator[ViewTotal]:
    yield ViewTotal(label=_("Net amount"), amount=formats.amount(document.net))
    for group in document.groups:
        for _place, component, tax in _charged(group):
            if component.rate:
                label = f"{tax_name(component)} {formats.percent(component.rate)}"
                yield ViewTotal(label=label, amount=formats.amount(tax))
    if document.prepaid or document.rounding:
        yield ViewTotal(label=_("Total amount"), amount=formats.amount(document.gross))
    if document.prepaid:
        yield ViewTotal(label=_("Already paid"), amount=formats.amount(-document.prepaid))
    if document.rounding:
        yield ViewTotal(label=_("Rounding"), amount=formats.amount(document.rounding))
    yield ViewTotal(
        label=payable_label(document), amount=formats.money(document.payable), is_payable=True
    )


def payable_label(document: Document) -> str:
    if document.type is DocumentType.CREDIT_NOTE:
        return _("To be refunded")
    return _("Amount due")


def information(document: Document, formats: Formats) -> tuple[str, ...]:
    """Return what stands below the sums and changes none of them."""
    return (
        *_included(document),
        *_base_tax(document, formats),
        *_withheld(document, formats),
    )


def _included(document: Document) -> Iterator[str]:
    """Say it where line amounts are less than quantity times price."""
    if document.prices_include_tax:
        yield _("Unit prices include tax; the amounts of the lines do not.")


def _base_tax(document: Document, formats: Formats) -> Iterator[str]:
    """Name the tax in the seller's currency (BT-111), as the ledger holds it."""
    base = document.base
    if base.currency != document.currency and document.tax:
        yield _(
            "Tax in %(base)s: %(amount)s (1 %(currency)s = %(rate)s %(base)s, %(source)s, %(day)s).",
            base=base.currency,
            amount=formats.money(base_amount(document.tax, document), base.currency),
            currency=document.currency,
            rate=formats.rate(base.rate),
            source=base.source,
            day=formats.day(base.rate_on),
        )


def _withheld(document: Document, formats: Formats) -> Iterator[str]:
    for group in document.groups:
        pairs = zip(group.treatment.components, group.component_taxes, strict=True)
        for component, tax in pairs:
            if component.kind is ComponentKind.WITHHOLDING:
                yield _(
                    "%(tax)s at %(rate)s: you keep back %(amount)s and pay it to the tax office.",
                    tax=tax_name(component),
                    rate=formats.percent(component.rate),
                    amount=formats.money(tax),
                )
