"""What is written is read back without loss; what others write is read; what may harm is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.brands import BankAccount
from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import BaseCurrency
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.publications import FileContent, Reference
from billhook.domain.states import DocumentType, TaxRounding
from billhook.domain.totals import AdjustmentKind, TotalsOptions
from billhook.money import to_major
from billhook_einvoice_ubl import writing
from billhook_einvoice_ubl.mapping import e_invoice
from billhook_einvoice_ubl.parsing import NotReadable
from billhook_einvoice_ubl.profiles import EN_16931, PEPPOL_BIS_3
from billhook_einvoice_ubl.reading import read
from billhook_einvoice_ubl.schema import schema_errors
from billhook_einvoice_ubl.terms import (
    PaymentInstructions,
    TaxCategory,
)

from . import sales
from .sales import DAY, allowance, document, line, publish, surcharge

CURRENCIES = ("EUR", "USD", "CHF", "JPY", "KWD", "CLF")
TREATMENTS = (
    sales.STANDARD,
    sales.REDUCED,
    sales.ZERO,
    sales.EXEMPT,
    sales.REVERSE,
    sales.WITHIN,
    sales.EXPORT,
)

texts = st.text(max_size=30)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
exact = st.decimals(min_value=0, max_value=9999, places=6)
percents = st.decimals(min_value=0, max_value=50, places=2).map(str)


def adjustments(kind):
    return st.one_of(
        st.builds(kind, percents, reason=texts),
        st.builds(kind, amount=st.integers(0, 500), reason=texts),
    )


anything_off_or_on = st.lists(
    st.one_of(adjustments(allowance), adjustments(surcharge)), max_size=3
).map(tuple)
periods = st.one_of(st.none(), st.builds(Period.through, days, st.just(date(2031, 1, 1))))
parties = st.builds(
    Party,
    name=texts,
    address=st.builds(
        Address,
        country=st.sampled_from(["DE", "FR", "GR", "US"]),
        street=texts,
        extra=texts,
        postal_code=texts,
        city=texts,
        subdivision=texts,
    ),
    reference=texts,
    tax_number=st.sampled_from(["", "DE136695976", "094259216"]),
    legal_id=texts,
    legal_id_scheme=st.sampled_from(["", "0002"]),
    electronic_address=texts,
    electronic_scheme=st.just("0088"),
    contact_name=texts,
    phone=texts,
    email=texts,
)


own_fields = st.lists(
    st.builds(FieldValue, key=texts, label=texts, text=texts, is_printed=st.booleans()), max_size=2
).map(tuple)


@st.composite
def bill_lines(draw, currency):
    return line(
        str(draw(exact)),
        str(draw(exact) * draw(st.sampled_from([1, 1, 1, -1]))),
        currency=currency,
        description=draw(texts),
        supplied_on=draw(days),
        base_quantity=draw(st.sampled_from([Decimal(1), Decimal(1000), Decimal("0.5")])),
        adjustments=draw(anything_off_or_on),
        sku=draw(texts),
        unit=draw(st.sampled_from(["", "HUR", "kg", "bunch"])),
        period=draw(periods),
        section_label=draw(texts),
        fields=draw(own_fields),
    )


@st.composite
def publications(draw):
    currency = draw(st.sampled_from(CURRENCIES))
    only = draw(st.sampled_from([None, sales.OUTSIDE]))
    sold = [
        (draw(bill_lines(currency)), only or draw(st.sampled_from(TREATMENTS)))
        for _number in range(draw(st.integers(1, 5)))
    ]
    found = document(
        *sold,
        currency=currency,
        seller=draw(parties),
        buyer=draw(parties),
        adjustments=draw(anything_off_or_on),
        options=TotalsOptions(
            tax_rounding=draw(st.sampled_from(TaxRounding)),
            prices_include_tax=draw(st.booleans()),
            cash_rounding=draw(st.sampled_from([0, 5])),
        ),
        base=BaseCurrency(currency="EUR", rate=Decimal("0.8615"), rate_on=DAY, source="ecb"),
        note=draw(texts),
        purchase_order=draw(texts),
        buyer_reference=draw(texts),
        delivery_country=draw(st.sampled_from(["", "FR"])),
    )
    return publish(
        found,
        number=draw(words),
        credited=Reference(number="INV-1", issue_on=DAY)
        if found.type is DocumentType.CREDIT_NOTE
        else None,
        accounts=draw(
            st.sampled_from(
                [(), (sales.IBAN,), (sales.IBAN, BankAccount(holder="N", number="12"))]
            )
        ),
        files=draw(
            st.lists(
                st.builds(
                    FileContent,
                    name=words,
                    content_type=st.just("application/pdf"),
                    content=st.binary(min_size=1, max_size=50),
                ),
                max_size=2,
            ).map(tuple)
        ),
        terms=draw(texts),
        notes=draw(texts),
        legal_text=draw(texts),
        is_sandbox=draw(st.booleans()),
    )


@given(publications(), st.sampled_from([EN_16931, PEPPOL_BIS_3]))
def test_what_is_written_is_read_back_without_loss(found, profile):
    terms = e_invoice(found, profile)
    tree = writing.tree(terms)
    assert read(writing.content(tree)) == terms
    assert schema_errors(tree) == []


@given(publications())
def test_every_amount_in_the_file_is_the_documents(found):
    wanted, invoice = (
        found.document,
        read(writing.content(writing.tree(e_invoice(found, EN_16931)))),
    )

    def major(amount):
        return to_major(amount, wanted.currency)

    sums = invoice.sums
    assert [line.net for line in invoice.lines] == [major(line.net) for line in wanted.lines]
    assert (sums.net, sums.tax, sums.gross) == tuple(
        map(major, (wanted.net, wanted.tax, wanted.gross))
    )
    assert (sums.rounding, sums.prepaid, sums.payable) == tuple(
        map(major, (wanted.rounding, wanted.prepaid, wanted.payable))
    )
    assert sum(one.net for one in invoice.subtotals) == sums.net  # BR-S-08 and its like
    assert sum(one.tax for one in invoice.subtotals) == sums.tax  # BR-CO-14
    assert sums.net == sums.lines - sums.allowances + sums.charges  # BR-CO-13
    assert sums.payable == sums.gross - sums.prepaid + sums.rounding  # BR-CO-16


@given(publications())
def test_a_lines_figures_fit_each_other_to_two_hundredths(found):  # PEPPOL-EN16931-R120
    invoice = e_invoice(found, EN_16931)
    for one in invoice.lines:
        product = one.quantity * one.price / one.base_quantity
        signs = {AdjustmentKind.ALLOWANCE: -1, AdjustmentKind.SURCHARGE: 1}
        reckoned = product + sum(signs[item.kind] * item.amount for item in one.adjustments)
        assert abs(reckoned - one.net) <= Decimal("0.02")


FOREIGN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- written by hand, as another program would -->
<inv:Invoice xmlns:inv="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <b:UBLVersionID>2.1</b:UBLVersionID>
  <b:CustomizationID>urn:cen.eu:en16931:2017</b:CustomizationID>
  <b:ID> F/2026/7 </b:ID>
  <b:IssueDate>2026-05-04Z</b:IssueDate>
  <b:InvoiceTypeCode listID="UNCL1001">380</b:InvoiceTypeCode>
  <b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
  <a:AccountingSupplierParty><a:Party>
    <a:PartyName><b:Name>Caf\xe9 Central</b:Name></a:PartyName>
    <a:PostalAddress><b:CityName>Wien</b:CityName>
      <a:Country><b:IdentificationCode>AT</b:IdentificationCode></a:Country></a:PostalAddress>
    <a:PartyTaxScheme><b:CompanyID>12 345/6789</b:CompanyID>
      <a:TaxScheme><b:ID>FC</b:ID></a:TaxScheme></a:PartyTaxScheme>
    <a:PartyTaxScheme><b:CompanyID>ATU57194903</b:CompanyID>
      <a:TaxScheme><b:ID>vat</b:ID></a:TaxScheme></a:PartyTaxScheme>
    <a:PartyLegalEntity><b:RegistrationName>Caf\xe9 Central GmbH</b:RegistrationName>
    </a:PartyLegalEntity>
  </a:Party></a:AccountingSupplierParty>
  <a:AccountingCustomerParty><a:Party>
    <a:PostalAddress><a:Country><b:IdentificationCode>DE</b:IdentificationCode></a:Country>
    </a:PostalAddress>
    <a:PartyLegalEntity><b:RegistrationName>K\xe4ufer</b:RegistrationName></a:PartyLegalEntity>
  </a:Party></a:AccountingCustomerParty>
  <a:PaymentMeans><b:PaymentMeansCode name="card">48</b:PaymentMeansCode></a:PaymentMeans>
  <a:TaxTotal><b:TaxAmount currencyID="EUR">2.0</b:TaxAmount>
    <a:TaxSubtotal><b:TaxableAmount currencyID="EUR">10</b:TaxableAmount>
      <b:TaxAmount currencyID="EUR">2</b:TaxAmount>
      <a:TaxCategory><b:ID>S</b:ID><b:Percent>20.00</b:Percent>
        <a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:TaxCategory></a:TaxSubtotal></a:TaxTotal>
  <a:LegalMonetaryTotal>
    <b:LineExtensionAmount currencyID="EUR">10</b:LineExtensionAmount>
    <b:TaxExclusiveAmount currencyID="EUR">10</b:TaxExclusiveAmount>
    <b:TaxInclusiveAmount currencyID="EUR">12</b:TaxInclusiveAmount>
    <b:PayableAmount currencyID="EUR">12.00</b:PayableAmount>
  </a:LegalMonetaryTotal>
  <a:InvoiceLine><b:ID>A</b:ID><b:InvoicedQuantity unitCode="XBX">2</b:InvoicedQuantity>
    <b:LineExtensionAmount currencyID="EUR">10</b:LineExtensionAmount>
    <a:Item><b:Name>Kaffee</b:Name>
      <a:StandardItemIdentification><b:ID schemeID="0160">4000001000005</b:ID>
      </a:StandardItemIdentification>
      <a:ClassifiedTaxCategory><b:ID>S</b:ID><b:Percent>20</b:Percent>
        <a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:ClassifiedTaxCategory></a:Item>
    <a:Price><b:PriceAmount currencyID="EUR">5</b:PriceAmount></a:Price></a:InvoiceLine>
</inv:Invoice>
""".encode("latin-1")


