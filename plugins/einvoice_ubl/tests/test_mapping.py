"""What an e-invoice says of a document, term by term."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billhook.domain.brands import BankAccount
from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import BaseCurrency
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.placeholders import PLACEHOLDERS
from billhook.domain.publications import FileContent
from billhook.domain.totals import AdjustmentKind, TotalsOptions
from billhook_einvoice_ubl.mapping import e_invoice
from billhook_einvoice_ubl.parties import vat_id
from billhook_einvoice_ubl.profiles import EN_16931, PEPPOL_BIS_3
from billhook_einvoice_ubl.terms import (
    CreditAccount,
    Identifier,
    ItemProperty,
    Preceding,
    Span,
    TaxCategory,
)

from .sales import (
    BUYER,
    DAY,
    EXEMPT,
    IBAN,
    OUTSIDE,
    REDUCED,
    SELLER,
    STANDARD,
    WITHIN,
    allowance,
    credit_note,
    document,
    line,
    publication,
    publish,
    surcharge,
    treatment,
)


def said(found):
    return e_invoice(found, EN_16931)


def test_head_and_references():
    invoice = said(publication())
    assert (invoice.type_code, invoice.number) == ("380", "INV-2026-00001")
    assert (invoice.issue_on, invoice.due_on) == (DAY, date(2026, 12, 4))
    assert (invoice.buyer_reference, invoice.order_number) == ("04011000-12345-03", "PO-17")
    assert invoice.payment_terms == "Payable within 14 days."


def test_peppol_names_its_process():
    invoice = e_invoice(publication(), PEPPOL_BIS_3)
    assert invoice.process == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
    assert invoice.specification.endswith("poacc:billing:3.0")


def test_a_credit_note_names_its_invoice_and_has_positive_amounts():
    note = said(credit_note((line("30", "2"), STANDARD)))
    assert note.type_code == "381"
    assert note.preceding == (Preceding("INV-2026-00001", DAY),)
    assert (note.lines[0].quantity, note.sums.payable) == (Decimal(2), Decimal("71.40"))
    assert note.payment.accounts == ()


def test_parties_have_their_own_ids():
    invoice = said(publication())
    assert invoice.seller.endpoint == Identifier("4000001000005", "0088")
    assert invoice.seller.vat_id == "DE136695976"
    assert invoice.seller.legal_id == Identifier("HRB 12345")
    assert invoice.seller.legal_information == "Managing director: Ada Ledger"
    assert invoice.buyer.identifier == Identifier("lyon")
    assert invoice.buyer.legal_id == Identifier("303265045", "0002")


@pytest.mark.parametrize(
    ("country", "number", "expected"),
    [
        ("DE", "DE136695976", "DE136695976"),
        ("GR", "EL094259216", "EL094259216"),
        ("GR", "094259216", "EL094259216"),
        ("LI", "CHE107787577MWST", "CHE107787577MWST"),
        ("AU", "83914571673", "AU83914571673"),  # numbers without a country get theirs
        ("IN", "27AAPFU0939F1ZV", "IN27AAPFU0939F1ZV"),
        ("US", "FR40303265045", "FR40303265045"),  # registered in France
        ("US", "", ""),
    ],
)
def test_a_vat_id_begins_with_its_country(country, number, expected):
    party = Party(name="P", address=Address(country=country), tax_number=number)
    assert vat_id(party) == expected


def test_outside_the_scope_no_vat_id_stands_and_none_is_lost():
    bare = replace(SELLER, legal_id="")
    invoice = said(publication((line(), OUTSIDE), seller=bare, buyer=replace(BUYER, legal_id="")))
    assert (invoice.seller.vat_id, invoice.buyer.vat_id) == ("", "")
    assert invoice.seller.tax_id == "DE136695976"
    assert invoice.seller.identifier == Identifier("DE136695976")
    assert invoice.buyer.legal_id == Identifier("FR40303265045")
    assert invoice.lines[0].category == TaxCategory("O", None)


def test_one_day_of_supply_is_the_delivery_and_several_are_a_period():
    once = said(publication())
    assert (once.delivered_on, once.period) == (DAY, None)
    october = Period.through(date(2026, 10, 1), date(2026, 10, 31))
    often = said(publication((line(period=october), STANDARD), (line(), STANDARD)))
    assert often.delivered_on is None
    assert often.period == Span(date(2026, 10, 1), DAY)
    assert often.lines[0].period == Span(date(2026, 10, 1), date(2026, 10, 31))


def test_a_supply_within_the_union_went_to_the_buyer_unless_it_says_where():
    assert said(publication((line(), WITHIN))).delivery_country == "FR"
    assert said(publication((line(), WITHIN), delivery_country="BE")).delivery_country == "BE"
    assert said(publication()).delivery_country == ""


def test_texts_of_the_template_are_filled_in():
    found = document((line(), STANDARD), note="Thank you.")
    published = publish(
        found, terms="{total} until {due_on}; quote {number}.", notes="For {customer}."
    )
    invoice = said(published)
    assert invoice.payment_terms == "119.00 EUR until 2026-12-04; quote INV-2026-00001."
    assert invoice.note == "Thank you.\nFor Atelier Lumière SARL."
    assert (
        said(replace(published, template=replace(published.template, blocks=()))).note
        == "Thank you."
    )


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_every_placeholder_is_known(name):
    found = publish(document((line(), STANDARD)), terms=f"<{{{name}}}>")
    assert f"{{{name}}}" not in said(found).payment_terms


def test_what_is_exempt_for_two_reasons_has_one_subtotal_that_names_both():
    other = treatment("E", note="Teaching, § 4 Nr. 21 UStG.", code="VATEX-EU-132-1I")
    invoice = said(publication((line("10"), EXEMPT), (line("5"), other)))
    (subtotal,) = invoice.subtotals
    assert (subtotal.net, subtotal.exemption_code) == (Decimal(15), "")
    assert subtotal.exemption_reason == "Insurance, § 4 Nr. 10 UStG. Teaching, § 4 Nr. 21 UStG."


def test_one_rate_of_two_countries_has_one_subtotal():
    elsewhere = treatment("S", "19", note="Tax of Cyprus.")
    invoice = said(publication((line("10"), STANDARD), (line("5"), elsewhere)))
    (subtotal,) = invoice.subtotals
    assert (subtotal.net, subtotal.tax) == (Decimal(15), Decimal("2.85"))
    assert subtotal.exemption_reason == ""
    assert invoice.note == "Tax of Cyprus."


def test_tax_stands_in_the_sellers_currency_too():
    base = BaseCurrency(currency="EUR", rate=Decimal("0.8615"), rate_on=DAY, source="ecb")
    sold = (line("100", currency="USD"), STANDARD)
    invoice = said(publication(sold, currency="USD", base=base))
    assert (invoice.tax_currency, invoice.tax_in_tax_currency) == ("EUR", Decimal("16.37"))
    free = said(publication((line(currency="USD"), EXEMPT), currency="USD", base=base))
    assert (free.tax_currency, free.tax_in_tax_currency) == ("", None)


def test_discounts_say_percent_base_and_amount():
    sold = line("9.99", "3", adjustments=(allowance("2.5"), surcharge(amount=35)))
    invoice = said(publication((sold, STANDARD)))
    less, more = invoice.lines[0].adjustments
    assert (less.kind, less.amount) == (AdjustmentKind.ALLOWANCE, Decimal("0.75"))
    assert (less.percent, less.base, less.reason) == (Decimal("2.5"), Decimal("29.97"), "Loyalty")
    assert (more.kind, more.amount, more.percent) == (
        AdjustmentKind.SURCHARGE,
        Decimal("0.35"),
        None,
    )


def test_discounts_of_all_stand_once_per_rate():
    sold = [(line("80"), STANDARD), (line("20"), REDUCED)]
    invoice = said(publication(*sold, adjustments=(allowance("10"),)))
    assert [(one.amount, one.base, one.category.rate) for one in invoice.adjustments] == [
        (Decimal(8), Decimal(80), Decimal(19)),
        (Decimal(2), Decimal(20), Decimal(7)),
    ]
    assert (invoice.sums.lines, invoice.sums.allowances) == (Decimal(100), Decimal(10))


def test_a_discount_without_a_reason_gets_the_code_for_one():
    sold = line("10", adjustments=(allowance("5", reason=""),))
    (less,) = said(publication((sold, STANDARD))).lines[0].adjustments
    assert (less.reason, less.reason_code) == ("", "95")


def test_what_a_line_of_yen_was_rounded_by_is_said():
    found = said(publication((line("0.5", "3", currency="JPY"), STANDARD), currency="JPY")).lines[
        0
    ]
    (rounding,) = found.adjustments
    assert (found.net, found.price) == (Decimal(2), Decimal("0.5"))  # 1.5 rounded
    assert (rounding.kind, rounding.amount) == (AdjustmentKind.SURCHARGE, Decimal("0.50"))
    assert rounding.reason == "Rounding"


def test_prices_with_tax_become_prices_without():
    options = TotalsOptions(prices_include_tax=True)
    found = said(publication((line("10", "3"), STANDARD), options=options)).lines[0]
    assert found.net == Decimal("25.21")  # 30 ÷ 1.19
    assert found.price == Decimal("8.403333333333")


def test_a_negative_quantity_stays_and_a_price_is_never_negative():
    found = said(publication((line("100"), STANDARD), (line("30", "-1"), STANDARD))).lines[1]
    assert (found.quantity, found.price, found.net) == (Decimal(-1), Decimal(30), Decimal(-30))
    turned = document((line("100"), STANDARD), (line("-30"), STANDARD))
    found = said(publish(turned)).lines[1]
    assert (found.quantity, found.price, found.net) == (Decimal(-1), Decimal(30), Decimal(-30))


def test_the_first_line_of_a_description_names_the_item():
    found = said(publication((line(description="Plan\n24 seats"), STANDARD))).lines[0]
    assert (found.name, found.description) == ("Plan", "24 seats")


def test_units_become_codes_and_unknown_ones_a_note():
    sold = [line(unit="Stunden"), line(unit="kg"), line(), line(unit="bunch", section_label="A")]
    found = said(publication(*((one, STANDARD) for one in sold))).lines
    assert [one.unit_code for one in found] == ["HUR", "KGM", "C62", "C62"]
    assert [one.note for one in found] == ["", "", "", "A\nUnit: bunch"]


@pytest.mark.parametrize(
    ("currency", "accounts", "expected"),
    [
        (
            "EUR",
            (IBAN,),
            ("58", [CreditAccount("DE02120300000000202051", "Nimbus Cloud GmbH", "BYLADEM1001")]),
        ),
        ("USD", (replace(IBAN, currency="EUR"),), None),
        (
            "USD",
            (BankAccount(holder="N", number="123", bic="BOFAUS3N"),),
            ("30", [CreditAccount("123", "N", "BOFAUS3N")]),
        ),
    ],
)
def test_only_accounts_that_take_the_currency_are_named(currency, accounts, expected):
    found = document((line(currency=currency), STANDARD), currency=currency)
    payment = said(publish(found, accounts=accounts)).payment
    if expected is None:
        assert payment is None
    else:
        assert (payment.code, list(payment.accounts)) == expected
        assert payment.reference == "INV-2026-00001"


def test_files_of_the_allowed_types_are_embedded():
    pdf = FileContent(name="a.pdf", content_type="application/pdf", content=b"%PDF")
    word = FileContent(name="a.doc", content_type="application/msword", content=b"doc")
    found = said(publish(document((line(), STANDARD)), files=(pdf, word)))
    assert [(one.name, one.content) for one in found.supporting] == [("a.pdf", b"%PDF")]


def test_characters_that_xml_forbids_are_marked():
    found = said(publication((line(description="a\x0bb\ud800c"), STANDARD))).lines[0]
    assert found.name == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("language", "note", "unit"),
    [
        ("en", "Sandbox: this is no invoice.", "Unit: bunch"),
        ("de-CH", "Sandbox: Dies ist keine Rechnung.", "Einheit: bunch"),
        ("fr", "Bac à sable : ceci n’est pas une facture.", "Unité : bunch"),
        ("es", "Entorno de pruebas: esto no es una factura.", "Unidad: bunch"),
    ],
)
def test_what_we_add_is_in_the_documents_language(language, note, unit):
    found = document((line(unit="bunch"), STANDARD), note="Thank you.", language=language)
    invoice = said(publish(found, is_sandbox=True))
    assert invoice.note == f"{note}\nThank you."
    assert invoice.lines[0].note == unit


def test_own_fields_and_terms_of_the_document_are_in_the_file():
    printed = FieldValue(key="site", label="Site", text="Kiel")
    kept = FieldValue(key="margin", label="Margin", text="40", is_printed=False)
    invoice = said(
        publish(
            document(
                (line(fields=(printed, kept)), STANDARD),
                buyer=replace(BUYER, fields=(FieldValue(key="unit", label="Unit", text="North"),)),
                fields=(FieldValue(key="project", label="Project", text="Mole"), kept),
                terms="2 % within 8 days",
                reference="INV-2026-00012-A",
            )
        )
    )
    assert invoice.lines[0].properties == (ItemProperty(name="Site", value="Kiel"),)
    assert invoice.payment_terms.splitlines() == ["2 % within 8 days", "Payable within 14 days."]
    assert {"Project: Mole", "Unit: North", "Part: INV-2026-00012-A"} <= set(
        invoice.note.splitlines()
    )
    assert "Margin" not in invoice.note
