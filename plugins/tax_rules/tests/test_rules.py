"""Worked cases. Articles are of Directive 2006/112/EC as in force on the tax date."""

from dataclasses import replace
from datetime import date

import pytest

from billhook.domain.tax import TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules.rules import treat

AE, IC, G, O = "VATEX-EU-AE", "VATEX-EU-IC", "VATEX-EU-G", "VATEX-EU-O"  # noqa: E741

#    seller  buyer   supply                day           category  rate   code
TO_CONSUMERS = [
    ("GB", "GB", "goods", "2010-12-01", "S", "17.5", ""),
    ("GB", "GB", "goods", "2011-01-04", "S", "20", ""),
    ("DE", "DE", "service", "2020-12-31", "S", "16", ""),
    ("CH", "CH", "service", "2024-01-01", "S", "8.1", ""),
    ("CH", "LI", "goods", "2024-01-01", "S", "8.1", ""),  # one area
    ("NO", "NO", "electronic_service", "2024-01-01", "S", "25", ""),
    ("FR", "MC", "goods", "2024-01-01", "S", "20", ""),  # article 7
    ("PT", "PT-30", "goods", "2024-01-01", "S", "22", ""),  # Madeira
    ("GB", "GB-NIR", "goods", "2024-01-01", "S", "20", ""),
    # within the union, without a registration there: the seller's rate
    ("GB", "DE", "goods", "2010-12-01", "S", "17.5", ""),  # below the threshold of article 34
    ("GB", "LT", "goods", "2010-12-05", "S", "17.5", ""),
    ("DE", "FR", "service", "2024-01-01", "S", "19", ""),  # article 45
    ("DE", "FR", "electronic_service", "2024-01-01", "S", "19", ""),  # article 59c
    ("IE", "GB-NIR", "goods", "2024-01-01", "S", "23", ""),
    # abroad
    ("GB", "CH", "goods", "2010-12-01", "G", "0", G),
    ("GB", "JP", "goods", "2010-12-01", "G", "0", G),
    ("GB", "HR", "goods", "2010-12-01", "G", "0", G),
    ("GB", "HR", "goods", "2014-12-01", "S", "20", ""),
    ("DE", "GB", "goods", "2020-12-31", "S", "16", ""),
    ("DE", "GB", "goods", "2021-01-01", "G", "0", G),
    ("ES", "ES-CN", "goods", "2024-01-01", "G", "0", G),
    ("FR", "RE", "goods", "2024-01-01", "G", "0", G),
    ("GB", "DE", "goods", "2021-01-01", "G", "0", ""),  # not "outside the EU"
    ("CH", "DE", "goods", "2024-01-01", "G", "0", ""),
    ("NO", "SE", "goods", "2024-01-01", "G", "0", ""),
    ("DE", "US", "service", "2024-01-01", "O", "0", O),  # article 59
    ("DE", "US", "electronic_service", "2024-01-01", "O", "0", O),
    ("CH", "DE", "service", "2024-01-01", "O", "0", O),
]

TO_BUSINESSES = [
    ("DE", "DE", "service", "2024-01-01", "S", "19", ""),
    ("DE", "FR", "goods", "2024-01-01", "K", "0", IC),  # article 138
    ("DE", "FR", "service", "2024-01-01", "AE", "0", AE),  # articles 44, 196
    ("DE", "FR", "electronic_service", "2024-01-01", "AE", "0", AE),
    ("DE", "GR", "goods", "2024-01-01", "K", "0", IC),
    ("GB", "DE", "goods", "2020-12-31", "K", "0", IC),
    ("DE", "GB-NIR", "goods", "2024-01-01", "K", "0", IC),  # Protocol on Ireland
    ("DE", "GB-NIR", "service", "2024-01-01", "O", "0", O),
    ("DE", "GB", "goods", "2024-01-01", "G", "0", G),
    ("DE", "CH", "service", "2024-01-01", "O", "0", O),
    ("GB", "DE", "service", "2024-01-01", "O", "0", O),
    ("CH", "NO", "goods", "2024-01-01", "G", "0", ""),
    ("NO", "GB", "electronic_service", "2024-01-01", "O", "0", O),
]

# With a registration besides the seller's own: destination rate, or not
REGISTERED_ABROAD = [
    ("DE", "FR", "goods", "2024-01-01", "EE oss", "S", "20"),
    ("DE", "FR", "electronic_service", "2024-01-01", "DE oss", "S", "20"),
    ("DE", "FI", "goods", "2024-09-01", "DE oss", "S", "25.5"),
    ("DE", "FR", "service", "2024-01-01", "DE oss", "S", "19"),  # article 45: never in the scheme
    ("DE", "FR", "goods", "2021-06-30", "DE oss", "S", "19"),  # before its first day
    ("DE", "FR", "goods", "2021-07-01", "DE oss", "S", "20"),
    ("DE", "FR", "goods", "2019-01-01", "FR", "S", "20"),  # distance sales, article 33
    ("DE", "FR", "goods", "2019-01-01", "IT", "S", "19"),
    ("DE", "FR", "electronic_service", "2016-01-01", "FR", "S", "20"),  # article 58
    ("DE", "FR", "service", "2019-01-01", "FR", "S", "19"),
    ("DE", "GB", "goods", "2024-01-01", "GB", "S", "20"),
    ("DE", "US", "goods", "2024-01-01", "DE oss", "G", "0"),
    ("GB", "DE", "goods", "2024-01-01", "IE ioss", "S", "19"),
    ("GB", "DE", "electronic_service", "2024-01-01", "IE ioss", "O", "0"),
    ("GB", "DE", "electronic_service", "2024-01-01", "IE oss", "S", "19"),
    ("DE", "GR", "goods", "2024-01-01", "EL", "S", "24"),
]


