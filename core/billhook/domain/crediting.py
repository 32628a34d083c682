"""What a credit note takes back: never more than is left, by line and tax rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import (
    TaxGroup,
    component_taxes,
    effective_rate,
    included_taxes,
    nearest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """A line of the original: what it came to, and what of it is already credited."""

    line_no: int
    group_no: int
    net: int
    credited: int = 0
    gross: int | None = None
    """What it came to with its tax, on a document whose prices include it."""

    @property
    def left(self) -> int:
        return self.net - self.credited

    def price_of(self, net: int) -> int:
        """Return what a part of the line costs, with its share of the tax where prices hold it."""
        if self.gross is None or not self.net:
            return net
        return nearest(Fraction(self.gross * net, self.net))


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLeft:
    """A tax group of the original, and what credit notes have taken of it."""

    treatment: TaxTreatment
    adjustments: int  # signed sum of the document's allowances and surcharges in it
    taxes: tuple[int, ...]  # per component
    credited_adjustments: int = 0
    credited_taxes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCredit:
    """What a credit note takes of a group."""

    group_no: int
    group: TaxGroup
    adjustments: int


def credit_groups(
    lines: Sequence[LineLeft], groups: Sequence[GroupLeft], wanted: Mapping[int, int]
) -> list[GroupCredit]:
    """Return the tax groups of a credit of the given nets by line number.

    Where a group is used up, its credit takes all that is left of its tax, so that
    full credits mirror the original to the cent; else tax follows the rate, or the
    prices that include it, and never exceeds what is left. Allowances of the document go back in proportion.
    """
    found = []
    for number, group in enumerate(groups):
        members = [line for line in lines if line.group_no == number]
        credited = sum(wanted.get(line.line_no, 0) for line in members)
        if not any(line.line_no in wanted for line in members):
            continue
        is_used_up = all(line.left == wanted.get(line.line_no, 0) for line in members)
        adjustments = _adjustments(group, members, credited, is_used_up=is_used_up)
        net = credited + adjustments
        left = _left_of_taxes(group)
        taxes = left if is_used_up else _taxes(group, members, wanted, adjustments)
        found.append(
            GroupCredit(
                group_no=number,
                group=TaxGroup(
                    treatment=group.treatment,
                    net=net,
                    tax=_charged(group.treatment, taxes),
                    component_taxes=taxes,
                ),
                adjustments=adjustments,
            )
        )
    return found


def _adjustments(
    group: GroupLeft, members: Sequence[LineLeft], credited: int, *, is_used_up: bool
) -> int:
    left = group.adjustments - group.credited_adjustments
    if is_used_up or not left:
        return left
    whole = sum(line.net for line in members)
    if not whole:
        return 0
    rounded = round(Fraction(group.adjustments * credited, whole))
    return max(left, rounded) if left < 0 else min(left, rounded)


def _left_of_taxes(group: GroupLeft) -> tuple[int, ...]:
    before = group.credited_taxes or (0,) * len(group.taxes)
    return tuple(tax - done for tax, done in zip(group.taxes, before, strict=True))


def _taxes(
    group: GroupLeft, members: Sequence[LineLeft], wanted: Mapping[int, int], adjustments: int
) -> tuple[int, ...]:
    """Return the taxes of a part by their rates; where prices hold them, those that they hold."""
    treatment = group.treatment
    parts = {line: wanted[line.line_no] for line in members if line.line_no in wanted}
    net = sum(parts.values()) + adjustments
    if any(line.gross is None for line in members):
        by_rate = component_taxes(treatment, net)
    else:
        held = sum(line.price_of(part) - part for line, part in parts.items())
        held += nearest(adjustments * effective_rate(treatment))
        by_rate = included_taxes(treatment, held, net)
    return tuple(
        max(rest, tax) if rest < 0 else min(rest, tax)
        for rest, tax in zip(_left_of_taxes(group), by_rate, strict=True)
    )


def _charged(treatment: TaxTreatment, taxes: Sequence[int]) -> int:
    return sum(
        tax
        for component, tax in zip(treatment.components, taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    )
