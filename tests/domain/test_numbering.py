"""Patterns of printed numbers."""

from datetime import date

import pytest

from billhook.domain.numbering import pattern_problems, printed_number

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("pattern", "number", "printed"),
    [
        ("INV-{yyyy}-{number:5}", 42, "INV-2026-00042"),
        ("{yy}/{number}", 7, "26/7"),
        ("R{number:3}-X", 12345, "R12345-X"),
    ],
)
def test_a_pattern_is_filled(pattern, number, printed):
    assert printed_number(pattern, number, DAY) == printed
    assert not pattern_problems(pattern, restarts_yearly=False)


@pytest.mark.parametrize(
    ("pattern", "yearly", "code"),
    [
        ("INV", False, "series.pattern_number"),
        ("{number}{number}", False, "series.pattern_number"),
        ("{mm}-{number}", False, "series.pattern_unknown"),
        ("{number", False, "series.pattern_unknown"),
        ("INV-{number}", True, "series.pattern_year"),
        ("x" * 61 + "{number}", False, "series.pattern_length"),
        ("{number}\n", False, "series.pattern_length"),
    ],
)
def test_a_pattern_that_could_repeat_or_not_be_read_is_refused(pattern, yearly, code):
    assert code in {p.code for p in pattern_problems(pattern, restarts_yearly=yearly)}
