"""What people type is read strictly; what is wrong is said once for each field."""

from datetime import date
from decimal import Decimal

import pytest

from billhook.domain.states import Supply
from billhook.services.fields import Fields


def read(reader, *arguments, **options):
    """Return what a reader makes of a text, and the codes of its problems."""
    fields = Fields()
    found = getattr(fields, reader)("field", *arguments, **options)
    return found, [problem.code for problem in fields.problems]


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        ("country", "de", "DE"),
        ("country", "", ""),
        ("currency", " eur ", "EUR"),
        ("language", "pt_BR", "pt-BR"),
        ("language", "zh-Hant", "zh-Hant"),
        ("time_zone", "Europe/Berlin", "Europe/Berlin"),
        ("email", " Ann.Lee+x@Example.ORG ", "ann.lee+x@example.org"),
        ("day", "2024-02-29", date(2024, 2, 29)),
        ("day", " ", None),
        ("flag", "Yes", True),
        ("flag", "0", False),
        ("flag", "", None),
        ("prose", " one\r\ntwo ", "one\ntwo"),
    ],
)
def test_a_good_value_is_read(reader, text, value):
    assert read(reader, text) == (value, [])


@pytest.mark.parametrize(
    ("reader", "text", "code"),
    [
        ("country", "XX", "country.unknown"),
        ("country", "GER", "country.unknown"),
        ("country", "Deutschland", "country.unknown"),
        ("currency", "EURO", "currency.unknown"),
        ("currency", "XXX", "currency.unknown"),
        ("language", "klingon", "language.unknown"),
        ("language", "../../etc", "language.unknown"),
        ("language", "d" * 30, "language.unknown"),
        ("time_zone", "Mars/Olympus", "time_zone.unknown"),
        ("time_zone", "../../etc/passwd", "time_zone.unknown"),
        ("email", "ann", "email.malformed"),
        ("email", "ann@example", "email.malformed"),
        ("email", "ann lee@example.org", "email.malformed"),
        ("email", "a@b@example.org", "email.malformed"),
        ("email", "a" * 250 + "@example.org", "email.malformed"),
        ("day", "2023-02-29", "date.invalid"),
        ("day", "30.11.2026", "date.invalid"),
        ("day", "20261130", "date.invalid"),
        ("day", "2026-11-30T00:00", "date.invalid"),
        ("day", "٢٠٢٦-11-30", "date.invalid"),
        ("flag", "perhaps", "input.not_a_flag"),
        ("prose", "a\0b", "input.unprintable"),
        ("prose", "x" * 2_001, "input.too_long"),
    ],
)
def test_a_bad_value_is_refused(reader, text, code):
    found, codes = read(reader, text)
    assert not found
    assert codes == [code]


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-inf",
        "1e400",
        "1E5",
        "1,5",
        "1 000",
        "0x1F",
        "٣",
        "+1",
        ".5",
        "5.",
        "--1",
        "1_000",
        "9" * 60,
    ],
)
def test_a_number_follows_the_strict_grammar(text):
    assert read("number", text, decimals=12) == (None, ["number.invalid"])


def test_a_number_has_no_more_decimals_than_its_kind():
    assert read("number", "1.1234567890", decimals=9) == (Decimal("1.123456789"), [])
    assert read("number", "1.1234567891", decimals=9)[1] == ["number.invalid"]


def test_an_amount_has_the_digits_of_its_currency():
    assert read("amount", "12.5", "EUR") == (1250, [])
    assert read("amount", "12", "JPY") == (12, [])
    assert read("amount", "12.5", "JPY") == (None, ["number.invalid"])
    assert read("amount", "92233720368547758.08", "EUR") == (None, ["number.invalid"])


def test_a_whole_number_stays_within_its_bound():
    assert read("whole", "14", most=30) == (14, [])
    for text in ("31", "-1", "1.0", "²", "1" * 30):
        assert read("whole", text, most=30) == (None, ["number.not_whole"])


def test_a_text_is_one_printable_line():
    assert read("text", "  Straße 1  ", limit=20) == ("Straße 1", [])
    assert read("text", "a\nb", limit=20) == ("", ["input.unprintable"])
    assert read("text", "abc", limit=2) == ("", ["input.too_long"])
    assert read("text", " ", limit=2, is_required=True) == ("", ["input.missing"])


def test_a_choice_is_one_of_its_words():
    assert read("choice", "Electronic-Service", Supply) == (Supply.ELECTRONIC_SERVICE, [])
    found, codes = read("choice", "magic", Supply)
    assert found is None
    assert codes == ["input.unknown_choice"]


def test_a_message_says_what_to_write_instead():
    fields = Fields()
    fields.country("country", "Germany")
    assert "DE" in fields.problems[0].message
    assert fields.problems[0].path == "country"
