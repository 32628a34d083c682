"""An e-invoice as UBL 2.1, element by element in the order of the schema."""

from base64 import b64encode

from lxml.etree import Element, _Element, tostring

from billhook.domain.totals import AdjustmentKind
from billhook_einvoice_ubl import namespaces
from billhook_einvoice_ubl.elements import amount, day, group, leaf, number, span
from billhook_einvoice_ubl.terms import (
    AllowanceCharge,
    CreditAccount,
    EInvoice,
    Line,
    Supporting,
    TaxCategory,
    TaxSubtotal,
)
from billhook_einvoice_ubl.writing_parties import write_buyer, write_seller

CREDIT_NOTE_CODE = "381"


def content(tree: _Element) -> bytes:
    """Return the bytes of a file."""
    return bytes(tostring(tree, xml_declaration=True, encoding="UTF-8"))


def tree(invoice: EInvoice) -> _Element:
    """Return the root, an Invoice or a CreditNote."""
    is_credit = is_credit_note(invoice)
    namespace = namespaces.CREDIT_NOTE if is_credit else namespaces.INVOICE
    name = "CreditNote" if is_credit else "Invoice"
    prefixes: dict[str | None, str] = {None: namespace}
    prefixes.update(namespaces.PREFIXES)
    root = Element(f"{{{namespace}}}{name}", nsmap=prefixes)
    _write_head(root, invoice)
    _write_references(root, invoice)
    write_seller(root, invoice.seller)
    write_buyer(root, invoice.buyer)
    _write_delivery(root, invoice)
    _write_payment(root, invoice)
    for adjustment in invoice.adjustments:
        _write_allowance_charge(root, adjustment, invoice.currency)
    _write_tax(root, invoice)
    _write_sums(root, invoice)
    for line in invoice.lines:
        _write_line(root, line, invoice)
    return root


def is_credit_note(invoice: EInvoice) -> bool:
    return invoice.type_code == CREDIT_NOTE_CODE


def _write_head(root: _Element, invoice: EInvoice) -> None:
    """BT-1 to BT-24, BG-1."""
    is_credit = is_credit_note(invoice)
    leaf(root, "cbc:CustomizationID", invoice.specification)  # BT-24
    leaf(root, "cbc:ProfileID", invoice.process)  # BT-23
    leaf(root, "cbc:ID", invoice.number)  # BT-1
    day(root, "cbc:IssueDate", invoice.issue_on)  # BT-2
    if not is_credit:  # a CreditNote has it among the means of payment
        day(root, "cbc:DueDate", invoice.due_on)  # BT-9
    name = "cbc:CreditNoteTypeCode" if is_credit else "cbc:InvoiceTypeCode"
    leaf(root, name, invoice.type_code)  # BT-3
    leaf(root, "cbc:Note", invoice.note)  # BT-22
    leaf(root, "cbc:DocumentCurrencyCode", invoice.currency)  # BT-5
    leaf(root, "cbc:TaxCurrencyCode", invoice.tax_currency)  # BT-6
    leaf(root, "cbc:BuyerReference", invoice.buyer_reference)  # BT-10
    span(root, "cac:InvoicePeriod", invoice.period)  # BG-14


def _write_references(root: _Element, invoice: EInvoice) -> None:
    with group(root, "cac:OrderReference") as order:
        leaf(order, "cbc:ID", invoice.order_number)  # BT-13
    for preceding in invoice.preceding:  # BG-3
        with (
            group(root, "cac:BillingReference") as reference,
            group(reference, "cac:InvoiceDocumentReference") as document,
        ):
            leaf(document, "cbc:ID", preceding.number)  # BT-25
            day(document, "cbc:IssueDate", preceding.issue_on)  # BT-26
    for supporting in invoice.supporting:
        _write_supporting(root, supporting)


