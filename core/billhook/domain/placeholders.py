"""Texts with placeholders such as {number}: filled from a closed list, by no template language."""

import re
from collections.abc import Mapping

PLACEHOLDERS = (
    "number",  # of the document
    "issue_on",
    "due_on",
    "customer",  # the buyer's name
    "reference",  # the buyer's code with us
    "seller",  # our name
    "total",  # what is to be paid, with its currency
    "purchase_order",
    "credited",  # number of the document that a credit note credits
)
"""What texts of templates and mails may name."""

_NAMED = re.compile(r"\{([^{}\n]*)\}")


def unknown(text: str) -> list[str]:
    """Return what stands in braces and is no placeholder, in order."""
    return [name for name in _NAMED.findall(text) if name not in PLACEHOLDERS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place; braces around anything else stay as they are."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
