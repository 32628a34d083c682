from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.problems import Problem
from billhook_tax_rules.identifiers import _EXAMPLES, check
from billhook_tax_rules.places import members
from billhook_tax_rules.rates import rate_table


@pytest.mark.parametrize(
    ("country", "typed", "normalised"),
    [
        ("DE", "136 695 976", "DE136695976"),
        ("DE", "de 136695976", "DE136695976"),
        ("AT", "U57194903", "ATU57194903"),
        ("BE", "0697.449.992", "BE0697449992"),
        ("GR", "094259216", "EL094259216"),
        ("GR", "GR 094259216", "EL094259216"),
        ("ES", "B-58378431", "ESB58378431"),
        ("GB", "980 7806 84", "GB980780684"),
        ("GB", "XI 980 7806 84", "XI980780684"),
        ("IM", "GB 980 7806 84", "GB980780684"),
        ("MC", "61 954 506 077", "FR61954506077"),
        ("CH", "CHE-107.787.577 MWST", "CHE107787577MWST"),
        ("LI", "CHE-107.787.577 MWST", "CHE107787577MWST"),
        ("NO", "995 525 828 MVA", "NO995525828MVA"),
        ("DE", "FR 61 954 506 077", "FR61954506077"),  # a number of another member state
        ("US", "DE 136695976", "DE136695976"),
        ("US", "12-3456789", "123456789"),  # not checked
    ],
)
def test_numbers_are_normalised(country, typed, normalised):
    assert check(country, typed) == normalised


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("DE", "DE136695978", "tax_rules.number_mistyped"),
        ("GB", "802311781", "tax_rules.number_mistyped"),
        ("CH", "CHE-107.787.578 MWST", "tax_rules.number_mistyped"),
        ("NO", "995 525 829 MVA", "tax_rules.number_mistyped"),
        ("CH", "CHE-107.787.577", "tax_rules.number_malformed"),  # an UID, but not for VAT
        ("NO", "995 525 828", "tax_rules.number_malformed"),
        ("DE", "", "tax_rules.number_malformed"),
        ("FR", "hello", "tax_rules.number_malformed"),
    ],
)
def test_wrong_numbers_are_refused_with_what_to_do(country, typed, code):
    problem = check(country, typed)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.path) == (code, "tax_number")


@pytest.mark.parametrize(("country", "number"), _EXAMPLES.items())
def test_every_example_is_a_number_of_its_country(country, number):
    assert isinstance(check(country, number), str)


def test_every_country_with_rates_has_its_numbers_checked():
    prefixes = {"GR": "EL"}
    assert {prefixes.get(code, code) for code in members(date(2026, 1, 1))} <= set(_EXAMPLES)
    assert {prefixes.get(rate.country, rate.country) for rate in rate_table()} <= set(_EXAMPLES)


@given(st.sampled_from(sorted(_EXAMPLES)), st.text(max_size=80))
def test_any_text_gets_an_answer(country, text):
    assert isinstance(check(country, text), str | Problem)


@given(st.sampled_from(sorted(_EXAMPLES)))
def test_normalising_twice_changes_nothing(country):
    number = check(country, _EXAMPLES[country])
    assert check(country, number) == number