def _write_supporting(root: _Element, supporting: Supporting) -> None:
    """BG-24."""
    with group(root, "cac:AdditionalDocumentReference") as document:
        leaf(document, "cbc:ID", supporting.reference)  # BT-122
        with group(document, "cac:Attachment") as attachment:
            leaf(
                attachment,
                "cbc:EmbeddedDocumentBinaryObject",
                b64encode(supporting.content).decode(),  # BT-125
                mimeCode=supporting.content_type,
                filename=supporting.name,
            )


def _write_delivery(root: _Element, invoice: EInvoice) -> None:
    """BG-13, BG-15."""
    with group(root, "cac:Delivery") as delivery:
        day(delivery, "cbc:ActualDeliveryDate", invoice.delivered_on)  # BT-72
        if invoice.delivery_country:
            with (
                group(delivery, "cac:DeliveryLocation") as location,
                group(location, "cac:Address") as address,
                group(address, "cac:Country") as country,
            ):
                leaf(country, "cbc:IdentificationCode", invoice.delivery_country)  # BT-80


def _write_payment(root: _Element, invoice: EInvoice) -> None:
    """BG-16: the means once for each account."""
    if invoice.payment is not None:
        for account in invoice.payment.accounts or (None,):
            _write_means(root, invoice, account)
    with group(root, "cac:PaymentTerms") as terms:
        leaf(terms, "cbc:Note", invoice.payment_terms)  # BT-20


def _write_means(root: _Element, invoice: EInvoice, account: CreditAccount | None) -> None:
    assert invoice.payment is not None
    with group(root, "cac:PaymentMeans") as means:
        leaf(means, "cbc:PaymentMeansCode", invoice.payment.code)  # BT-81
        if is_credit_note(invoice):
            day(means, "cbc:PaymentDueDate", invoice.due_on)  # BT-9
        leaf(means, "cbc:PaymentID", invoice.payment.reference)  # BT-83
        if account is not None:
            _write_account(means, account)


def _write_account(means: _Element, account: CreditAccount) -> None:
    """BG-17."""
    with group(means, "cac:PayeeFinancialAccount") as payee:
        leaf(payee, "cbc:ID", account.number)  # BT-84
        leaf(payee, "cbc:Name", account.holder)  # BT-85
        with group(payee, "cac:FinancialInstitutionBranch") as branch:
            leaf(branch, "cbc:ID", account.bic)  # BT-86


def _write_allowance_charge(parent: _Element, item: AllowanceCharge, currency: str) -> None:
    """BG-20, BG-21, BG-27, BG-28."""
    is_charge = item.kind is AdjustmentKind.SURCHARGE
    with group(parent, "cac:AllowanceCharge") as added:
        leaf(added, "cbc:ChargeIndicator", "true" if is_charge else "false")
        leaf(added, "cbc:AllowanceChargeReasonCode", item.reason_code)
        leaf(added, "cbc:AllowanceChargeReason", item.reason)
        number(added, "cbc:MultiplierFactorNumeric", item.percent)
        amount(added, "cbc:Amount", item.amount, currency)
        amount(added, "cbc:BaseAmount", item.base, currency)
        if item.category is not None:
            _write_category(added, "cac:TaxCategory", item.category)


def _write_tax(root: _Element, invoice: EInvoice) -> None:
    """BT-110 with BG-23, and BT-111 in a total of its own."""
    with group(root, "cac:TaxTotal") as total:
        amount(total, "cbc:TaxAmount", invoice.sums.tax, invoice.currency)
        for subtotal in invoice.subtotals:
            _write_subtotal(total, subtotal, invoice.currency)
    if invoice.tax_in_tax_currency is not None:
        with group(root, "cac:TaxTotal") as total:
            amount(total, "cbc:TaxAmount", invoice.tax_in_tax_currency, invoice.tax_currency)


def _write_subtotal(total: _Element, subtotal: TaxSubtotal, currency: str) -> None:
    """BG-23."""
    with group(total, "cac:TaxSubtotal") as added:
        amount(added, "cbc:TaxableAmount", subtotal.net, currency)  # BT-116
        amount(added, "cbc:TaxAmount", subtotal.tax, currency)  # BT-117
        _write_category(
            added,
            "cac:TaxCategory",
            subtotal.category,
            exemption_code=subtotal.exemption_code,  # BT-121
            exemption_reason=subtotal.exemption_reason,  # BT-120
        )


