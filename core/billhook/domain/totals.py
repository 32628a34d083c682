"""The one calculator: screen, file, interface and ledger show what it returns.

Amounts are whole minor units of the document's currency. Rounding happens in
named places: a line's net once, and tax once per group (EN 16931 BG-23) or, by
the tenant's option, once per line. Rules: EN 16931-1 BR-CO-10 to BR-CO-17.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from billhook.domain.states import TaxRounding
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.money import CONTEXT, minor_digits, round_half_away, settle

_HUNDRED = Decimal(100)


class AdjustmentKind(StrEnum):
    ALLOWANCE = "allowance"  # BG-20, BG-27: takes off
    SURCHARGE = "surcharge"  # BG-21, BG-28: adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A discount or surcharge: a percent of the unrounded product, or an amount."""

    kind: AdjustmentKind
    reason: str  # BT-97, BT-104, BT-139, BT-144
    percent: Decimal | None = None  # BT-94, BT-101, BT-138, BT-143
    amount: int | None = None  # BT-92, BT-99, BT-136, BT-141, minor units

    def on(self, base: Decimal, digits: int) -> Decimal:
        """Return the signed effect on an unrounded base, in major units."""
        if self.percent is not None:
            value = CONTEXT.divide(CONTEXT.multiply(base, self.percent), _HUNDRED)
        else:
            value = Decimal(self.amount or 0).scaleb(-digits, CONTEXT)
        return -value if self.kind is AdjustmentKind.ALLOWANCE else value


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsOptions:
    """What a tenant chooses about rounding."""

    tax_rounding: TaxRounding = TaxRounding.GROUP
    prices_include_tax: bool = False
    cash_rounding: int = 0
    """Payable is rounded to a multiple of this many minor units; 0 leaves it (CH: 5)."""


PLAIN_OPTIONS = TotalsOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxedAmount:
    """A line, or an allowance or surcharge of the whole document, before its tax.

    `amount` is signed: an allowance of the document is negative. It is net, or
    gross where the tenant's prices include tax.
    """

    amount: int
    treatment: TaxTreatment


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroup:
    """BG-23: all that is taxed alike."""

    treatment: TaxTreatment
    net: int  # BT-116
    tax: int  # BT-117, without withholding
    component_taxes: tuple[int, ...]  # per component of the treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """BG-22, and the net of each amount that was given, in its order."""

    nets: tuple[int, ...]
    net: int  # BT-109
    tax: int  # BT-110
    gross: int  # BT-112
    rounding: int  # BT-114
    prepaid: int  # BT-113
    payable: int  # BT-115
    groups: tuple[TaxGroup, ...]


def line_amount(
    quantity: Decimal,
    unit_price: Decimal,
    currency: str,
    *,
    base_quantity: Decimal = Decimal(1),
    adjustments: Sequence[Adjustment] = (),
) -> int:
    """Return quantity × unit price ÷ base quantity − allowances + charges, rounded once (BT-131).

    Percent adjustments apply to the unrounded product.
    """
    digits = minor_digits(currency)
    product = CONTEXT.multiply(quantity, unit_price)
    if base_quantity != 1:
        product = CONTEXT.divide(product, base_quantity)
    value = product
    for adjustment in adjustments:
        value = CONTEXT.add(value, adjustment.on(product, digits))
    return round_half_away(value, digits)


def document_totals(
    amounts: Sequence[TaxedAmount],
    *,
    options: TotalsOptions = PLAIN_OPTIONS,
    prepaid: int = 0,
) -> Totals:
    """Group the amounts by treatment, tax each group, and add up."""
    nets = [amount.amount for amount in amounts]
    groups: list[TaxGroup] = []
    for treatment, indexes in _grouped(amounts):
        group, group_nets = _tax_group(treatment, [nets[i] for i in indexes], options)
        groups.append(group)
        for index, net in zip(indexes, group_nets, strict=True):
            nets[index] = net
    net = sum(nets)
    tax = sum(group.tax for group in groups)
    due = net + tax - prepaid
    rounding = cash_rounded(due, options.cash_rounding) - due
    return Totals(
        nets=tuple(nets),
        net=net,
        tax=tax,
        gross=net + tax,
        rounding=rounding,
        prepaid=prepaid,
        payable=due + rounding,
        groups=tuple(groups),
    )


