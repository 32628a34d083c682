"""UBL back into the terms of EN 16931: what `writing` writes, and what others write of it.

What the terms have no field for is not read: a file of somebody else may say more.
"""

import binascii
from base64 import b64decode
from decimal import Decimal

from lxml.etree import _Element

from billhook.domain.totals import AdjustmentKind
from billhook_einvoice_ubl import namespaces
from billhook_einvoice_ubl.nodes import (
    day,
    every,
    first,
    needed_day,
    needed_number,
    number,
    span,
    text,
)
from billhook_einvoice_ubl.parsing import NotReadable, parse
from billhook_einvoice_ubl.reading_parties import party
from billhook_einvoice_ubl.terms import (
    AllowanceCharge,
    CreditAccount,
    EInvoice,
    ItemProperty,
    Line,
    PaymentInstructions,
    Preceding,
    Sums,
    Supporting,
    TaxCategory,
    TaxSubtotal,
)
from billhook_einvoice_ubl.texts import gettext as _

_NOTHING = Decimal(0)


def read(content: bytes) -> EInvoice:
    """Return what a file says. Raises NotReadable."""
    return e_invoice(parse(content))


def e_invoice(root: _Element) -> EInvoice:
    """Return what the tree of an Invoice or CreditNote says. Raises NotReadable."""
    kind = "CreditNote" if root.tag == f"{{{namespaces.CREDIT_NOTE}}}CreditNote" else "Invoice"
    currency = text(root, "cbc:DocumentCurrencyCode")
    tax_currency = text(root, "cbc:TaxCurrencyCode")
    return EInvoice(
        type_code=text(root, f"cbc:{kind}TypeCode"),
        specification=text(root, "cbc:CustomizationID"),
        process=text(root, "cbc:ProfileID"),
        number=text(root, "cbc:ID"),
        issue_on=needed_day(root, "cbc:IssueDate"),
        due_on=day(root, "cbc:DueDate") or day(root, "cac:PaymentMeans/cbc:PaymentDueDate"),
        note=text(root, "cbc:Note"),
        currency=currency,
        tax_currency=tax_currency,
        tax_in_tax_currency=_tax_in(root, tax_currency) if tax_currency else None,
        buyer_reference=text(root, "cbc:BuyerReference"),
        order_number=text(root, "cac:OrderReference/cbc:ID"),
        preceding=tuple(
            Preceding(text(one, "cbc:ID"), day(one, "cbc:IssueDate"))
            for one in every(root, "cac:BillingReference/cac:InvoiceDocumentReference")
        ),
        period=span(root, "cac:InvoicePeriod"),
        seller=party(root, "cac:AccountingSupplierParty"),
        buyer=party(root, "cac:AccountingCustomerParty"),
        delivered_on=day(root, "cac:Delivery/cbc:ActualDeliveryDate"),
        delivery_country=text(
            root,
            "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode",
        ),
        payment=_payment(root),
        payment_terms=text(root, "cac:PaymentTerms/cbc:Note"),
        adjustments=_adjustments(root),
        subtotals=tuple(_subtotal(one) for one in every(root, "cac:TaxTotal/cac:TaxSubtotal")),
        sums=_sums(root, currency),
        lines=tuple(_line(one, kind) for one in every(root, f"cac:{kind}Line")),
        supporting=tuple(
            _supporting(one)
            for one in every(root, "cac:AdditionalDocumentReference")
            if first(one, _EMBEDDED) is not None
        ),
    )


_EMBEDDED = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"


def _tax_in(root: _Element, currency: str) -> Decimal | None:
    """Return the total of tax in a currency: BT-110 or BT-111."""
    for total in every(root, "cac:TaxTotal"):
        amount = first(total, "cbc:TaxAmount")
        if amount is not None and amount.get("currencyID") == currency:
            return number(total, "cbc:TaxAmount")
    return None


def _supporting(document: _Element) -> Supporting:
    """BG-24."""
    embedded = first(document, _EMBEDDED)
    assert embedded is not None
    try:
        content = b64decode(embedded.text or "")
    except binascii.Error as error:
        raise NotReadable(_("A file inside of the e-invoice is damaged.")) from error
    return Supporting(
        reference=text(document, "cbc:ID"),
        name=embedded.get("filename", ""),
        content_type=embedded.get("mimeCode", ""),
        content=content,
    )


