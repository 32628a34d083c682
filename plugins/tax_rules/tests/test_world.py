"""Worked cases outside Europe: which taxes stand on a line, and why there are none."""

import pytest

from billhook.domain.tax import ComponentKind
from billhook.money import plain
from billhook.problems import Problem
from billhook_tax_rules.rules import treat
from billhook_tax_rules.settings import TaxRulesSettings

QC_ALL = ("CA", "CA-QC")
WEST = ("CA", "CA-BC", "CA-MB", "CA-SK")

# Excise Tax Act, section 165; rates by Canada Revenue Agency and the provinces
#    seller   registrations  buyer    supply                day           category    taxes
CANADA = [
    ("CA-ON", ("CA",), "CA-ON", "service", "2026-11-20", "standard", "HST 13"),
    ("CA-ON", ("CA",), "CA-AB", "service", "2026-11-20", "standard", "GST 5"),
    ("CA-ON", ("CA",), "CA-YT", "goods", "2026-11-20", "standard", "GST 5"),
    ("CA-ON", ("CA",), "CA-NS", "goods", "2025-03-31", "standard", "HST 15"),
    ("CA-ON", ("CA",), "CA-NS", "goods", "2025-04-01", "standard", "HST 14"),
    ("CA-QC", QC_ALL, "CA-QC", "goods", "2026-11-20", "standard", "GST 5 + QST 9.975"),
    ("CA-QC", QC_ALL, "CA-QC", "goods", "2012-12-31", "standard", "GST 5 + QST 9.5 compound"),
    ("CA-QC", QC_ALL, "CA-QC", "goods", "2008-01-01", "standard", "GST 5 + QST 7.5 compound"),
    ("CA-QC", QC_ALL, "CA-ON", "goods", "2026-11-20", "standard", "HST 13"),
    ("CA-QC", ("CA-QC",), "CA-QC", "goods", "2026-11-20", "standard", "QST 9.975"),
    ("CA-ON", ("CA",), "CA-QC", "goods", "2026-11-20", "standard", "GST 5"),  # no QST registration
    ("CA-ON", ("CA",), "CA-BC", "goods", "2026-11-20", "standard", "GST 5"),
    ("CA-BC", WEST, "CA-BC", "goods", "2026-11-20", "standard", "GST 5 + PST 7"),
    ("CA-BC", WEST, "CA-BC", "goods", "2010-07-01", "standard", "HST 12"),
    ("CA-BC", WEST, "CA-MB", "goods", "2019-06-30", "standard", "GST 5 + RST 8"),
    ("CA-BC", WEST, "CA-MB", "goods", "2019-07-01", "standard", "GST 5 + RST 7"),
    ("CA-BC", WEST, "CA-SK", "goods", "2026-11-20", "standard", "GST 5 + PST 6"),
    ("CA-BC", ("CA", "CA-BC"), "CA-SK", "goods", "2026-11-20", "standard", "GST 5"),
    ("CA-PE", ("CA", "CA-PE pst"), "CA-PE", "goods", "2013-03-31", "standard",
     "GST 5 + PST 10 compound"),
    ("CA-PE", ("CA", "CA-PE pst"), "CA-PE", "goods", "2013-04-01", "standard", "HST 14"),
    ("CA-BC", WEST, "CA-BC", "goods", "2026-11-20", "zero", "GST 0"),  # basic groceries
    ("CA-QC", QC_ALL, "CA-QC", "goods", "2026-11-20", "zero", "GST 0"),
    ("CA-QC", QC_ALL, "CA-QC", "service", "2026-11-20", "exempt", "GST/HST 0, Exempt"),
    # abroad: Schedule VI, Part V
    ("CA-QC", QC_ALL, "US-NY", "goods", "2026-11-20", "standard", "GST/HST 0, Export"),
    ("CA-QC", QC_ALL, "FR", "service", "2026-11-20", "standard", "GST/HST 0, Export"),
    # from abroad, registered there (digital economy since July 2021) or not
    ("US-WA", ("CA",), "CA-ON", "electronic_service", "2026-11-20", "standard", "HST 13"),
    ("DE", ("CA", "CA-QC"), "CA-QC", "service", "2026-11-20", "standard", "GST 5 + QST 9.975"),
    ("US-WA", (), "CA-ON", "electronic_service", "2026-11-20", "standard", "Sales tax 0, Export"),
    ("CA-ON", (), "CA-ON", "service", "2026-11-20", "standard", "GST/HST 0, not registered"),
]  # fmt: skip