def cash_rounded(amount: int, increment: int) -> int:
    """Round to a multiple of the increment, ties away from zero; 0 means no rounding."""
    if increment <= 1:
        return amount
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) + increment) // (2 * increment) * increment)


def _grouped(amounts: Sequence[TaxedAmount]) -> list[tuple[TaxTreatment, list[int]]]:
    """Return each treatment with the places it is at, in order of first appearance."""
    if len({id(amount.treatment) for amount in amounts}) == 1:
        return [(amounts[0].treatment, list(range(len(amounts))))]
    places: dict[TaxTreatment, list[int]] = {}
    for index, amount in enumerate(amounts):
        places.setdefault(amount.treatment, []).append(index)
    return list(places.items())


def _tax_group(
    treatment: TaxTreatment, amounts: list[int], options: TotalsOptions
) -> tuple[TaxGroup, list[int]]:
    nets = _without_tax(treatment, amounts, options) if options.prices_include_tax else amounts
    net = sum(nets)
    if options.prices_include_tax:
        taxes = included_taxes(treatment, sum(amounts) - net, net)
    elif options.tax_rounding is TaxRounding.LINE:
        by_line = [component_taxes(treatment, line) for line in nets]
        taxes = tuple(sum(column) for column in zip(*by_line, strict=True))
    else:
        taxes = component_taxes(treatment, net)
    tax = sum(
        amount
        for component, amount in zip(treatment.components, taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    )
    return TaxGroup(treatment=treatment, net=net, tax=tax, component_taxes=taxes), nets


def component_taxes(treatment: TaxTreatment, net: int) -> tuple[int, ...]:
    """Return round(base × rate ÷ 100) per component; compound bases hold the taxes before."""
    taxes: list[int] = []
    charged = 0
    for component in treatment.components:
        base = net + charged if component.kind is ComponentKind.COMPOUND else net
        tax = round_half_away(CONTEXT.multiply(Decimal(base), component.rate), -2)
        taxes.append(tax)
        if component.kind is not ComponentKind.WITHHOLDING:
            charged += tax
    return tuple(taxes)


def _without_tax(treatment: TaxTreatment, amounts: list[int], options: TotalsOptions) -> list[int]:
    """Take the tax out of gross amounts: the group's gross stays fixed."""
    factor = 1 + effective_rate(treatment)
    shares = [Fraction(amount) / factor for amount in amounts]
    if options.tax_rounding is TaxRounding.LINE:
        return [a - nearest(Fraction(a) - s) for a, s in zip(amounts, shares, strict=True)]
    gross = sum(amounts)
    tax = nearest(Fraction(gross) - Fraction(gross) / factor)
    return settle(gross - tax, shares)


def effective_rate(treatment: TaxTreatment) -> Fraction:
    """Return the share of net that all taxes together add, compound ones resolved."""
    added = Fraction(0)
    for component in treatment.components:
        rate = Fraction(component.rate) / 100
        if component.kind is ComponentKind.COMPOUND:
            added += rate * (1 + added)
        elif component.kind is ComponentKind.PLAIN:
            added += rate
    return added


def included_taxes(treatment: TaxTreatment, tax: int, net: int) -> tuple[int, ...]:
    """Place a known tax on the components; withholding is counted from the net."""
    exact: list[Fraction] = []
    charged = Fraction(0)
    for component in treatment.components:
        rate = Fraction(component.rate) / 100
        base = 1 + charged if component.kind is ComponentKind.COMPOUND else Fraction(1)
        exact.append(rate * base)
        if component.kind is not ComponentKind.WITHHOLDING:
            charged += rate * base
    kept = [c.kind is ComponentKind.WITHHOLDING for c in treatment.components]
    weights = [share for share, is_kept in zip(exact, kept, strict=True) if not is_kept]
    whole = sum(weights)
    parts = iter(settle(tax, [tax * w / whole for w in weights]) if whole else [0] * len(weights))
    return tuple(
        nearest(net * share) if is_kept else next(parts)
        for share, is_kept in zip(exact, kept, strict=True)
    )


def nearest(value: Fraction) -> int:
    """Round a fraction of minor units, ties away from zero."""
    sign = -1 if value < 0 else 1
    whole = abs(value)
    return sign * ((2 * whole.numerator + whole.denominator) // (2 * whole.denominator))
