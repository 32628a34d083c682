"""What people read: the stored figures, in the words and forms of their language and country."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billhook.domain.brands import BankAccount, Block, Column, TemplateTexts
from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import BaseCurrency
from billhook.domain.parties import Address
from billhook.domain.periods import Period
from billhook.domain.publications import Stage
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.services.presenting import present
from billhook.services.presenting.addresses import address_lines
from billhook.services.presenting.formats import Formats, locale_of
from billhook.services.samples import SAMPLES, Item, component, published, sample_document, vat

SPACE = "\xa0"
ONE = SAMPLES["one-line"]("default")


def formats(language, country, currency="EUR"):
    return Formats(locale_of(language, country), currency)


def british(party):
    return replace(party, address=replace(party.address, country="GB"))


def document(items, treatments=None, *, currency="EUR", language="en", **more):
    found = ONE.document
    return sample_document(
        items,
        treatments or [vat("GB", "20")],
        seller=british(found.seller.party),
        buyer=british(found.buyer.party),
        currency=currency,
        language=language,
        **more,
    )


def view_of(items, treatments=None, **told):
    return present(published(document(items, treatments, **told), number="1", theme="default"))


# Figures


@pytest.mark.parametrize(
    ("language", "country", "currency", "minor", "money"),
    [
        ("en", "GB", "GBP", 123456789, f"GBP{SPACE}1,234,567.89"),
        ("de", "DE", "EUR", 123456789, f"1.234.567,89{SPACE}EUR"),
        ("de", "CH", "CHF", 123456789, f"CHF{SPACE}1’234’567.89"),
        ("fr", "FR", "EUR", 123456789, f"1{SPACE}234{SPACE}567,89{SPACE}EUR"),
        ("es", "ES", "EUR", 123456789, f"1.234.567,89{SPACE}EUR"),
        ("en", "IN", "INR", 123456789, f"INR{SPACE}12,34,567.89"),
        ("ja", "JP", "JPY", 123456789, f"JPY{SPACE}123,456,789"),
        ("en", "KW", "KWD", 123456789, f"KWD{SPACE}123,456.789"),
        ("en", "CL", "CLF", 123456789, f"CLF{SPACE}12,345.6789"),
        ("en", "GB", "GBP", -5, f"GBP{SPACE}-0.05"),
        ("sv", "SE", "SEK", -123456, f"-1{SPACE}234,56{SPACE}SEK"),
        # Babel knows other digits than ISO 4217 for these: the stored ones are shown.
        ("en", "RS", "RSD", 123456, f"RSD{SPACE}1,234.56"),
        ("en", "IQ", "IQD", 123456, f"IQD{SPACE}123.456"),
        ("en", "MG", "MGA", 123456, f"MGA{SPACE}1,234.56"),
        ("en", "GB", "GBP", 2**63 - 1, f"GBP{SPACE}92,233,720,368,547,758.07"),
    ],
)
def test_amounts_have_the_currencys_own_digits(language, country, currency, minor, money):
    assert formats(language, country, currency).money(minor) == money


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("12", "12.00"),
        ("12.5", "12.50"),
        ("0.000000000001", "0.000000000001"),
        ("1234567890123456.123456789012", "1,234,567,890,123,456.123456789012"),
    ],
)
def test_unit_prices_have_up_to_twelve_decimals(price, shown):
    assert formats("en", "GB").price(Decimal(price)) == shown


@pytest.mark.parametrize(
    ("quantity", "shown"),
    [("1", "1"), ("1.50", "1,5"), ("-3", "-3"), ("0.123456789", "0,123456789")],
)
def test_quantities_lose_idle_zeros(quantity, shown):
    assert formats("de", "DE").quantity(Decimal(quantity)) == shown


@pytest.mark.parametrize(
    ("language", "percent", "shown"),
    [("en", "20", "20%"), ("de", "19", f"19{SPACE}%"), ("fr", "9.975", f"9,975{SPACE}%")],
)
def test_percent(language, percent, shown):
    assert formats(language, "XX").percent(Decimal(percent)) == shown


@pytest.mark.parametrize(
    ("language", "country", "day"),
    [
        ("en", "GB", "2 Nov 2026"),
        ("en", "US", "Nov 2, 2026"),
        ("de", "AT", "02.11.2026"),
        ("fr", "FR", "2 nov. 2026"),
        ("es", "ES", "2 nov 2026"),
        ("ja", "JP", "2026/11/02"),
    ],
)
def test_dates_are_those_of_the_language_in_the_buyers_country(language, country, day):
    assert formats(language, country).day(date(2026, 11, 2)) == day


def test_a_locale_that_nobody_has_heard_of_falls_back_to_its_language():
    assert str(locale_of("de", "JP")) == "de"
    assert str(locale_of("tlh", "KX")) == "en"


# Addresses


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (("DE", "Torstr. 1", "10119", "Berlin", ""), ("Torstr. 1", "10119 Berlin")),
        (("FR", "1 rue A", "75001", "Paris", ""), ("1 rue A", "75001 Paris")),
        (("GB", "4 High St", "BS1 6XN", "Bristol", ""), ("4 High St", "Bristol", "BS1 6XN")),
        (("US", "5 W St", "60661", "Chicago", "IL"), ("5 W St", "Chicago, IL 60661")),
        (("US", "5 W St", "", "Chicago", ""), ("5 W St", "Chicago")),
        (("CA", "1 Rue B", "H3A 3G4", "Montréal", "QC"), ("1 Rue B", "Montréal QC H3A 3G4")),
        (("AU", "1 Bay", "2000", "Sydney", "NSW"), ("1 Bay", "Sydney NSW 2000")),
        (("JP", "1-1 Chiyoda", "100-0001", "Tokyo", "13"), ("1-1 Chiyoda", "Tokyo 100-0001")),
        (("IT", "Via C", "10121", "Torino", "TO"), ("Via C", "10121 Torino TO")),
        (
            ("BR", "Rua D", "01310-100", "São Paulo", "SP"),
            ("Rua D", "São Paulo - SP", "01310-100"),
        ),
        (("AE", "Road 1", "", "Dubai", ""), ("Road 1", "Dubai")),
    ],
)
def test_addresses_follow_the_custom_of_their_country(address, lines):
    country, street, code, city, subdivision = address
    found = Address(
        country=country, street=street, postal_code=code, city=city, subdivision=subdivision
    )
    assert address_lines(found, formats("en", "GB"), is_abroad=False) == lines


def test_the_country_is_named_in_the_documents_language_and_only_across_a_border():
    credit_note = present(SAMPLES["credit-note"]("default"))
    assert credit_note.buyer.address[-1] == "France"
    assert credit_note.seller.address[-1] == "Allemagne"
    assert present(ONE).buyer.address[-1] == "20457 Hamburg"


# Words


def test_a_document_speaks_its_language():
    view = present(ONE)
    assert (view.title, view.fields[0].label) == ("Rechnung", "Rechnungsnummer")
    assert [column.label for column in view.columns] == [
        *("Pos.", "Beschreibung", "Menge", "Einzelpreis", "Steuer", "Betrag (EUR)")
    ]


@pytest.mark.parametrize(
    ("tax", "language", "name"),
    [
        *(
            ("VAT", "de", "MwSt."),
            ("VAT", "fr", "TVA"),
            ("VAT", "es", "IVA"),
            ("VAT", "en", "VAT"),
        ),
        *(("GST", "fr", "TPS"), ("QST", "fr", "TVQ"), ("JCT", "en", "Consumption tax")),
        *(("CGST", "en", "CGST"), ("IGIC", "es", "IGIC")),
    ],
)
def test_taxes_have_the_names_of_their_country_in_the_language(tax, language, name):
    treatment = TaxTreatment(components=(component(tax, "XX", "10"),), category=None)
    view = view_of([Item(text="A", price="10")], [treatment], language=language)
    assert view.taxes[0].label == name


def test_a_credit_note_says_what_it_credits_and_is_to_be_refunded():
    view = present(SAMPLES["credit-note"]("default"))
    assert view.subtitle == "Avoir sur la facture RE-2026-00031 du 18 sept. 2026"
    assert view.due.label == view.totals[-1].label == "À rembourser"
    assert "Échéance" not in [field.label for field in view.fields]
    assert view.payment.accounts == ()


def test_drafts_and_sandboxes_say_so():
    draft = replace(ONE, stage=Stage.DRAFT)
    assert present(ONE).mark == ""
    assert present(draft).mark == "ENTWURF"
    assert present(replace(draft, is_sandbox=True)).mark == "ENTWURF · TEST"


def test_english_that_stands_in_from_right_to_left_is_set_apart():
    view = present(SAMPLES["hebrew"]("default"))
    assert view.direction == "rtl"
    assert view.title == "\u2066Invoice\u2069"
    assert view.seller.fields[1].value == "\u2066+972 3 555 0199\u2069"
    assert view.sections[0].lines[0].cells[2] == f"\u206618.5{SPACE}h\u2069"


def test_dates_are_in_the_language_of_the_words():
    """English words stand in for Hebrew ones, so that Hebrew months would be lost among them."""
    assert any("Nov 2026" in field.value for field in present(SAMPLES["hebrew"]("x")).fields)


# Lines


def test_lines_stand_in_their_sections_with_a_sum_of_each():
    items = [
        Item(text="a", price="10.10", section="One"),
        Item(text="b", price="20.20", section="One"),
        Item(text="c", price="5", section="Two"),
    ]
    sections = view_of(items).sections
    assert [(one.label, len(one.lines), one.subtotal) for one in sections] == [
        ("One", 2, "30.30"),
        ("Two", 1, "5.00"),
    ]


def test_a_document_of_one_section_or_none_has_no_subtotal():
    assert view_of([Item(text="a")]).sections[0].subtotal == ""
    assert view_of([Item(text="a", section="One")]).sections[0].subtotal == ""


def test_a_line_says_its_period_its_discounts_and_why_it_costs_this():
    view = present(SAMPLES["letter"]("default"))
    seats, calls, _workshop = view.sections[0].lines
    assert seats.details == ("Oct 1 – 31, 2026", "Discount of 10%: Annual commitment")
    assert calls.cells[3] == "0.35 per 1,000"
    assert calls.details[-1] == "First 100,000 calls free, then 0.35 USD per 1,000"


def test_an_explanation_that_repeats_the_line_is_left_out():
    (line,) = (
        view_of([Item(text="a", price="12.5", explanation="12.5 EUR per unit")]).sections[0].lines
    )
    assert line.details == ()


@pytest.mark.parametrize(
    ("quantity", "unit", "shown"),
    [
        ("1", "DAY", f"1{SPACE}day"),
        ("2.5", "DAY", f"2.5{SPACE}days"),
        ("3", "HUR", f"3{SPACE}h"),
        ("3", "C62", "3"),
        ("3", "ZZZ", f"3{SPACE}ZZZ"),
    ],
)
def test_units_stand_in_words_beside_the_quantity(quantity, unit, shown):
    (line,) = view_of([Item(text="a", quantity=quantity, unit=unit)]).sections[0].lines
    assert line.cells[2] == shown


def test_columns_are_those_of_the_template():
    publication = published(
        document([Item(text="a", sku="S1", unit="DAY")]), number="1", theme="x"
    )
    columns = (Column.SKU, Column.DESCRIPTION, Column.DATE, Column.UNIT, Column.NET)
    view = present(replace(publication, template=replace(publication.template, columns=columns)))
    assert view.sections[0].lines[0].cells == ("S1", "a", "31 Oct 2026", "day", "1.00")


# Sums


def test_sums_are_the_stored_figures():
    view = present(SAMPLES["thirty-lines"]("default"))
    found = SAMPLES["thirty-lines"]("default").document
    assert (found.net, found.tax, found.gross, found.payable) == (
        2696195,
        474739,
        3170934,
        2920934,
    )
    assert [(one.label, one.amount) for one in view.totals] == [
        ("Net amount", "26,961.95"),
        ("VAT 20%", "4,532.39"),
        ("VAT 5%", "215.00"),
        ("Total amount", "31,709.34"),
        ("Already paid", "-2,500.00"),
        ("Amount due", f"GBP{SPACE}29,209.34"),
    ]
    assert [(one.label, one.amount) for one in view.adjustments] == [
        (f"Discount of GBP{SPACE}150.00: Loyalty", "-150.00")
    ]


def test_the_total_stands_apart_only_where_less_or_more_is_to_be_paid():
    labels = [one.label for one in view_of([Item(text="a")]).totals]
    assert labels == ["Net amount", "VAT 20%", "Amount due"]


def test_each_component_of_a_tax_has_its_row():
    view = present(SAMPLES["quebec"]("default"))
    assert [(one.label, one.rate, one.tax) for one in view.taxes] == [
        ("TPS", f"5{SPACE}%", "27,74"),
        ("TVQ", f"9,975{SPACE}%", "55,34"),
    ]


def test_a_tax_that_is_not_charged_says_why():
    note = present(SAMPLES["credit-note"]("default")).taxes[0].note
    assert note.startswith("Autoliquidation")
    silent = TaxTreatment(components=(component("VAT", "DE", "0"),), category="AE")
    assert "Reverse charge" in view_of([Item(text="a")], [silent]).taxes[0].note


def test_a_group_without_any_tax_has_its_row_and_its_reason():
    exempt = TaxTreatment(components=(), category="E", note="Article 132")
    (row,) = view_of([Item(text="a", price="100")], [exempt]).taxes
    assert (row.label, row.net, row.tax, row.note) == ("No tax", "100.00", "0.00", "Article 132")


def test_prices_that_include_tax_are_said_to():
    found = replace(document([Item(text="a")]), prices_include_tax=True)
    view = present(published(found, number="1", theme="x"))
    assert view.information == ("Unit prices include tax; the amounts of the lines do not.",)
    assert view_of([Item(text="a")]).information == ()


def test_a_compound_tax_says_what_it_is_computed_on():
    compound = TaxTreatment(
        components=(
            component("GST", "CA", "5"),
            component("QST", "CA", "10", ComponentKind.COMPOUND),
        ),
        category=None,
    )
    view = view_of([Item(text="a", price="100")], [compound])
    assert [(one.tax, one.note) for one in view.taxes] == [
        ("5.00", ""),
        ("10.50", "On the net amount and the taxes above."),
    ]


def test_the_tax_in_the_sellers_currency_is_the_ledgers():
    view = present(SAMPLES["foreign-currency"]("default"))
    assert view.information[0] == (
        f"Impuesto en EUR: 2.683.360,92{SPACE}EUR (1 USD = 0,8625 EUR, ECB, 30 oct 2026)."
    )


def test_what_is_withheld_is_said_and_changes_no_sum():
    publication = SAMPLES["foreign-currency"]("default")
    view = present(publication)
    assert f"2.222.245,07{SPACE}USD" in view.information[1]
    assert [one.label for one in view.taxes] == ["IVA"]
    assert publication.document.payable == publication.document.gross


def test_rounding_to_coins_has_its_row():
    found = replace(document([Item(text="a", price="10.01")]), rounding=-1, payable=1200)
    view = present(published(found, number="1", theme="x"))
    assert ("Rounding", "-0.01") in [(one.label, one.amount) for one in view.totals]


# Paying


def test_accounts_are_those_of_the_currency_in_groups_of_four():
    accounts = (
        BankAccount(holder="Any", iban="FR1420041010050500013M02606"),
        BankAccount(holder="Dollars", number="123", currency="USD"),
        BankAccount(holder="Euro", iban="DE89370400440532013000", currency="EUR"),
    )
    view = present(replace(ONE, brand=replace(ONE.brand, bank_accounts=accounts)))
    shown = [[field.value for field in one.fields] for one in view.payment.accounts]
    assert shown == [
        ["Euro", "DE89 3704 0044 0532 0130 00"],
        ["Any", "FR14 2004 1010 0505 0001 3M02 606"],
    ]


def test_nothing_to_pay_is_said():
    found = replace(document([Item(text="a")], prepaid=120), payable=0)
    view = present(published(found, number="1", theme="x"))
    assert view.payment.terms == ("There is nothing to pay.",)


def test_an_invoice_that_is_due_at_once_says_so():
    found = replace(document([Item(text="a")]), due_on=date(2026, 11, 2))
    view = present(published(found, number="1", theme="x"))
    assert view.payment.terms[0] == f"Please pay EUR{SPACE}1.20 on receipt, without deduction."


# Texts of the template


def test_placeholders_are_filled_and_nothing_else_is():
    texts = TemplateTexts(
        title="Rechnung {number}",
        intro="Für {customer}, {total} bis {due_on}.\n\n{unknown} {{ 7 * 7 }} {number.__class__}",
    )
    template = replace(ONE.template, texts=(("de", texts),))
    view = present(replace(ONE, template=template))
    assert view.title == "Rechnung RE-2026-00042"
    assert view.intro == (
        f"Für Elbe Logistik AG, 5.712,00{SPACE}EUR bis 16.11.2026.",
        "{unknown} {{ 7 * 7 }} {number.__class__}",
    )


def test_what_a_placeholder_brings_is_not_read_again():
    party = replace(ONE.document.buyer.party, name="{total}")
    buyer = replace(ONE.document.buyer, party=party)
    template = replace(ONE.template, texts=(("de", TemplateTexts(intro="{customer}")),))
    found = replace(ONE, document=replace(ONE.document, buyer=buyer), template=template)
    assert present(found).intro == ("{total}",)


def test_the_period_of_supply_spans_all_lines():
    items = [
        Item(text="a", period=Period.through(date(2026, 9, 1), date(2026, 9, 30))),
        Item(text="b"),
    ]
    values = {field.label: field.value for field in view_of(items).fields}
    assert values["Period of supply"] == "1 Sept – 31 Oct 2026"


def test_the_base_of_another_currency_is_silent_without_tax():
    base = BaseCurrency(
        currency="CHF", rate=Decimal("0.9"), rate_on=date(2026, 11, 2), source="ECB"
    )
    none = TaxTreatment(components=(component("VAT", "DE", "0"),), category="G")
    assert view_of([Item(text="a")], [none], base=base).information == ()


# Own fields, terms, parts


def _with_own(language: str = "en"):
    found = document([Item(text="Work", price="10")], language=language)
    site = FieldValue(key="site", label="Site", text="Kiel")
    margin = FieldValue(key="margin", label="Margin", text="40", is_printed=False)
    buyer = replace(
        found.buyer.party, fields=(FieldValue(key="unit", label="Unit", text="North"), margin)
    )
    return replace(
        found,
        buyer=replace(found.buyer, party=buyer),
        lines=tuple(replace(one, fields=(site, margin)) for one in found.lines),
        fields=(
            FieldValue(key="arrival", label="Arrival", text="2026-11-30"),
            FieldValue(key="express", label="Express", text="yes"),
            margin,
        ),
        terms="2 % within 8 days,\nnet after that",
        reference="INV-2026-0012-A",
    )


def test_own_fields_that_are_printed_stand_with_what_they_belong_to():
    view = present(published(_with_own("de"), number="1", theme="default"))
    facts = {one.label: one.value for one in view.fields}
    assert (facts["Arrival"], facts["Express"]) == ("30.11.2026", "Ja")
    assert facts["Teil"] == "INV-2026-0012-A"
    assert ("Unit", "North") in [(one.label, one.value) for one in view.buyer.fields]
    assert view.sections[0].lines[0].details == ("Site: Kiel",)
    assert "Margin" not in repr(view)


def test_terms_of_the_document_take_the_place_of_the_usual_words():
    found = published(_with_own(), number="1", theme="default")
    terms = present(found).payment.terms
    assert terms[:2] == ("2 % within 8 days,", "net after that")
    assert not any("without deduction" in one for one in terms)
    without = replace(found, template=replace(found.template, blocks=(Block.LINES,)))
    assert "2 % within 8 days,\nnet after that" in present(without).information