def _write_category(
    parent: _Element,
    name: str,
    category: TaxCategory,
    *,
    exemption_code: str = "",
    exemption_reason: str = "",
) -> None:
    with group(parent, name) as added:
        leaf(added, "cbc:ID", category.code)
        number(added, "cbc:Percent", category.rate)
        leaf(added, "cbc:TaxExemptionReasonCode", exemption_code)
        leaf(added, "cbc:TaxExemptionReason", exemption_reason)
        with group(added, "cac:TaxScheme") as scheme:
            leaf(scheme, "cbc:ID", "VAT")


def _write_sums(root: _Element, invoice: EInvoice) -> None:
    """BG-22; what may be left out is, where it is zero."""
    sums, currency = invoice.sums, invoice.currency
    with group(root, "cac:LegalMonetaryTotal") as total:
        amount(total, "cbc:LineExtensionAmount", sums.lines, currency)  # BT-106
        amount(total, "cbc:TaxExclusiveAmount", sums.net, currency)  # BT-109
        amount(total, "cbc:TaxInclusiveAmount", sums.gross, currency)  # BT-112
        if any(item.kind is AdjustmentKind.ALLOWANCE for item in invoice.adjustments):
            amount(total, "cbc:AllowanceTotalAmount", sums.allowances, currency)  # BT-107
        if any(item.kind is AdjustmentKind.SURCHARGE for item in invoice.adjustments):
            amount(total, "cbc:ChargeTotalAmount", sums.charges, currency)  # BT-108
        amount(total, "cbc:PrepaidAmount", sums.prepaid or None, currency)  # BT-113
        amount(total, "cbc:PayableRoundingAmount", sums.rounding or None, currency)  # BT-114
        amount(total, "cbc:PayableAmount", sums.payable, currency)  # BT-115


def _write_line(root: _Element, line: Line, invoice: EInvoice) -> None:
    """BG-25."""
    is_credit = is_credit_note(invoice)
    with group(root, "cac:CreditNoteLine" if is_credit else "cac:InvoiceLine") as added:
        leaf(added, "cbc:ID", line.id)  # BT-126
        leaf(added, "cbc:Note", line.note)  # BT-127
        name = "cbc:CreditedQuantity" if is_credit else "cbc:InvoicedQuantity"
        number(added, name, line.quantity, unitCode=line.unit_code)  # BT-129, BT-130
        amount(added, "cbc:LineExtensionAmount", line.net, invoice.currency)  # BT-131
        span(added, "cac:InvoicePeriod", line.period)  # BG-26
        for adjustment in line.adjustments:
            _write_allowance_charge(added, adjustment, invoice.currency)
        _write_item(added, line)
        _write_price(added, line, invoice.currency)


def _write_item(parent: _Element, line: Line) -> None:
    """BG-31, BG-30, BG-32."""
    with group(parent, "cac:Item") as item:
        leaf(item, "cbc:Description", line.description)  # BT-154
        leaf(item, "cbc:Name", line.name)  # BT-153
        with group(item, "cac:SellersItemIdentification") as own:
            leaf(own, "cbc:ID", line.sku)  # BT-155
        _write_category(item, "cac:ClassifiedTaxCategory", line.category)
        for one in line.properties:
            with group(item, "cac:AdditionalItemProperty") as added:
                leaf(added, "cbc:Name", one.name)  # BT-160
                leaf(added, "cbc:Value", one.value)  # BT-161


def _write_price(parent: _Element, line: Line, currency: str) -> None:
    """BG-29."""
    with group(parent, "cac:Price") as price:
        number(price, "cbc:PriceAmount", line.price, currencyID=currency)  # BT-146
        if line.base_quantity != 1:
            number(
                price, "cbc:BaseQuantity", line.base_quantity, unitCode=line.unit_code
            )  # BT-149, BT-150