def _payment(root: _Element) -> PaymentInstructions | None:
    """BG-16."""
    means = every(root, "cac:PaymentMeans")
    if not means:
        return None
    accounts = [found for one in means for found in every(one, "cac:PayeeFinancialAccount")]
    return PaymentInstructions(
        code=text(means[0], "cbc:PaymentMeansCode"),
        reference=text(means[0], "cbc:PaymentID"),
        accounts=tuple(
            CreditAccount(
                number=text(account, "cbc:ID"),
                holder=text(account, "cbc:Name"),
                bic=text(account, "cac:FinancialInstitutionBranch/cbc:ID"),
            )
            for account in accounts
        ),
    )


def _adjustments(parent: _Element) -> tuple[AllowanceCharge, ...]:
    return tuple(_adjustment(one) for one in every(parent, "cac:AllowanceCharge"))


def _adjustment(found: _Element) -> AllowanceCharge:
    """BG-20, BG-21, BG-27, BG-28."""
    is_charge = text(found, "cbc:ChargeIndicator") in ("true", "1")
    return AllowanceCharge(
        kind=AdjustmentKind.SURCHARGE if is_charge else AdjustmentKind.ALLOWANCE,
        amount=needed_number(found, "cbc:Amount"),
        reason=text(found, "cbc:AllowanceChargeReason"),
        reason_code=text(found, "cbc:AllowanceChargeReasonCode"),
        percent=number(found, "cbc:MultiplierFactorNumeric"),
        base=number(found, "cbc:BaseAmount"),
        category=_category(found, "cac:TaxCategory"),
    )


def _category(parent: _Element, path: str) -> TaxCategory | None:
    found = first(parent, path)
    if found is None:
        return None
    return TaxCategory(text(found, "cbc:ID"), number(found, "cbc:Percent"))


def _needed_category(parent: _Element, path: str) -> TaxCategory:
    return _category(parent, path) or TaxCategory("", None)


def _subtotal(found: _Element) -> TaxSubtotal:
    """BG-23."""
    return TaxSubtotal(
        category=_needed_category(found, "cac:TaxCategory"),
        net=needed_number(found, "cbc:TaxableAmount"),
        tax=needed_number(found, "cbc:TaxAmount"),
        exemption_code=text(found, "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
        exemption_reason=text(found, "cac:TaxCategory/cbc:TaxExemptionReason"),
    )


def _sums(root: _Element, currency: str) -> Sums:
    """BG-22."""
    total = first(root, "cac:LegalMonetaryTotal")
    if total is None:
        raise NotReadable(_("The file has no %(path)s.", path="cac:LegalMonetaryTotal"))
    return Sums(
        lines=needed_number(total, "cbc:LineExtensionAmount"),
        allowances=number(total, "cbc:AllowanceTotalAmount") or _NOTHING,
        charges=number(total, "cbc:ChargeTotalAmount") or _NOTHING,
        net=needed_number(total, "cbc:TaxExclusiveAmount"),
        tax=_tax_in(root, currency) or _NOTHING,
        gross=needed_number(total, "cbc:TaxInclusiveAmount"),
        prepaid=number(total, "cbc:PrepaidAmount") or _NOTHING,
        rounding=number(total, "cbc:PayableRoundingAmount") or _NOTHING,
        payable=needed_number(total, "cbc:PayableAmount"),
    )


def _line(found: _Element, kind: str) -> Line:
    """BG-25."""
    path = "cbc:CreditedQuantity" if kind == "CreditNote" else "cbc:InvoicedQuantity"
    quantity = first(found, path)
    base_quantity = number(found, "cac:Price/cbc:BaseQuantity")
    return Line(
        id=text(found, "cbc:ID"),
        name=text(found, "cac:Item/cbc:Name"),
        description=text(found, "cac:Item/cbc:Description"),
        note=text(found, "cbc:Note"),
        sku=text(found, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        quantity=needed_number(found, path),
        unit_code="" if quantity is None else quantity.get("unitCode", ""),
        price=needed_number(found, "cac:Price/cbc:PriceAmount"),
        base_quantity=Decimal(1) if base_quantity is None else base_quantity,
        period=span(found, "cac:InvoicePeriod"),
        adjustments=_adjustments(found),
        net=needed_number(found, "cbc:LineExtensionAmount"),
        category=_needed_category(found, "cac:Item/cac:ClassifiedTaxCategory"),
        properties=tuple(
            ItemProperty(name=text(one, "cbc:Name"), value=text(one, "cbc:Value"))
            for one in every(found, "cac:Item/cac:AdditionalItemProperty")
        ),
    )
