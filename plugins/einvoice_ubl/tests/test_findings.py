"""What the standard cannot express is said, never left out silently."""

from dataclasses import replace
from decimal import Decimal

from billhook.domain.publications import FileContent
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.problems import Severity

from .sales import (
    BUYER,
    EXEMPT,
    OUTSIDE,
    SELLER,
    STANDARD,
    ZERO,
    document,
    line,
    publication,
    publish,
    treatment,
)


def test_taxes_without_a_category_are_outside_the_standard(en16931, codes):
    tax = TaxComponent(tax="GST", country="AU", rate=Decimal(10))
    written = en16931(publication((line(), TaxTreatment(components=(tax,), category=None))))
    assert codes(written) == ["taxes_outside"]
    assert "GST" in written.verdict.findings[0].message
    assert written.verdict.rules == ""  # nothing is claimed to have been checked


def test_several_taxes_on_a_line_and_withholding_are_outside_the_standard(en16931, codes):
    vat = TaxComponent(tax="VAT", country="ES", rate=Decimal(21))
    kept = TaxComponent(tax="IRPF", country="ES", rate=Decimal(15), kind=ComponentKind.WITHHOLDING)
    both = TaxTreatment(components=(vat, kept), category="S")
    assert codes(en16931(publication((line(), both)))) == ["taxes_outside"]


def test_a_third_decimal_is_refused_and_a_zero_there_is_not(en16931, codes):
    dinars = publication((line("1.234", currency="KWD"), ZERO), currency="KWD")
    assert codes(en16931(dinars)) == ["decimals_exceeded"]
    whole = publication((line("1.23", currency="KWD"), ZERO), currency="KWD")
    assert codes(en16931(whole)) == []
    assert b'currencyID="KWD">1.23<' in en16931(whole).content


def test_a_file_of_another_type_is_named(en16931):
    word = FileContent(name="hours.docx", content_type="application/msword", content=b"PK")
    (found,) = en16931(publish(document((line(), STANDARD)), files=(word,))).verdict.findings
    assert (found.code, found.path) == ("einvoice_ubl.attachment_left_out", "BG-24")
    assert found.severity is Severity.WARNING
    assert "hours.docx" in found.message


def test_an_unknown_unit_is_named_once(en16931):
    sold = [(line(unit="bunch"), STANDARD)] * 3
    (found,) = en16931(publication(*sold)).verdict.findings
    assert (found.code, found.severity) == ("einvoice_ubl.unit_unknown", Severity.WARNING)
    assert "“bunch”" in found.message


def test_two_codes_for_one_category_are_named(en16931, codes):
    other = treatment("E", note="Teaching.", code="VATEX-EU-132-1I")
    written = en16931(publication((line(), EXEMPT), (line(), other)))
    assert codes(written) == ["exemption_codes_joined"]


def test_a_buyers_number_that_has_no_place_is_named(en16931, codes):
    assert codes(en16931(publication((line(), OUTSIDE)))) == ["buyer_number_left_out"]
    assert codes(en16931(publication((line(), OUTSIDE), buyer=replace(BUYER, legal_id="")))) == []


def test_findings_speak_of_what_was_checked_besides(en16931, codes):
    nobody = replace(SELLER, tax_number="", legal_id="")
    written = en16931(publication((line(unit="bunch"), STANDARD), seller=nobody))
    assert codes(written) == ["unit_unknown", "br_s_02", "br_co_26"]