# Integrated Goods and Services Tax Act 2017; notifications of 2017 and 2025
HOME = ("IN-MH",)
INDIA = [
    ("IN-MH", HOME, "IN-MH", "service", "2026-11-20", "standard", "CGST 9 + SGST 9"),
    ("IN-MH", HOME, "IN-KA", "service", "2026-11-20", "standard", "IGST 18"),
    ("IN-MH", HOME, "IN-MH", "goods", "2026-11-20", "reduced", "CGST 2.5 + SGST 2.5"),
    ("IN-MH", HOME, "IN-KA", "goods", "2025-09-21", "second_reduced", "IGST 12"),
    ("IN-MH", HOME, "IN-MH", "goods", "2025-09-21", "higher", "CGST 14 + SGST 14"),
    ("IN-MH", HOME, "IN-MH", "goods", "2025-09-22", "higher", "CGST 20 + SGST 20"),
    ("IN-MH", HOME, "IN-MH", "goods", "2026-11-20", "super_reduced", "CGST 1.5 + SGST 1.5"),
    ("IN-MH", HOME, "IN-MH", "goods", "2026-11-20", "zero", "CGST 0 + SGST 0"),
    ("IN-CH", ("IN-CH",), "IN-CH", "goods", "2026-11-20", "standard", "CGST 9 + UTGST 9"),
    ("IN-DL", ("IN-DL",), "IN-DL", "goods", "2026-11-20", "standard", "CGST 9 + SGST 9"),
    ("IN-OR", ("IN-OD",), "IN-OD", "goods", "2026-11-20", "standard", "CGST 9 + SGST 9"),  # renamed
    ("IN-OD", ("IN-OR",), "IN-OD", "goods", "2026-11-20", "standard", "CGST 9 + SGST 9"),
    ("IN", HOME, "IN-MH", "goods", "2026-11-20", "standard", "CGST 9 + SGST 9"),
    ("IN-MH", ("IN",), "IN-MH", "goods", "2026-11-20", "standard", "CGST 9 + SGST 9"),
    ("IN-MH", ("IN-KA",), "IN-MH", "goods", "2026-11-20", "standard", "IGST 0, not registered"),
    ("IN-MH", HOME, "IN-MH", "service", "2026-11-20", "exempt", "IGST 0, Exempt"),
    ("IN-MH", HOME, "US-NY", "service", "2026-11-20", "standard", "IGST 0, Export"),  # section 16
    ("IN-MH", HOME, "NP", "goods", "2026-11-20", "standard", "IGST 0, Export"),
    ("IN-MH", (), "IN-MH", "service", "2026-11-20", "standard", "IGST 0, not registered"),
    # online services from abroad (section 14); nothing else
    ("SG", ("IN",), "IN-KA", "electronic_service", "2026-11-20", "standard", "IGST 18"),
    ("AU", ("AU", "IN"), "IN-KA", "service", "2026-11-20", "standard", "GST 0, Export"),
]  # fmt: skip

# South Dakota v. Wayfair (2018): nexus is where the seller is registered
NEXUS = ("US-CA", "US-NY", "US-TX")
UNITED_STATES = [
    ("US-CA", NEXUS, "US-CA", "goods", "2026-11-20", "standard", "Sales tax 7.25"),
    ("US-CA", NEXUS, "US-NY", "goods", "2026-11-20", "standard", "Sales tax 4"),
    ("US-CA", NEXUS, "US-TX", "electronic_service", "2026-11-20", "standard", "Sales tax 6.25"),
    ("US-CA", NEXUS, "US-WA", "goods", "2026-11-20", "standard", "Sales tax 0, no nexus"),
    ("US-CA", NEXUS, "US-OR", "goods", "2026-11-20", "standard", "Sales tax 0, no nexus"),
    ("US-CA", (), "US-CA", "goods", "2026-11-20", "standard", "Sales tax 0, no nexus"),
    ("US-CA", (), "US", "goods", "2026-11-20", "standard", "Sales tax 0, no nexus"),
    ("US-CA", NEXUS, "US-NY", "goods", "2026-11-20", "exempt", "Sales tax 0, Exempt"),
    ("US-CA", ("US-LA",), "US-LA", "goods", "2024-12-31", "standard", "Sales tax 4.45"),
    ("US-CA", ("US-LA",), "US-LA", "goods", "2025-01-01", "standard", "Sales tax 5"),
    ("US-CA", NEXUS, "GB", "goods", "2026-11-20", "standard", "Sales tax 0, Export"),
    ("US-CA", NEXUS, "PR", "goods", "2026-11-20", "standard", "Sales tax 0, Export"),
    ("US-CA", (), "DE", "service", "2026-11-20", "standard", "Sales tax 0, Export"),
    # a seller abroad with nexus
    ("CA-ON", ("CA", "US-NY"), "US-NY", "goods", "2026-11-20", "standard", "Sales tax 4"),
    ("CA-ON", ("CA", "US-NY"), "US-TX", "goods", "2026-11-20", "standard", "GST/HST 0, Export"),
]  # fmt: skip