def test_what_others_write_is_read():
    invoice = read(FOREIGN)
    assert (invoice.number, invoice.issue_on) == ("F/2026/7", date(2026, 5, 4))
    assert invoice.seller.name == "Café Central GmbH"
    assert (invoice.seller.vat_id, invoice.seller.tax_id) == ("ATU57194903", "12 345/6789")
    assert invoice.payment == PaymentInstructions(code="48")
    assert invoice.lines[0].category == TaxCategory("S", Decimal(20))
    assert (invoice.sums.payable, invoice.sums.tax) == (Decimal(12), Decimal(2))
    assert invoice.period is None


LOL = b'<!ENTITY a "' + b"ha" * 1000 + b'">'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "DOCTYPE"),
        (b"<?xml version='1.0'?><!DOCTYPE x [" + LOL + b"]><x>&a;</x>", "DOCTYPE"),
        ("<!DOCTYPE x><x/>".encode("utf-16"), "DOCTYPE"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<x/>', "no XML"),
        (b"", "no XML"),
        (b"%PDF-1.7", "no XML"),
        (b"<x", "no XML"),
        (b"<Invoice/>", "neither an Invoice nor a CreditNote"),
        (FOREIGN.replace(b"2026-05-04Z", b"04.05.2026"), "no date: “04.05.2026”"),
        (FOREIGN.replace(b"12.00", b"NaN"), "no number: “NaN”"),
        (FOREIGN.replace(b"12.00", b"1e400000"), "no number"),
        (FOREIGN.replace(b"PayableAmount", b"PaidAmount"), "no cbc:PayableAmount"),
        (FOREIGN.replace(b"LegalMonetaryTotal", b"Total"), "no cac:LegalMonetaryTotal"),
    ],
)
def test_what_cannot_or_must_not_be_read_is_refused(content, reason):
    with pytest.raises(NotReadable, match=reason):
        read(content)


def test_a_file_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("billhook_einvoice_ubl.parsing.LARGEST", 100)
    with pytest.raises(NotReadable, match="larger than"):
        read(FOREIGN)


def test_a_damaged_file_inside_is_refused():
    pdf = FileContent(name="a.pdf", content_type="application/pdf", content=b"%PDF")
    found = publish(document((line(), sales.STANDARD)), files=(pdf,))
    content = writing.content(writing.tree(e_invoice(found, EN_16931)))
    with pytest.raises(NotReadable, match="damaged"):
        read(content.replace(b">JVBERg==<", b">JVBER<"))
