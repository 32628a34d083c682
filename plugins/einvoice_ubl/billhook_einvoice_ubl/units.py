"""Units of measure by UN/ECE Recommendation 20, with the packages of Recommendation 21 (BT-130)."""

import csv
from functools import lru_cache
from importlib.resources import files

ONE = "C62"
"""One: what a unit is that nobody named."""


def code_of(unit: str) -> str | None:
    """Return the code of a product's unit: as it is, or by its name; None where none is known."""
    text = unit.strip()
    if not text:
        return ONE
    if text in codes():
        return text
    return _names().get(text.casefold().rstrip("."))


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Return all codes that EN 16931 allows."""
    return frozenset(_data("units.txt").split())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    rows = csv.reader(_data("unit_names.csv").splitlines())
    return {name: code for code, *names in rows for name in names}


def _data(name: str) -> str:
    return (files("billhook_einvoice_ubl") / "data" / name).read_text(encoding="utf-8")
