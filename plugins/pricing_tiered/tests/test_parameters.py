"""Bad parameters are refused before a price is stored, each with what to write instead."""

import pytest

from billhook_pricing_tiered import describing
from billhook_pricing_tiered.pricing import MODELS

MANY = "; ".join(f"{n}-{n}: 1" for n in range(1, 50)) + "; 50-: 1"
TOO_MANY = "; ".join(f"{n}-{n}: 1" for n in range(1, 51)) + "; 51-: 1"


def problems(model: str, **parameters: str):
    return MODELS[f"pricing_tiered.{model}"](None).parameter_problems(parameters)


@pytest.mark.parametrize(
    "tiers",
    [
        "0-: 5",
        "1-: 5",
        "0+: 5",
        "0-100: 10; 101-500: 8 + 25; 501-: 6",
        "0-100:10;101-500:8+25;501-:6",  # blanks are free
        "  1 - 100 : 10 ;101 –500: 9.5 ; 501+ : 9.25 + 0;",
        "0-100: 10; 100-500: 8; 500-: 6",  # where one ends the next begins
        "0-0.5: 1; 0.5-2.75: 0.5; 2.75-: 0",
        "1-1: 5; 2-2: 4; 3-: 3",
        "0-999999999999999999: 0.000000000001; 999999999999999999-: 0",
        MANY,
    ],
)
def test_good_tiers_have_no_problems(tiers):
    assert list(problems("graduated", tiers=tiers)) == []


@pytest.mark.parametrize(
    ("tiers", "found"),
    [
        # nothing, or nothing that could be a tier
        ("", [("tiers_missing", "0-100: 10; 101-500: 8; 501-: 6")]),
        (" ; ", [("tiers_missing", "parameter_tiers")]),
        ("10", [("tier_malformed", "Tier 1, “10”")]),
        ("0-100 10; 101-: 8", [("tier_malformed", "Tier 1, “0-100 10”")]),
        ("0..100: 10", [("tier_malformed", "like 1-100: 10")]),
        ("up to 100: 10; 101-: 8", [("tier_malformed", "Tier 1, “up to 100: 10”")]),
        ("-5-100: 10; 101-: 8", [("tier_malformed", "Tier 1")]),
        ("0-100: 10, 101-: 8", [("tier_number_malformed", "10, 101-: 8")]),
        # numbers
        ("0-1,000: 10; 1001-: 8", [("tier_number_malformed", "“1,000” is not a number")]),
        ("0-100: ; 101-: 8", [("tier_number_malformed", "In tier 1, “0-100:”")]),
        ("0-100: NaN; 101-: 8", [("tier_number_malformed", "“NaN”")]),
        ("0-100: Infinity; 101-: 8", [("tier_number_malformed", "“Infinity”")]),
        ("0-100: 1e400; 101-: 8", [("tier_number_malformed", "“1e400”")]),
        ("0-100: 10; 101-: 8 +", [("tier_number_malformed", "In tier 2, “101-: 8 +”")]),
        ("0-100: 10; 101-: 8 + 2 + 3", [("tier_number_malformed", "“2 + 3”")]),
        ("0-100: 0.0000000000001; 101-: 8", [("tier_number_malformed", "at most 12 decimals")]),
        ("0-0.0000000001: 1; 1-: 8", [("tier_number_malformed", "at most 9 decimals")]),
        ("0-100: EUR 10; 101-: 8", [("tier_number_malformed", "“EUR 10”")]),
        ("x: 1; 0-100: y", [("tier_malformed", "Tier 1"), ("tier_number_malformed", "In tier 2")]),
        ("0-100: -1; 101-: 8", [("tier_below_zero", "Tier 1, 0-100,")]),
        ("0-100: 1; 101-: 8 + -2", [("tier_below_zero", "Tier 2, 101-,")]),
        ("0-1000000000000000000: 1; 1000000000000000001-: 1",
         [("tier_too_large", "Tier 1"), ("tier_too_large", "Tier 2")]),
        # how tiers follow each other
        ("2-100: 10; 101-: 8", [("tiers_start", "begins at 2")]),
        ("0.5-100: 10; 101-: 8", [("tiers_start", "Begin at 0")]),
        ("0-100: 10; 102-: 8", [("tier_gap", "between 100 and tier 2, 102-. Let it begin at 101")]),
        ("0-100: 10; 100.5-: 8", [("tier_gap", "begin at 101")]),
        ("0-100: 10; 51-: 8", [("tier_overlap", "which reaches to 100. Let it begin at 101")]),
        ("0-100: 10; 101-90: 8; 101-: 7", [("tier_empty", "Tier 2, 101-90")]),
        ("0-0: 10; 1-: 8", [("tier_empty", "Tier 1, 0-0")]),
        ("0-100: 10; 101-500: 8", [("tiers_end", "No tier covers more than 500. Let tier 2")]),
        ("0-: 10; 101-: 8", [("tier_open", "Tier 1, 0-,")]),
        ("101-500: 8; 0-100: 10; 501-: 6",
         [("tiers_start", "101"), ("tier_empty", "Tier 2, 0-100")]),
        (TOO_MANY, [("tiers_too_many", "51 tiers, more than 50")]),
    ],
)  # fmt: skip
def test_every_fault_of_the_tiers_is_named(tiers, found):
    said = problems("graduated", tiers=tiers)
    assert [(one.path, one.code) for one in said] == [
        ("tiers", f"pricing_tiered.{code}") for code, _text in found
    ]
    for one, (_code, text) in zip(said, found, strict=True):
        assert text in one.message