@pytest.mark.parametrize(
    ("seller", "buyer", "supply", "day", "category", "rate", "code"), TO_CONSUMERS
)
def test_sales_to_consumers(situation, line, seller, buyer, supply, day, category, rate, code):
    treatment = treat(situation(seller, buyer), line(supply, day))
    assert (treatment.category, str(treatment.rate), treatment.exemption_code) == (
        category,
        rate,
        code,
    )


@pytest.mark.parametrize(
    ("seller", "buyer", "supply", "day", "category", "rate", "code"), TO_BUSINESSES
)
def test_sales_to_businesses(situation, line, seller, buyer, supply, day, category, rate, code):
    treatment = treat(situation(seller, buyer, business=True), line(supply, day))
    assert (treatment.category, str(treatment.rate), treatment.exemption_code) == (
        category,
        rate,
        code,
    )


@pytest.mark.parametrize(
    ("seller", "buyer", "supply", "day", "also", "category", "rate"), REGISTERED_ABROAD
)
def test_a_registration_abroad(situation, line, seller, buyer, supply, day, also, category, rate):
    treatment = treat(situation(seller, buyer, also=(also,)), line(supply, day))
    assert (treatment.category, str(treatment.rate)) == (category, rate)


def test_the_component_names_place_and_registration(situation, line):
    sale = situation("DE", "FR", also=("DE oss",))
    (component,) = treat(sale, line("goods", "2024-01-01")).components
    assert (component.tax, component.country, component.registration_id.int) == ("VAT", "FR", 2)


def test_the_component_names_the_region_whose_rate_it_is(situation, line):
    (component,) = treat(situation("PT", "PT-20"), line("goods", "2024-01-01")).components
    assert (component.country, component.subdivision) == ("PT", "20")
    (component,) = treat(situation("PT", "PT-11"), line("goods", "2024-01-01")).components
    assert (component.country, component.subdivision) == ("PT", "")


@pytest.mark.parametrize("buyer", ["DE", "FR", "US"])
@pytest.mark.parametrize("supply", ["goods", "service", "electronic_service"])
def test_a_seller_without_registration_charges_no_tax(situation, line, buyer, supply):
    treatment = treat(situation("DE", buyer, registered=False), line(supply, "2024-01-01"))
    assert (treatment.category, treatment.exemption_code, treatment.rate) == ("O", O, 0)
    assert treatment.note


def test_a_registration_counts_only_while_it_holds(situation, line):
    sale = situation("DE", "DE")
    (home,) = sale.registrations
    later = replace(sale, registrations=(replace(home, valid_from=date(2024, 7, 1)),))
    assert treat(later, line("goods", "2024-06-30")).category == "O"
    assert treat(later, line("goods", "2024-07-01")).category == "S"


def test_exempt_stays_exempt_at_home_and_within_the_union(situation, line):
    exempt = line("service", "2024-01-01", "exempt")
    for sale in (situation("DE", "DE"), situation("DE", "FR", business=True)):
        treatment = treat(sale, exempt)
        assert (treatment.category, treatment.rate, bool(treatment.note)) == ("E", 0, True)


def test_zero_rated_is_a_rate_of_its_own(situation, line):
    treatment = treat(situation("GB", "GB"), line("goods", "2024-01-01", "zero"))
    assert (treatment.category, treatment.rate, treatment.note) == ("Z", 0, "")


@pytest.mark.parametrize(
    ("seller", "buyer", "category"),
    [
        ("FR", "FR", "zero"),  # France has none
        ("DE", "DE", "luxury"),
        ("KR", "KR", "standard"),  # a tax that the table does not know
        ("AU", "AU", "reduced"),
    ],
)
def test_a_rate_that_is_missing_is_a_problem_never_zero_tax(
    situation, line, seller, buyer, category
):
    problem = treat(situation(seller, buyer), line("goods", "2024-01-01", category))
    assert isinstance(problem, Problem)
    assert problem.code == "tax_rules.rate_missing"
    assert category in problem.message
    assert "2024-01-01" in problem.message


def test_a_destination_that_is_no_country_is_a_problem(situation, line):
    problem = treat(situation("GB", "UK"), line("goods", "2024-01-01"))
    assert (problem.code, problem.path) == ("tax_rules.country_unknown", "buyer.country")


def test_goods_are_taxed_where_they_go_and_services_where_the_buyer_is(situation, line):
    sale = replace(situation("DE", "FR", business=True), delivery_country="DE")
    assert treat(sale, line("goods", "2024-01-01")).category == "S"
    assert treat(sale, line("service", "2024-01-01")).category == "AE"


def test_every_treatment_without_tax_says_why(situation, line):
    sales = [
        situation("DE", buyer, business=business, registered=registered)
        for buyer in ("FR", "US")
        for business in (False, True)
        for registered in (False, True)
    ]
    for sale in sales:
        for supply in ("goods", "service"):
            treatment = treat(sale, line(supply, "2024-01-01"))
            assert isinstance(treatment, TaxTreatment)
            assert treatment.rate or treatment.note
