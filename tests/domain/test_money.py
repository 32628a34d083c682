"""Exact numbers: what comes in, how it is rounded, how it is split."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.errors import BadNumber, UnknownCurrency
from billhook.money import (
    amount_text,
    fits,
    minor_digits,
    parse_amount,
    parse_decimal,
    plain,
    round_half_away,
    settle,
    spread,
    to_minor,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("12", "12"),
        ("-12.50", "-12.5"),
        ("0.000000000001", "0.000000000001"),
    ],
)
def test_the_grammar_takes_plain_digits(text, value):
    assert parse_decimal(text, decimals=12) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "NaN", "nan", "Infinity", "-inf", "1e400", "1E2", "1,000", "1 000", "1_000", "+1",
        ".5", "5.", "--1", "0x10", "١٢", "1.2.3", "1" * 29, "0.1234567890123", "1" * 10_000,
    ],
)  # fmt: skip
def test_the_grammar_refuses_everything_else(text):
    with pytest.raises(BadNumber):
        parse_decimal(text, decimals=12)


@pytest.mark.parametrize(
    ("number", "is_stored"),
    [
        ("12.50",                      True),
        ("-0.000000000001",            True),   # 12 decimals
        ("0.0000000000001",            False),  # 13
        ("1." + "0" * 60,              True),   # idle zeros aside
        ("1." + "0" * 60 + "1",        False),
        ("9" * 28,                     True),
        ("1e28",                       False),  # 29 digits
        ("1e400",                      False),  # beyond the context of our arithmetic
        ("1e-400",                     False),
        ("1e999999999",                False),  # and found so at once
        ("NaN",                        False),
        ("sNaN",                       False),
        ("-Infinity",                  False),
    ],
)  # fmt: skip
def test_a_number_fits_the_digits_that_are_stored(number, is_stored):
    assert fits(Decimal(number), decimals=12) is is_stored


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("IQD", 3)],  # ISO 4217
)
def test_minor_digits_follow_iso_4217(currency, digits):
    assert minor_digits(currency) == digits


def test_an_unknown_currency_is_named():
    with pytest.raises(UnknownCurrency, match="XXQ"):
        minor_digits("XXQ")


@pytest.mark.parametrize(
    ("value", "digits", "minor"),
    [
        ("0.005", 2, 1),
        ("-0.005", 2, -1),
        ("2.675", 2, 268),  # a float says 2.67
        ("1.0049999", 2, 100),
        ("0.5", 0, 1),
        ("-0.5", 0, -1),
        ("1.0005", 3, 1001),
    ],
)
def test_ties_go_away_from_zero(value, digits, minor):
    assert round_half_away(Decimal(value), digits) == minor


def test_an_amount_beyond_64_bits_is_refused():
    with pytest.raises(BadNumber):
        to_minor(Decimal("92233720368547758.08"), "EUR")


def test_an_amount_with_too_many_decimals_is_refused():
    assert parse_amount("12.30", "EUR") == 1230
    with pytest.raises(BadNumber):
        parse_amount("12.305", "EUR")
    with pytest.raises(BadNumber):
        parse_amount("12.3", "JPY")


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_survives_its_text(minor, currency):
    assert parse_amount(amount_text(minor, currency), currency) == minor


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12), max_value=10**12
    )
)
def test_plain_is_one_text_per_value(value):
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert text == plain(Decimal(text))


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_the_parts_of_a_split_sum_to_the_whole(total, weights):
    parts = spread(total, weights)
    assert sum(parts) == total
    if sum(weights):
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(-100, 100), st.lists(st.integers(-20, 20), min_size=1, max_size=6))
def test_a_mirror_image_comes_to_the_same_parts_turned_around(total, weights):
    turned = [-part for part in spread(total, weights)]
    assert spread(-total, weights) == turned
    assert spread(-total, [-weight for weight in weights]) == turned


def test_cents_left_over_go_to_the_largest_remainders_first_share_first():
    assert spread(-7, [15, -1]) == [-8, 1]
    assert spread(7, [-15, 1]) == [8, -1]
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert settle(10, [Fraction(7, 2), Fraction(13, 2)]) == [4, 6]
    assert settle(5, [Fraction(5, 4), Fraction(15, 4)]) == [1, 4]
