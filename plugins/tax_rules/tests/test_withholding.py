"""What a business keeps back when it pays: shown, and never part of the tax."""

import pytest

from billhook.domain.tax import ComponentKind
from billhook.domain.totals import TaxedAmount, TotalsOptions, document_totals
from billhook_tax_rules.rules import treat
from billhook_tax_rules.settings import TaxRulesSettings
from billhook_tax_rules.tables import withholding_keys

SPAIN = TaxRulesSettings(withholding="es-irpf")
DAY = "2026-11-20"


def kept_back(treatment):
    return [
        (component.tax, str(component.rate))
        for component in treatment.components
        if component.kind is ComponentKind.WITHHOLDING
    ]


# Real Decreto-ley 9/2015; DPR 600/1973, article 25; section 194J
@pytest.mark.parametrize(
    ("seller", "key", "tax", "rate", "kept"),
    [
        ("ES", "es-irpf", "VAT", "21", ("IRPF", "15")),
        ("ES", "es-irpf-new", "VAT", "21", ("IRPF", "7")),
        ("IT", "it-ritenuta", "VAT", "22", ("Ritenuta d'acconto", "20")),
        ("IN-MH", "in-tds-professional", "CGST", "18", ("TDS", "10")),
        ("IN-MH", "in-tds-technical", "CGST", "18", ("TDS", "2")),
    ],
)
def test_services_to_businesses_at_home_show_what_is_kept_back(
    situation, line, seller, key, tax, rate, kept
):
    sale = situation(seller, seller, business=True)
    treatment = treat(sale, line("service", DAY), TaxRulesSettings(withholding=key))
    assert treatment.components[0].tax == tax
    assert kept_back(treatment) == [kept]
    assert str(treatment.rate.normalize()) == rate  # without what is kept back
    assert treatment.note == ""


@pytest.mark.parametrize(
    ("buyer", "business", "supply", "category", "settings"),
    [
        ("ES", False, "service", "standard", SPAIN),  # consumers do not withhold
        ("ES", True, "goods", "standard", SPAIN),
        ("FR", True, "service", "standard", SPAIN),
        ("ES", True, "service", "standard", TaxRulesSettings()),
        ("ES", True, "service", "standard", TaxRulesSettings(withholding="it-ritenuta")),
        (
            *("ES", True, "service", "standard"),
            TaxRulesSettings(withholding="es-irpf", withholding_categories="reduced, exempt"),
        ),
    ],
)
def test_nothing_is_kept_back_from_anything_else(
    situation, line, buyer, business, supply, category, settings
):
    sale = situation("ES", buyer, business=business)
    assert kept_back(treat(sale, line(supply, DAY, category), settings)) == []


def test_categories_may_be_named(situation, line):
    settings = TaxRulesSettings(withholding="es-irpf", withholding_categories="reduced, exempt")
    sale = situation("ES", "ES", business=True)
    for category in ("reduced", "exempt"):
        assert kept_back(treat(sale, line("service", DAY, category), settings)) == [("IRPF", "15")]


def test_a_day_before_the_table_is_a_problem(situation, line):
    sale = situation("ES", "ES", business=True)
    problem = treat(sale, line("service", "2015-07-11"), SPAIN)
    assert problem.code == "tax_rules.withholding_missing"
    assert "es-irpf" in problem.message


@pytest.mark.parametrize(
    ("included", "net", "tax", "gross", "kept"),
    [
        (False, 100000, 21000, 121000, 15000),  # 1,000.00 × 21 %, × 15 %
        (True, 82645, 17355, 100000, 12397),  # 1,000.00 × 21 ÷ 121; 826.45 × 15 %
    ],
)
def test_the_bill_comes_to_as_much_as_without_it(situation, line, included, net, tax, gross, kept):
    treatment = treat(situation("ES", "ES", business=True), line("service", DAY), SPAIN)
    options = TotalsOptions(prices_include_tax=included)
    totals = document_totals([TaxedAmount(amount=100000, treatment=treatment)], options=options)
    assert (totals.net, totals.tax, totals.gross, totals.payable) == (net, tax, gross, gross)
    assert totals.groups[0].component_taxes == (tax, kept)


def test_every_scheme_can_be_chosen():
    for key in withholding_keys():
        assert list(TaxRulesSettings(withholding=key).problems()) == []
