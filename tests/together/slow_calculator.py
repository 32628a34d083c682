"""What a bill comes to, worked out once more: with fractions, by the rules and not by the code.

Sources of the rules: EN 16931-1 BR-CO-10, 13, 14, 15 and 17 for sums and taxes;
docs of the product for what the standard leaves open: one rounding a line, half
away from zero; tax once per rate or per line; tax taken out of a group's gross;
left-over units to the largest remainders, the first of equals first; turned
around where the total is negative, so that a credit note mirrors its invoice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billhook.domain.bills import Bill
from billhook.domain.states import TaxRounding
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions

DIGITS = {"JPY": 0, "ISK": 0, "KWD": 3, "TND": 3}  # ISO 4217; two for the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Minor units, signed as the bill is."""

    lines: tuple[int, ...]
    net: int
    tax: int
    rounding: int
    payable: int
    by_treatment: dict[TaxTreatment, tuple[int, int]]
    """Net and tax."""


def half_away(value: Fraction) -> int:
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def shares(total: int, exact: Sequence[Fraction]) -> list[int]:
    """Give each its share in whole units; they sum to the total. A mirror image has mirrored shares."""
    first = [amount for amount in (total, *exact) if amount != 0][:1]
    sign = -1 if first and first[0] < 0 else 1
    wanted = [sign * share for share in exact]
    floors = [share.numerator // share.denominator for share in wanted]
    left = sign * total - sum(floors)
    places = sorted(
        range(len(wanted)), key=lambda place: wanted[place] - floors[place], reverse=True
    )
    return [
        sign * (floor + (1 if place in places[:left] else 0)) for place, floor in enumerate(floors)
    ]


def sums(bill: Bill, treatments: Sequence[TaxTreatment], options: TotalsOptions) -> Sums:
    unit = 10 ** DIGITS.get(bill.currency, 2)
    amounts = [
        half_away(
            _adjusted(
                Fraction(line.quantity) * Fraction(line.unit_price) / Fraction(line.base_quantity),
                line.adjustments,
                unit,
            )
            * unit
        )
        for line in bill.lines
    ]
    taxed = list(zip(amounts, treatments, strict=True))
    order = list(dict.fromkeys(treatments))
    of_group = [sum(amount for amount, found in taxed if found == group) for group in order]
    whole = sum(of_group)
    for adjustment in bill.adjustments:
        effect = half_away(_effect(adjustment, Fraction(whole, unit), unit) * unit)
        if whole:
            parts = shares(effect, [Fraction(effect * part, whole) for part in of_group])
        else:
            parts = [effect, *([0] * (len(order) - 1))]
        taxed += zip(parts, order, strict=True)
    nets = [0] * len(taxed)
    by_treatment = {}
    for group in order:
        places = [place for place, (_amount, found) in enumerate(taxed) if found == group]
        group_nets, tax = _taxed(group, [taxed[place][0] for place in places], options)
        for place, net in zip(places, group_nets, strict=True):
            nets[place] = net
        by_treatment[group] = (sum(group_nets), tax)
    net, tax = sum(nets), sum(tax for _net, tax in by_treatment.values())
    payable = _to_coins(net + tax, options.cash_rounding)
    return Sums(
        lines=tuple(nets[: len(bill.lines)]),
        net=net,
        tax=tax,
        rounding=payable - net - tax,
        payable=payable,
        by_treatment=by_treatment,
    )


def _adjusted(base: Fraction, adjustments: Sequence[Adjustment], unit: int) -> Fraction:
    return base + sum(_effect(adjustment, base, unit) for adjustment in adjustments)


def _effect(adjustment: Adjustment, base: Fraction, unit: int) -> Fraction:
    if adjustment.percent is not None:
        value = base * Fraction(adjustment.percent) / 100
    else:
        value = Fraction(adjustment.amount or 0, unit)
    return -value if adjustment.kind is AdjustmentKind.ALLOWANCE else value


def _taxed(
    treatment: TaxTreatment, amounts: list[int], options: TotalsOptions
) -> tuple[list[int], int]:
    """Return nets and tax of all that is taxed alike."""
    by_line = options.tax_rounding is TaxRounding.LINE
    if options.prices_include_tax:
        rate = _rate(treatment)
        if by_line:
            taxes = [half_away(amount * rate / (1 + rate)) for amount in amounts]
            nets = [amount - tax for amount, tax in zip(amounts, taxes, strict=True)]
            return nets, sum(taxes)
        gross = sum(amounts)
        tax = half_away(gross * rate / (1 + rate))
        return shares(gross - tax, [Fraction(amount) / (1 + rate) for amount in amounts]), tax
    if by_line:
        return amounts, sum(_tax(treatment, amount) for amount in amounts)
    return amounts, _tax(treatment, sum(amounts))


def _rate(treatment: TaxTreatment) -> Fraction:
    rate = Fraction(0)
    for component in treatment.components:
        on = 1 + rate if component.kind is ComponentKind.COMPOUND else Fraction(1)
        rate += on * Fraction(component.rate) / 100
    return rate


def _tax(treatment: TaxTreatment, net: int) -> int:
    tax = 0
    for component in treatment.components:
        base = net + tax if component.kind is ComponentKind.COMPOUND else net
        tax += half_away(base * Fraction(component.rate) / 100)
    return tax


def _to_coins(amount: int, coin: int) -> int:
    return half_away(Fraction(amount, coin)) * coin if coin else amount
