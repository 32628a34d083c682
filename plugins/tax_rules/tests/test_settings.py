import pytest

from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings


def test_the_defaults_are_good():
    assert list(DEFAULTS.problems()) == []


@pytest.mark.parametrize("code", ["VATEX-EU-132", "VATEX-EU-132-1I", "VATEX-FR-FRANCHISE"])
def test_codes_of_the_vatex_list(code):
    assert list(TaxRulesSettings(exemption_code=code).problems()) == []


@pytest.mark.parametrize("code", ["132", "vatex-eu-132", "VATEX-EU-", "VATEX-EU-132 "])
def test_other_codes_are_refused_at_their_field(code):
    (problem,) = TaxRulesSettings(exemption_code=code).problems()
    assert (problem.code, problem.path) == ("tax_rules.exemption_code_malformed", "exemption_code")