# Acts as named in data/sources.csv
ELSEWHERE = [
    ("AU", ("AU",), "AU", "service", "2026-11-20", "standard", "GST 10"),
    ("AU", ("AU",), "AU", "goods", "2026-11-20", "zero", "GST 0"),  # GST-free
    ("AU", ("AU",), "AU", "service", "2026-11-20", "exempt", "GST 0, Exempt"),  # input taxed
    ("AU", ("AU",), "NZ", "service", "2026-11-20", "standard", "GST 0, Export"),
    ("AU", (), "AU", "service", "2026-11-20", "standard", "GST 0, not registered"),
    ("AU", (), "NZ", "service", "2026-11-20", "standard", "GST 0, not registered"),
    ("DE", ("DE", "AU"), "AU", "service", "2026-11-20", "standard", "GST 10"),  # since July 2017
    ("NZ", ("NZ",), "NZ", "goods", "2010-09-30", "standard", "GST 12.5"),
    ("NZ", ("NZ",), "NZ", "goods", "2026-11-20", "standard", "GST 15"),
    ("NZ", ("NZ",), "AU", "goods", "2026-11-20", "standard", "GST 0, Export"),
    ("AU", ("AU", "NZ"), "NZ", "service", "2026-11-20", "standard", "GST 15"),
    ("JP", ("JP",), "JP", "goods", "2019-09-30", "standard", "JCT 8"),
    ("JP", ("JP",), "JP", "goods", "2019-10-01", "standard", "JCT 10"),
    ("JP", ("JP",), "JP", "goods", "2026-11-20", "reduced", "JCT 8"),
    ("JP", ("JP",), "US-NY", "goods", "2026-11-20", "standard", "JCT 0, Export"),
    ("JP", (), "JP", "service", "2026-11-20", "standard", "JCT 0, not registered"),
    ("US-WA", ("JP",), "JP", "electronic_service", "2026-11-20", "standard", "JCT 10"),
    ("US-WA", ("JP",), "JP", "service", "2026-11-20", "standard", "Sales tax 0, Export"),
    ("IS", ("IS",), "IS", "service", "2026-11-20", "standard", "VSK 24"),
    ("IS", ("IS",), "IS", "goods", "2014-12-31", "reduced", "VSK 7"),
    ("IS", ("IS",), "IS", "goods", "2026-11-20", "reduced", "VSK 11"),
    ("IS", ("IS",), "DE", "goods", "2026-11-20", "standard", "VSK 0, Export"),
    ("IS", ("IS",), "DE", "service", "2026-11-20", "standard", "VSK 0, place of supply is abroad"),
    ("DE", ("DE",), "IS", "goods", "2026-11-20", "standard", "VAT 0, Export"),
]  # fmt: skip

