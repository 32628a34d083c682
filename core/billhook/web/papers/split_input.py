"""How a person wants something to be split, read from a form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billhook.domain.splitting import ByLines, ByPercent, BySection, Split
from billhook.i18n import gettext as _
from billhook.money import RATE_DECIMALS
from billhook.problems import Problem
from billhook.services.fields import Fields

MOST_LINES = 300
"""Lines that the page has inputs for; a longer draft is split by sections or percentages."""

OFFERED = 8
"""Parts that the page offers by letter; sections and percentages can make more."""

HOWS = ("lines", "sections", "percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was sent; a page that comes back shows it again."""

    how: str
    percents: str
    reason: str
    parts: Mapping[int, int]
    """By line number."""
    payers: Mapping[int, str]
    """References by the number of the part."""


def typed(form: Mapping[str, str], line_numbers: Sequence[int]) -> Typed:
    """Return what a form holds of numbered lines."""
    how = form.get("how", "lines")
    return Typed(
        how=how if how in HOWS else "lines",
        percents=form.get("percents", "50 / 50"),
        reason=form.get("reason", ""),
        parts={number: _part(form.get(f"part-{number}", "")) for number in line_numbers},
        payers={
            place: text for place in range(OFFERED) if (text := form.get(f"payer-{place}", ""))
        },
    )


def _part(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def read(given: Typed) -> tuple[Split | None, list[Problem]]:
    """Return how to split, or what is wrong with what was typed."""
    match given.how:
        case "sections":
            return BySection(), []
        case "percent":
            return _percents(given.percents)
    return ByLines(parts={number: part for number, part in given.parts.items() if part}), []


def _percents(text: str) -> tuple[Split | None, list[Problem]]:
    fields = Fields()
    found: list[Decimal] = []
    for word in re.split(r"[\s/;%]+", text.strip()):
        number = fields.number("percents", word, decimals=RATE_DECIMALS) if word else None
        if number is not None:
            found.append(number)
    if fields.problems:
        return None, fields.problems[:1]
    if not found:
        message = _("Enter percentages that sum to 100, such as 60 / 40.")
        return None, [Problem(code="split.percent", path="percents", message=message)]
    return ByPercent(percents=tuple(found)), []
