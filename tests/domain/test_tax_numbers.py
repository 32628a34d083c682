"""Tax numbers are well formed, or it is said what is wrong with them."""

import pytest

from billhook.domain.tax_numbers import EXAMPLES, check


@pytest.mark.parametrize("scheme", sorted(EXAMPLES))
def test_the_example_of_each_scheme_is_well_formed(scheme):
    country = {"EL": "GR", "XI": "GB"}.get(scheme, scheme)
    assert isinstance(check(country, EXAMPLES[scheme]), str)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("GB", "980 7806 84", "GB980780684"),
        ("GB", "gb980780684", "GB980780684"),
        ("DE", "136695976", "DE136695976"),
        ("GR", "GR094259216", "EL094259216"),
        ("CH", "CHE-107.787.577 MWST", "CHE107787577MWST"),
        ("NO", "995525828MVA", "NO995525828MVA"),
        ("FR", "DE136695976", "DE136695976"),  # a business may hold another country's
        ("US", "12-3456789", "123456789"),  # no scheme of ours: taken as it is
    ],
)
def test_a_number_is_kept_in_one_piece_with_its_prefix(country, typed, kept):
    assert check(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "number", "code"),
    [
        ("GB", "GB980780685", "tax_number.mistyped"),
        ("DE", "DE136695977", "tax_number.mistyped"),
        ("DE", "DE12", "tax_number.malformed"),
        ("DE", "NaN", "tax_number.malformed"),
        ("AT", "U" * 90, "tax_number.malformed"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(country, number, code):
    problem = check(country, number)
    assert problem.code == code
    assert problem.path == "tax_number"