@pytest.mark.parametrize(
    ("model", "parameters", "found"),
    [
        ("package", {"package_price": "5", "package_size": "100"}, []),
        ("package", {"package_price": "0", "package_size": "0.5", "free_units": "0"}, []),
        (
            "package",
            {},
            [("package_price", "parameter_missing"), ("package_size", "parameter_missing")],
        ),
        (
            "package",
            {"package_price": "-1", "package_size": "0", "free_units": "-1"},
            [
                ("package_price", "number_out_of_bounds"),
                ("package_size", "number_out_of_bounds"),
                ("free_units", "number_out_of_bounds"),
            ],
        ),
        (
            "package",
            {"package_price": "5", "package_size": "dozen", "free_units": "NaN"},
            [("package_size", "number_malformed"), ("free_units", "number_malformed")],
        ),
        (
            "package",
            {"package_price": "5", "package_size": "1", "tiers": "0-: 1"},
            [("tiers", "parameter_unknown")],
        ),
        ("graduated", {"unit_price": "5"}, [
            ("unit_price", "parameter_unknown"), ("tiers", "tiers_missing"),
        ]),
        ("stairstep", {"tiers": "0-10: 5; 11-: 6"}, []),
        ("stairstep", {"tiers": "0-10: 5 + 1; 11-: 6"}, [("tiers", "tier_fee_unknown")]),
        ("tiered_package", {"tiers": "0-1000: 5; 1001-: 4", "package_size": "100"}, []),
        (
            "tiered_package",
            {"tiers": "0-1050: 5; 1051-: 4 + 1", "package_size": "100"},
            [("tiers", "tier_fee_unknown"), ("tiers", "tier_splits_package")],
        ),
        ("tiered_package", {"tiers": "0-: 5"}, [("package_size", "parameter_missing")]),
    ],
)  # fmt: skip
def test_every_bad_parameter_is_named(model, parameters, found):
    assert [(one.path, one.code) for one in problems(model, **parameters)] == [
        (path, f"pricing_tiered.{code}") for path, code in found
    ]


def test_a_tier_that_splits_a_package_says_where_to_end():
    (said,) = problems("tiered_package", tiers="0-1050: 5; 1051-: 4", package_size="100")
    assert "ends inside a package of 100. Let it end at 1100." in said.message


def test_two_thousand_characters_of_nonsense_are_refused_at_once():
    for text in ("0" * 2000, "-" * 2000, " " * 1999 + "x", ":" * 2000, "1-" * 1000, "; 1" * 600):
        assert problems("graduated", tiers=text)


@pytest.mark.parametrize(
    ("typed", "tiers"),
    [
        ([("", "100", "10"), ("", "", "8")], "0-100: 10; 101-: 8"),
        ([("1", "5", "7", ""), ("", "", "6", "2")], "1-5: 7; 6-: 6 + 2"),
        ([("", "0.5", "7"), ("", "", "6")], "0-0.5: 7; 0.5-: 6"),  # no next whole number
        ([("", "many", "7"), ("", "", "6")], "0-many: 7; many-: 6"),  # told when it is read
    ],
)
def test_tiers_are_typed_as_a_table(typed, tiers):
    assert describing.text(typed) == tiers


@pytest.mark.parametrize("tiers", ["0-100: 10; 101-500: 8 + 25; 501-: 6", "1-5: 7; 6-: 6"])
def test_a_table_of_tiers_comes_back_as_it_was(tiers):
    assert describing.text(describing.rows(tiers)) == tiers


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_each_model_describes_the_parameters_that_it_knows(model):
    told = model(None).describe()
    assert tuple(one.name for one in told.parameters) == model.known
    assert str(told.title)
