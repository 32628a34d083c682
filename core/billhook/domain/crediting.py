"""What a credit note takes back: never more than is left, by line and tax rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import TaxGroup, component_taxes


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeft:
    """A line of the original: what it came to, and what of it is already credited."""

    line_no: int
    group_no: int
    net: int
    credited: int = 0

    @property
    def left(self) -> int:
        return self.net - self.credited


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
    full credits mirror the original to the cent; else tax follows the rate and
    never exceeds what is left. Allowances of the document go back in proportion.
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
        taxes = _taxes(group, net, is_used_up=is_used_up)
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


def _taxes(group: GroupLeft, net: int, *, is_used_up: bool) -> tuple[int, ...]:
    before = group.credited_taxes or (0,) * len(group.taxes)
    left = tuple(tax - done for tax, done in zip(group.taxes, before, strict=True))
    if is_used_up:
        return left
    by_rate = component_taxes(group.treatment, net)
    return tuple(
        max(rest, tax) if rest < 0 else min(rest, tax)
        for rest, tax in zip(left, by_rate, strict=True)
    )


def _charged(treatment: TaxTreatment, taxes: Sequence[int]) -> int:
    return sum(
        tax
        for component, tax in zip(treatment.components, taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    )
