import pytest

from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings, listed


def test_the_defaults_are_good():
    assert list(DEFAULTS.problems()) == []


@pytest.mark.parametrize("code", ["VATEX-EU-132", "VATEX-EU-132-1I", "VATEX-FR-FRANCHISE"])
def test_codes_of_the_vatex_list(code):
    assert list(TaxRulesSettings(exemption_code=code).problems()) == []


@pytest.mark.parametrize("code", ["132", "vatex-eu-132", "VATEX-EU-", "VATEX-EU-132 "])
def test_other_codes_are_refused_at_their_field(code):
    (problem,) = TaxRulesSettings(exemption_code=code).problems()
    assert (problem.code, problem.path) == ("tax_rules.exemption_code_malformed", "exemption_code")


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"untaxed_services": "US-XX"}, "untaxed_services", "tax_rules.place_unknown"),
        ({"untaxed_services": "NY"}, "untaxed_services", "tax_rules.place_unknown"),
        (
            {"untaxed_electronic_services": "US-CA, IN-MH"},
            *("untaxed_electronic_services", "tax_rules.place_unknown"),
        ),
        ({"withholding": "irpf"}, "withholding", "tax_rules.withholding_unknown"),
    ],
)
def test_what_is_not_in_the_tables_is_refused_at_its_field(given, path, code):
    (problem,) = TaxRulesSettings(**given).problems()
    assert (problem.path, problem.code) == (path, code)


def test_places_are_listed_by_comma():
    given = TaxRulesSettings(untaxed_services=" US-CA,CA-BC , ")
    assert list(given.problems()) == []
    assert listed(given.untaxed_services) == {"US-CA", "CA-BC"}