# To buyers with a tax number
TO_BUSINESSES = [
    ("CA-QC", QC_ALL, "CA-QC", "service", "2026-11-20", "standard", "GST 5 + QST 9.975"),
    ("IN-MH", HOME, "IN-KA", "service", "2026-11-20", "standard", "IGST 18"),
    ("AU", ("AU",), "AU", "service", "2026-11-20", "standard", "GST 10"),
    ("JP", ("JP",), "JP", "service", "2026-11-20", "standard", "JCT 10"),
    ("US-CA", NEXUS, "US-NY", "goods", "2026-11-20", "standard", "Sales tax 4"),
    # across a border the buyer accounts for services itself, registration there or not
    ("DE", ("DE", "AU"), "AU", "service", "2026-11-20", "standard", "VAT 0, customer accounts"),
    ("DE", ("DE", "IS"), "IS", "electronic_service", "2026-11-20", "standard",
     "VAT 0, customer accounts"),
    ("NZ", ("NZ", "AU"), "AU", "service", "2026-11-20", "standard", "GST 0, Export"),
    ("JP", ("JP", "NZ"), "NZ", "electronic_service", "2026-11-20", "standard", "JCT 0, Export"),
    ("AU", ("AU", "JP"), "JP", "electronic_service", "2026-11-20", "standard", "GST 0, Export"),
    ("AU", ("AU", "IN"), "IN-MH", "electronic_service", "2026-11-20", "standard", "GST 0, Export"),
    ("DE", ("DE", *QC_ALL), "CA-QC", "service", "2026-11-20", "standard",
     "VAT 0, customer accounts"),
    # but provincial and state taxes are charged to businesses too
    ("US-WA", WEST, "CA-BC", "electronic_service", "2026-11-20", "standard", "PST 7"),
    ("DE", ("DE", "US-NY"), "US-NY", "electronic_service", "2026-11-20", "standard", "Sales tax 4"),
    # goods bear the destination's tax where the seller is registered there
    ("US-WA", WEST, "CA-BC", "goods", "2026-11-20", "standard", "GST 5 + PST 7"),
    ("DE", ("DE", "AU"), "AU", "goods", "2026-11-20", "standard", "GST 10"),
]  # fmt: skip

CASE = ("seller", "held", "buyer", "supply", "day", "category", "taxes")


def decided(situation, line, case, **how):
    seller, held, buyer, supply, day, category, _taxes = case
    sale = situation(seller, buyer, registered=False, also=held, **how)
    return treat(sale, line(supply, day, category))


def told(treatment):
    """Write a treatment as the tables do: the taxes, and the reason for none."""
    taxes = " + ".join(
        f"{component.tax} {plain(component.rate)}"
        + (f" {component.kind}" if component.kind is not ComponentKind.PLAIN else "")
        for component in treatment.components
    )
    reasons = (
        "Exempt",
        "Export",
        "not registered",
        "no nexus",
        "place of supply is abroad",
        "customer accounts",
    )
    reason = next((each for each in reasons if each in treatment.note), treatment.note)
    return f"{taxes}, {reason}" if reason else taxes


@pytest.mark.parametrize(CASE, [*CANADA, *INDIA, *UNITED_STATES, *ELSEWHERE])
def test_sales_to_consumers(situation, line, seller, held, buyer, supply, day, category, taxes):
    case = (seller, held, buyer, supply, day, category, taxes)
    assert told(decided(situation, line, case)) == taxes


@pytest.mark.parametrize(CASE, TO_BUSINESSES)
def test_sales_to_businesses(situation, line, seller, held, buyer, supply, day, category, taxes):
    case = (seller, held, buyer, supply, day, category, taxes)
    assert told(decided(situation, line, case, business=True)) == taxes


@pytest.mark.parametrize("case", [*CANADA[:1], *INDIA[:1], *UNITED_STATES[:1], *ELSEWHERE[:1]])
def test_outside_europe_there_is_no_category_of_en_16931(situation, line, case):
    treatment = decided(situation, line, case)
    assert (treatment.category, treatment.exemption_code, treatment.note) == (None, "", "")


def test_iceland_has_the_categories_of_en_16931(situation, line):
    sale = situation("IS", "IS")
    assert treat(sale, line("goods", "2026-11-20")).category == "S"
    assert treat(situation("IS", "DE"), line("goods", "2026-11-20")).category == "G"
    assert treat(situation("IS", "DE"), line("service", "2026-11-20")).category == "O"


