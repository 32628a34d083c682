"""Tax numbers are well formed, or it is said what is wrong with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.tax_numbers import EXAMPLES, check
from billhook.problems import Problem


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
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
        ("IS", "00621", "IS00621"),
        ("AU", "ABN 83 914 571 673", "83914571673"),  # the ABR's own way of writing
        ("CA", "12302 6635 RT 0001", "123026635RT0001"),
        ("CA", "12302 6635", "123026635"),
        ("IN", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
        ("JP", "T5-8356-7825-6246", "T5835678256246"),
        ("NZ", "49-098-576", "49098576"),
        ("DE", "IS 00621", "IS00621"),
        ("MX", "CAVE890101AB1", "CAVE890101AB1"),  # begins like a country, and is not of it
        ("US", "12-3456789", "123456789"),  # no scheme of ours: taken as it is
    ],
)
def test_a_number_is_kept_in_one_piece_with_its_prefix(country, typed, kept):
    assert check(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed", "code"),
    [
        ("DE", "DE136695978", "tax_number.mistyped"),
        ("GB", "802311781", "tax_number.mistyped"),
        ("CH", "CHE-107.787.578 MWST", "tax_number.mistyped"),
        ("NO", "995 525 829 MVA", "tax_number.mistyped"),
        ("CH", "CHE-107.787.577", "tax_number.malformed"),  # an UID, but not for VAT
        ("NO", "995 525 828", "tax_number.malformed"),
        ("DE", "", "tax_number.malformed"),
        ("DE", "NaN", "tax_number.malformed"),
        ("FR", "hello", "tax_number.malformed"),
        ("AT", "U" * 90, "tax_number.malformed"),
        ("AU", "83 914 571 674", "tax_number.mistyped"),
        ("CA", "123456783", "tax_number.mistyped"),
        ("IN", "27AAPFU0939F1ZO", "tax_number.mistyped"),
        ("IN", "AAPFU0939F", "tax_number.malformed"),  # a PAN
        ("IS", "0062199", "tax_number.malformed"),
        ("JP", "5835678256246", "tax_number.malformed"),  # a corporate number without its T
        ("JP", "T583567825624", "tax_number.malformed"),
        ("NZ", "136410133", "tax_number.mistyped"),
    ],
)
def test_a_wrong_number_is_refused_with_what_to_do(country, typed, code):
    problem = check(country, typed)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.path) == (code, "tax_number")


def test_the_problem_is_at_the_field_that_was_asked_about():
    assert check("DE", "", path="vat_id").path == "vat_id"


@pytest.mark.parametrize(("country", "number"), EXAMPLES.items())
def test_every_example_is_a_number_of_its_scheme(country, number):
    assert isinstance(check(country, number), str)


@given(st.sampled_from(sorted(EXAMPLES)), st.text(max_size=100))
def test_any_text_gets_an_answer(country, text):
    assert isinstance(check(country, text), str | Problem)


@given(st.sampled_from(sorted(EXAMPLES)))
def test_a_kept_number_is_kept_as_it_is(country):
    number = check(country, EXAMPLES[country])
    assert check(country, number) == number
