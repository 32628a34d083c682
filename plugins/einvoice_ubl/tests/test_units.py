"""Units of measure become codes."""

import csv

import pytest

from billhook_einvoice_ubl.units import _data, code_of, codes


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("", "C62"),
        ("HUR", "HUR"),
        ("XBX", "XBX"),  # a package of Recommendation 21
        ("Hours", "HUR"),
        ("Std.", "HUR"),
        (" m² ", "MTK"),
        ("Stück", "H87"),
        ("hur", None),  # codes are upper-case: h is henry, H is half
        ("bunch", None),
    ],
)
def test_a_unit_becomes_its_code(unit, code):
    assert code_of(unit) == code


def test_every_name_leads_to_one_code_that_exists():
    rows = list(csv.reader(_data("unit_names.csv").splitlines()))
    names = [name for _code, *found in rows for name in found]
    assert {code for code, *_names in rows} <= codes()
    assert len(names) == len(set(names))
    assert all(name == name.casefold().rstrip(".") for name in names)
