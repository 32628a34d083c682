"""Elements of UBL: leaves with a value, groups of them; what is empty is not written.

Empty elements are against the rules (PEPPOL-EN16931-R008), so a leaf without a text
and a group without children leave nothing behind.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from lxml.etree import SubElement, _Element

from billhook.money import minor_digits, plain
from billhook_einvoice_ubl.namespaces import tag
from billhook_einvoice_ubl.terms import Identifier, Span

MOST_DECIMALS = 2
"""Of an amount (BR-DEC-01 to BR-DEC-28)."""


def leaf(parent: _Element, name: str, text: str, **attributes: str) -> None:
    """Add an element with a text."""
    if text:
        added = SubElement(parent, tag(name), {k: v for k, v in attributes.items() if v})
        added.text = text


@contextmanager
def group(parent: _Element, name: str) -> Iterator[_Element]:
    """Add an element for what the block puts into it."""
    added = SubElement(parent, tag(name))
    yield added
    if not len(added):
        parent.remove(added)


def amount(parent: _Element, name: str, value: Decimal | None, currency: str) -> None:
    """Add an amount with its currency."""
    if value is not None:
        leaf(parent, name, amount_text(value, currency), currencyID=currency)


def number(parent: _Element, name: str, value: Decimal | None, **attributes: str) -> None:
    """Add a rate, price or quantity, exact."""
    if value is not None:
        leaf(parent, name, plain(value), **attributes)


def day(parent: _Element, name: str, value: date | None) -> None:
    if value is not None:
        leaf(parent, name, value.isoformat())


def identifier(parent: _Element, name: str, value: Identifier | None) -> None:
    if value is not None:
        leaf(parent, name, value.value, schemeID=value.scheme)


def span(parent: _Element, name: str, value: Span | None) -> None:
    """Add a period, whose last day counts in."""
    if value is not None:
        with group(parent, name) as period:
            day(period, "cbc:StartDate", value.first)
            day(period, "cbc:EndDate", value.last)


def amount_text(value: Decimal, currency: str) -> str:
    """Write an amount with its currency's decimals, and more or fewer where the value has them.

    A third decimal stands only where it is not zero; a rounding of yen may have two.
    """
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    text = format(value, f".{max(minor_digits(currency), -exponent)}f")
    while len(text.partition(".")[2]) > MOST_DECIMALS and text.endswith("0"):
        text = text[:-1]
    return text
