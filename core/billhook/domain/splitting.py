"""Lines go apart into parts that sum to the whole: by line, by section, by percentage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from string import ascii_uppercase

from billhook.domain.bills import BillLine
from billhook.domain.line_discounts import as_amount, with_adjustments
from billhook.domain.totals import Adjustment
from billhook.limits import CODE, TEXT
from billhook.money import CONTEXT, QUANTITY_DECIMALS, fits, plain, spread

MOST_PARTS = len(ascii_uppercase)
"""Parts are lettered."""

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLines:
    """Chosen lines go to further parts; all others stay in the first."""

    parts: Mapping[int, int]
    """Number of the part, 0 the first, by line number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BySection:
    """Each section becomes a part, in order of first appearance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPercent:
    """Each line is in each part, by these percentages; they sum to 100."""

    percents: tuple[Decimal, ...]


Split = ByLines | BySection | ByPercent


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """A line of a part, and the number of the line that it is or is part of."""

    line_no: int
    line: BillLine


Part = tuple[PartLine, ...]


def divide(lines: Mapping[int, BillLine], how: Split, currency: str) -> list[Part]:
    """Return the parts of numbered lines; for each line and in all they sum to the whole."""
    match how:
        case ByLines(parts=chosen):
            return _apart(lines, {number: chosen.get(number, 0) for number in lines})
        case BySection():
            return _apart(lines, sections(lines))
        case ByPercent(percents=percents):
            return _shared(lines, percents, currency)


def sections(lines: Mapping[int, BillLine]) -> dict[int, int]:
    """Return the place of each line's section among the sections, by line number."""
    places: dict[tuple[str, str], int] = {}
    return {
        number: places.setdefault((line.section_key, line.section_label), len(places))
        for number, line in lines.items()
    }


def _apart(lines: Mapping[int, BillLine], parts: Mapping[int, int]) -> list[Part]:
    numbers = sorted(set(parts.values()))
    return [
        tuple(
            PartLine(line_no=number, line=line)
            for number, line in lines.items()
            if parts[number] == part
        )
        for part in numbers
    ]


def _shared(
    lines: Mapping[int, BillLine], percents: Sequence[Decimal], currency: str
) -> list[Part]:
    columns = {number: shares(line, percents, currency) for number, line in lines.items()}
    return [
        tuple(PartLine(line_no=number, line=column[part]) for number, column in columns.items())
        for part in range(len(percents))
    ]


def shares(line: BillLine, percents: Sequence[Decimal], currency: str) -> list[BillLine]:
    """Return the line's share for each percentage; minor units left over go by largest remainder.

    A share has its part of the quantity where that is exact and comes to its amount;
    else it is one piece of that amount, and its description says the percentage.
    """
    amounts = spread(line.amount, percents)
    adjustments = _adjustments(line, percents)
    return [
        _share(line, percent, amount, own, currency)
        for percent, amount, own in zip(percents, amounts, adjustments, strict=True)
    ]


def _adjustments(line: BillLine, percents: Sequence[Decimal]) -> list[tuple[Adjustment, ...]]:
    """Return the adjustments of each share: percents as they are, fixed amounts shared out."""
    columns = [
        [item] * len(percents)
        if item.amount is None
        else [replace(item, amount=amount) for amount in spread(item.amount, percents)]
        for item in line.adjustments
    ]
    return [
        tuple(column[part] for column in columns if column[part].amount != 0)
        for part in range(len(percents))
    ]


def _share(
    line: BillLine,
    percent: Decimal,
    amount: int,
    adjustments: tuple[Adjustment, ...],
    currency: str,
) -> BillLine:
    quantity = CONTEXT.divide(CONTEXT.multiply(line.quantity, percent), _HUNDRED)
    if quantity and fits(quantity, decimals=QUANTITY_DECIMALS):
        share = with_adjustments(replace(line, quantity=quantity), adjustments, currency)
        if share.amount == amount:
            return share
    described = f"{line.description} – {plain(percent)} %"
    piece = as_amount(line, amount, currency)
    return replace(piece, description=described) if len(described) <= TEXT else piece


def letter(part: int) -> str:
    """Return how a part is called: A, B, C, …"""
    return ascii_uppercase[part]


def part_reference(base: str, part: int) -> str:
    """Return the reference of a part, such as INV-2026-0012-A."""
    return f"{base[: CODE - 2]}-{letter(part)}"