@pytest.mark.parametrize(
    ("seller", "held", "buyer", "code", "path"),
    [
        ("CA-ON", ("CA",), "CA", "tax_rules.subdivision_missing", "buyer.subdivision"),
        ("CA-ON", ("CA",), "CA-XX", "tax_rules.subdivision_unknown", "buyer.subdivision"),
        ("US-NY", ("US-NY",), "US", "tax_rules.subdivision_missing", "buyer.subdivision"),
        ("US-NY", ("US-NY",), "US-PR", "tax_rules.subdivision_unknown", "buyer.subdivision"),
        ("IN-MH", ("IN-MH",), "IN", "tax_rules.subdivision_missing", "buyer.subdivision"),
        ("IN", ("IN",), "IN-MH", "tax_rules.subdivision_missing", "seller.subdivision"),
        ("IN", ("IN-MH", "IN-KA"), "IN-MH", "tax_rules.subdivision_missing", "seller.subdivision"),
        ("CA-ON", ("CA",), "CA-ON", "tax_rules.rate_missing", "tax_category"),
        ("US-NY", ("US-OR",), "US-OR", "tax_rules.rate_missing", "tax_category"),
        ("IN-MH", ("IN-MH",), "IN-MH", "tax_rules.rate_missing", "tax_category"),
    ],
)
def test_what_the_tax_depends_on_and_is_missing_is_a_problem(
    situation, line, seller, held, buyer, code, path
):
    category = "parking" if code == "tax_rules.rate_missing" else "standard"
    sale = situation(seller, buyer, registered=False, also=held)
    problem = treat(sale, line("goods", "2026-11-20", category))
    assert isinstance(problem, Problem)
    assert (problem.code, problem.path) == (code, path)


def test_days_before_the_tax_are_a_problem(situation, line):
    for seller, day in (("IN-MH", "2017-06-30"), ("US-NY", "2018-06-30"), ("CA-ON", "2007-12-31")):
        held = ("CA",) if seller == "CA-ON" else (seller,)
        sale = situation(seller, seller, registered=False, also=held)
        assert treat(sale, line("goods", day)).code == "tax_rules.rate_missing"


def test_components_name_their_place_and_registration(situation, line):
    sale = situation("CA-QC", "CA-QC", registered=False, also=QC_ALL)
    gst, qst = treat(sale, line("goods", "2026-11-20")).components
    assert (gst.country, gst.subdivision, qst.country, qst.subdivision) == ("CA", "", "CA", "QC")
    federal, provincial = sale.registrations
    assert (gst.registration_id, qst.registration_id) == (federal.id, provincial.id)


def test_a_sale_is_declared_under_the_registration_of_the_seller_s_own_state(situation, line):
    for buyer in ("IN-MH", "IN-KA", "US-NY"):
        sale = situation("IN-MH", buyer, registered=False, also=("IN-KA", "IN-MH"))
        _karnataka, maharashtra = sale.registrations
        for component in treat(sale, line("goods", "2026-11-20")).components:
            assert component.registration_id == maharashtra.id


@pytest.mark.parametrize("place", ["ca-qc", "QC", " qc "])
def test_a_province_may_be_written_in_small_letters_or_with_its_country(situation, line, place):
    sale = situation("CA-QC", f"CA-{place}", registered=False, also=QC_ALL)
    assert told(treat(sale, line("goods", "2026-11-20"))) == "GST 5 + QST 9.975"


@pytest.mark.parametrize(
    ("held", "buyer", "supply", "taxes"),
    [
        (NEXUS, "US-NY", "service", "Sales tax 0"),
        (NEXUS, "US-NY", "electronic_service", "Sales tax 4"),
        (NEXUS, "US-CA", "service", "Sales tax 7.25"),
        (NEXUS, "US-CA", "electronic_service", "Sales tax 0"),
        (NEXUS, "US-NY", "goods", "Sales tax 4"),
        (WEST, "CA-BC", "service", "GST 5"),
        (WEST, "CA-BC", "electronic_service", "GST 5 + PST 7"),
        (WEST, "CA-SK", "service", "GST 5 + PST 6"),
    ],
)
def test_the_tenant_says_where_sales_tax_leaves_out_services(
    situation, line, held, buyer, supply, taxes
):
    settings = TaxRulesSettings(
        untaxed_services="US-NY, CA-BC", untaxed_electronic_services="US-CA"
    )
    sale = situation(buyer, buyer, registered=False, also=held)
    treatment = treat(sale, line(supply, "2026-11-20"), settings)
    assert told(treatment).partition(",")[0] == taxes
    assert bool(treatment.note) == taxes.endswith(" 0")


def test_an_exemption_is_explained_by_the_seller_s_own_words(situation, line):
    settings = TaxRulesSettings(exemption_reason="Resale", exemption_code="VATEX-EU-132")
    sale = situation("US-NY", "US-NY", registered=False, also=("US-NY",))
    treatment = treat(sale, line("goods", "2026-11-20", "exempt"), settings)
    assert (treatment.note, treatment.exemption_code) == ("Resale", "")
