"""Amounts as people type them: by the separators of their language, and no other."""

import pytest

from billhook.domain.typed_amounts import example_amount, read_amount


@pytest.mark.parametrize(
    ("typed", "language", "minor"),
    [
        ("1,234.50", "en", 123450),
        ("1234.5", "en", 123450),
        ("1.234,50", "de", 123450),
        ("1.234", "de", 123400),  # a thousand, not one
        ("1,234", "en", 123400),
        ("1 234,50", "fr", 123450),
        ("1\u202f234,50", "fr", 123450),
        ("1’234.50", "de-CH", 123450),
        ("1'234.50", "de-CH", 123450),
        ("1,23,456.00", "en-IN", 12345600),
        ("12", "xx-nonsense", 1200),
        ("1.23", "de", None),  # a comma is meant, or nothing
        ("1,23", "en", None),
        ("12,34,56", "en", None),
        ("-5", "en", None),
        ("+5", "en", None),
        ("1e3", "en", None),
        ("1.505", "en", None),
        ("５", "en", None),
        ("", "en", None),
        ("9" * 41, "en", None),
    ],
)
def test_an_amount_is_read_by_the_separators_of_the_language(typed, language, minor):
    assert read_amount(typed, "EUR", language=language) == minor


def test_decimals_are_those_of_the_currency():
    assert read_amount("1,234", "JPY", language="en") == 1234
    assert read_amount("1.5", "JPY", language="en") is None
    assert read_amount("1.234", "BHD", language="en") == 1234


@pytest.mark.parametrize(("language", "currency"), [("en", "EUR"), ("de", "JPY"), ("fr", "BHD")])
def test_the_example_is_an_amount(language, currency):
    example = example_amount(currency, language=language)
    assert read_amount(example, currency, language=language) is not None
