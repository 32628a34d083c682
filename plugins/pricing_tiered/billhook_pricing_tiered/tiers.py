"""Tiers as people write them: ``0-100: 10; 101-500: 8 + 25; 501-: 6``.

A tier reaches from above the end of the one before it up to its own end, which it
includes. So 100.5 units are in the second tier here, whether that is written
``101-500`` or ``100-500``: its first number tells what people read, and is checked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billhook.errors import BadNumber
from billhook.money import PRICE_DECIMALS, QUANTITY_DECIMALS, parse_decimal, plain
from billhook.problems import Problem
from billhook_pricing_tiered.texts import gettext as _

MOST_TIERS = 50
LARGEST = Decimal(10) ** 18
"""Quantities stay below it, so that what is left of one above a tier fits its 28 digits."""

_RANGE = re.compile(r"([0-9.,]+)\s*(?:[-–]\s*([0-9.,]*)|\+)")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One range of quantities, as it was written."""

    first: Decimal
    last: Decimal | None
    """Included in the tier; None has no end."""
    price: Decimal
    fee: Decimal = _ZERO

    @property
    def text(self) -> str:
        """What it covers, as people write it: ``101-500`` or ``501-``."""
        return f"{plain(self.first)}-{'' if self.last is None else plain(self.last)}"


def read_tiers(text: str) -> tuple[tuple[Tier, ...], tuple[Problem, ...]]:
    """Return the tiers; or none, and everything that keeps the text from being tiers."""
    pieces = [piece for piece in text.split(";") if piece.strip()]
    if not pieces:
        return (), (_missing(),)
    if len(pieces) > MOST_TIERS:
        return (), (_too_many(len(pieces)),)
    tiers: list[Tier] = []
    problems: list[Problem] = []
    for number, piece in enumerate(pieces, start=1):
        try:
            tiers.append(_tier(piece.strip()))
        except BadNumber as error:
            problems.append(_unreadable(number, piece, error.message))
        except _Malformed:
            problems.append(_malformed(number, piece))
    problems = problems or list(_complaints(tiers))
    return (() if problems else tuple(tiers)), tuple(problems)


class _Malformed(Exception):
    """A piece of the text has not the shape of a tier."""


def _tier(piece: str) -> Tier:
    covered, colon, price = piece.partition(":")
    found = _RANGE.fullmatch(covered.strip())
    if not found or not colon:
        raise _Malformed
    first, last = found.groups()
    price, plus, fee = price.partition("+")
    return Tier(
        first=parse_decimal(first, decimals=QUANTITY_DECIMALS),
        last=parse_decimal(last, decimals=QUANTITY_DECIMALS) if last else None,
        price=parse_decimal(price.strip(), decimals=PRICE_DECIMALS),
        fee=parse_decimal(fee.strip(), decimals=PRICE_DECIMALS) if plus else _ZERO,
    )


def _complaints(tiers: Sequence[Tier]) -> Iterator[Problem]:
    """Find what is wrong with tiers that can be read each by itself."""
    for number, tier in enumerate(tiers, start=1):
        if min(tier.price, tier.fee) < 0:
            yield _below_zero(number, tier)
        if max(tier.first, tier.last or _ZERO) >= LARGEST:
            yield _too_large(number, tier)
    if tiers[0].first not in (0, 1):
        yield _bad_start(tiers[0])
    yield from _misplaced(tiers)
    if tiers[-1].last is not None:
        yield _no_open_tier(len(tiers), tiers[-1].last)


def _misplaced(tiers: Sequence[Tier]) -> Iterator[Problem]:
    """Find the tiers that do not begin where those before them end."""
    reach = _ZERO
    for number, tier in enumerate(tiers, start=1):
        if number > 1 and tiers[number - 2].last is None:
            yield _open_before_last(number - 1, tiers[number - 2])
        elif tier.last is not None and (tier.last < tier.first or tier.last <= reach):
            yield _empty(number, tier)
        elif number > 1 and tier.first < reach:
            yield _overlap(number, tier, reach)
        elif number > 1 and tier.first not in (reach, reach + 1):
            yield _gap(number, tier, reach)
        reach = max(reach, tier.last or reach)


