"""What a person asks to credit, turned into nets by line: a quantity, a net, a gross.

All of it is counted by `credit_groups`, the calculator of the note itself. A gross
that whole minor units of tax cannot hit is undercut by the least.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billhook.domain.crediting import GroupLeft, LineLeft, credit_groups
from billhook.domain.totals import nearest
from billhook.money import spread


@dataclass(frozen=True, slots=True, kw_only=True)
class GrossShare:
    """So much with its tax, in minor units."""

    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetShare:
    """So much without tax, in minor units."""

    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityShare:
    """So many of the line's units, above zero."""

    quantity: Decimal


LineShare = int | None | GrossShare | QuantityShare
"""Of a line: a net in minor units, all that is left (None), a gross, a quantity."""

TotalShare = NetShare | GrossShare
"""Of the whole document, spread over its lines by what is left of each."""

_REACH = 3
"""How far rounding of groups can put a sum from its proportion, in minor units per group."""


def net_of_quantity(line: LineLeft, quantity: Decimal, whole: Decimal) -> int:
    """Return what a part of a line's quantity comes to, the last cent of the line included."""
    net = nearest(Fraction(line.net) * Fraction(quantity) / Fraction(abs(whole)))
    return line.left if 0 < abs(net) - abs(line.left) <= 1 else net


def net_of_gross(
    line: LineLeft, lines: Sequence[LineLeft], groups: Sequence[GroupLeft], gross: int
) -> int:
    """Return the net of a line whose credit with its tax comes to the gross, or just below.

    More than is left where the gross is more than that.
    """
    most = _gross(lines, groups, {line.line_no: line.left})
    if not most:
        return 0
    if abs(gross) > abs(most):
        return 2 * line.left
    about = nearest(Fraction(line.left * gross, most))
    return _closest(
        about,
        gross,
        _REACH,
        lambda net: _gross(lines, groups, {line.line_no: net}),
        within=(min(0, line.left), max(0, line.left)),
    )


def nets_of_total(
    lines: Sequence[LineLeft], groups: Sequence[GroupLeft], share: TotalShare
) -> dict[int, int]:
    """Return nets by line that come to a net or gross of the whole, or just below.

    Lines take part by what is left of them; minor units left over go by largest
    remainder. Lines that get nothing are left out.
    """
    rest = {line.line_no: line.left for line in lines}
    count = _gross if isinstance(share, GrossShare) else _net
    wanted = share.gross if isinstance(share, GrossShare) else share.net
    all_left, most = sum(rest.values()), count(lines, groups, rest)
    if wanted == most or not most:
        return rest if wanted else {}
    chosen = _closest(
        nearest(Fraction(all_left * wanted, most)),
        wanted,
        _REACH * len(groups),
        lambda net: count(lines, groups, _spread(net, rest)),
        within=(0, all_left),
    )
    return {number: net for number, net in _spread(chosen, rest).items() if net}


def _spread(net: int, rest: Mapping[int, int]) -> dict[int, int]:
    return dict(zip(rest, spread(net, list(rest.values())), strict=True))


def _closest(
    about: int,
    wanted: int,
    reach: int,
    count: Callable[[int], int],
    *,
    within: tuple[int, int],
) -> int:
    """Return the net near `about` that counts to what is wanted, else to the most below it."""
    low, high = within
    near = range(max(low, about - reach), min(high, about + reach) + 1)
    found = {net: count(net) for net in near}
    below = [net for net, sum_ in found.items() if abs(sum_) <= abs(wanted)]
    return max(below, key=lambda net: (abs(found[net]), -abs(net)), default=0)


def _net(lines: Sequence[LineLeft], groups: Sequence[GroupLeft], wanted: Mapping[int, int]) -> int:
    return sum(one.group.net for one in credit_groups(lines, groups, wanted))


def _gross(
    lines: Sequence[LineLeft], groups: Sequence[GroupLeft], wanted: Mapping[int, int]
) -> int:
    taken = credit_groups(lines, groups, wanted)
    return sum(one.group.net + one.group.tax for one in taken)
