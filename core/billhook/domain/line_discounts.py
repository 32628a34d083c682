"""Discounts and surcharges of a whole bill move to its lines, so that nothing else is touched.

A percent of the whole would act on whatever stands beside the lines later, and a
fixed amount would follow them nowhere. On the lines, both stay what they were: each
tax group and the whole keep their sums exactly.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from billhook.domain.bills import BillLine, document_adjustment_parts
from billhook.domain.totals import Adjustment, AdjustmentKind, line_amount
from billhook.money import spread, to_major


def on_lines(
    lines: Sequence[BillLine],
    adjustments: Sequence[Adjustment],
    currency: str,
    *,
    groups: Sequence[int],
) -> tuple[BillLine, ...]:
    """Return the lines with the whole bill's adjustments upon them; `groups` are their tax groups."""
    amounts = [line.amount for line in lines]
    places = _places(groups)
    sums = [sum(amounts[i] for i in members) for members in places]
    changed = list(lines)
    for adjustment in adjustments:
        parts = document_adjustment_parts(adjustment, sums, currency)
        for part, members in zip(parts, places, strict=True):
            _change(changed, members, amounts, part, adjustment.reason, currency)
    return tuple(changed)


def by_group(
    lines: Sequence[BillLine],
    targets: Sequence[int],
    reason: str,
    currency: str,
    *,
    groups: Sequence[int],
) -> tuple[BillLine, ...]:
    """Return the lines changed so that each tax group comes to its target exactly.

    Each line's group is a place in `targets`.
    """
    amounts = [line.amount for line in lines]
    changed = list(lines)
    for number, target in enumerate(targets):
        members = [i for i, group in enumerate(groups) if group == number]
        missing = target - sum(amounts[i] for i in members)
        _change(changed, members, amounts, missing, reason, currency)
    return tuple(changed)


def _places(groups: Sequence[int]) -> list[list[int]]:
    """Return the places of each group's lines, groups in the order of their numbers."""
    found: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(group, []).append(place)
    return [found[group] for group in sorted(found)]


def _change(
    lines: list[BillLine],
    members: Sequence[int],
    amounts: Sequence[int],
    part: int,
    reason: str,
    currency: str,
) -> None:
    """Spread a part over some of the lines by what they come to."""
    shares = spread(part, [abs(amounts[i]) for i in members])
    for place, share in zip(members, shares, strict=True):
        lines[place] = changed_by(lines[place], share, reason, currency)


def changed_by(line: BillLine, amount: int, reason: str, currency: str) -> BillLine:
    """Return the line with a discount or surcharge of so many minor units, signed.

    Where the line's own rounding would swallow or add one of them, it becomes a line
    of one amount first.
    """
    if not amount:
        return line
    kind = AdjustmentKind.ALLOWANCE if amount < 0 else AdjustmentKind.SURCHARGE
    added = Adjustment(kind=kind, reason=reason, amount=abs(amount))
    changed = with_adjustments(line, (*line.adjustments, added), currency)
    if changed.amount == line.amount + amount:
        return changed
    return with_adjustments(as_amount(line, line.amount, currency), (added,), currency)


def with_adjustments(
    line: BillLine, adjustments: tuple[Adjustment, ...], currency: str
) -> BillLine:
    """Return the line with these adjustments in place of its own, and what it comes to then."""
    amount = line_amount(
        line.quantity,
        line.unit_price,
        currency,
        base_quantity=line.base_quantity,
        adjustments=adjustments,
    )
    return replace(line, adjustments=adjustments, amount=amount)


def as_amount(line: BillLine, amount: int, currency: str) -> BillLine:
    """Return the line as one piece that costs so many minor units; prices stay positive."""
    return replace(
        line,
        quantity=Decimal(1 if amount >= 0 else -1),
        unit_price=abs(to_major(amount, currency)),
        base_quantity=Decimal(1),
        adjustments=(),
        amount=amount,
    )