def tier_problem(code: str, message: str) -> Problem:
    """Return a problem of the parameter ``tiers``."""
    return Problem(code=f"pricing_tiered.{code}", path="tiers", message=message)


def _missing() -> Problem:
    return tier_problem(
        "tiers_missing",
        _(
            "The price has no “tiers”. Write them like 0-100: 10; 101-500: 8; 501-: 6, in a file "
            "in the column parameter_tiers."
        ),
    )


def _too_many(count: int) -> Problem:
    return tier_problem(
        "tiers_too_many",
        _(
            "The price has %(count)s tiers, more than %(most)s. Join some of them.",
            count=count,
            most=MOST_TIERS,
        ),
    )


def _malformed(number: int, piece: str) -> Problem:
    return tier_problem(
        "tier_malformed",
        _(
            "Tier %(number)s, “%(piece)s”, cannot be read. Write from, to and price like "
            "1-100: 10, and the last tier like 101-: 8. Tiers are parted by a semicolon.",
            number=number,
            piece=piece.strip()[:40],
        ),
    )


def _unreadable(number: int, piece: str, why: str) -> Problem:
    return tier_problem(
        "tier_number_malformed",
        _(
            "In tier %(number)s, “%(piece)s”, a number cannot be read. %(why)s",
            number=number,
            piece=piece.strip()[:40],
            why=why,
        ),
    )


def _below_zero(number: int, tier: Tier) -> Problem:
    return tier_problem(
        "tier_below_zero",
        _(
            "Tier %(number)s, %(tier)s, has a price or fee below zero. To give money back, credit "
            "the document, or add a charge with a negative quantity.",
            number=number,
            tier=tier.text,
        ),
    )


def _too_large(number: int, tier: Tier) -> Problem:
    return tier_problem(
        "tier_too_large",
        _(
            "Tier %(number)s, %(tier)s, reaches beyond the quantities that can be billed, which "
            "have at most 18 digits before the point. Leave its end open.",
            number=number,
            tier=tier.text,
        ),
    )


def _bad_start(tier: Tier) -> Problem:
    return tier_problem(
        "tiers_start",
        _(
            "The first tier begins at %(first)s. Begin at 0, or at 1 where a quantity of zero is "
            "to cost nothing, not even a fixed price.",
            first=plain(tier.first),
        ),
    )


def _open_before_last(number: int, tier: Tier) -> Problem:
    return tier_problem(
        "tier_open",
        _(
            "Tier %(number)s, %(tier)s, has no end, and another tier follows it. Write where it "
            "ends, or move it to the end.",
            number=number,
            tier=tier.text,
        ),
    )


def _empty(number: int, tier: Tier) -> Problem:
    return tier_problem(
        "tier_empty",
        _(
            "Tier %(number)s, %(tier)s, ends before it begins. Order the tiers from the smallest "
            "quantity to the largest.",
            number=number,
            tier=tier.text,
        ),
    )


def _overlap(number: int, tier: Tier, reach: Decimal) -> Problem:
    return tier_problem(
        "tier_overlap",
        _(
            "Tier %(number)s, %(tier)s, overlaps the one before it, which reaches to %(reach)s. "
            "Let it begin at %(first)s.",
            number=number,
            tier=tier.text,
            reach=plain(reach),
            first=plain(reach + 1),
        ),
    )


def _gap(number: int, tier: Tier, reach: Decimal) -> Problem:
    return tier_problem(
        "tier_gap",
        _(
            "No tier covers what lies between %(reach)s and tier %(number)s, %(tier)s. Let it "
            "begin at %(first)s.",
            reach=plain(reach),
            number=number,
            tier=tier.text,
            first=plain(reach + 1),
        ),
    )


def _no_open_tier(number: int, last: Decimal) -> Problem:
    return tier_problem(
        "tiers_end",
        _(
            "No tier covers more than %(last)s. Let tier %(number)s have no end, or add one, such "
            "as %(next)s-: 5.",
            last=plain(last),
            number=number,
            next=plain(last + 1),
        ),
    )
