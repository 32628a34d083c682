"""Price tables made ready for many quantities: where one falls, what is due before it.

All is exact: `EXACT` refuses to round. A quantity below zero is a return and costs
what the same quantity above zero costs, taken back.
"""

import decimal
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billhook.domain.pricing import PriceAnswer, PricePart
from billhook.money import plain

EXACT = decimal.Context(
    prec=120,
    Emin=-200,
    Emax=200,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow, decimal.Inexact],
)
"""Prices and quantities have 28 digits each; a product or sum that it cannot hold is a bug."""

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What a quantity costs that falls into one tier."""

    count: Callable[[Decimal], Decimal]
    """How many units, packages or times the price is due."""
    price: Decimal
    label: str
    size: Decimal = ONE
    """Units of a package: the base quantity of the price (BT-149)."""
    before: tuple[PricePart, ...] = ()
    """The parts of the tiers below, which are full."""
    after: tuple[PricePart, ...] = ()
    """The fixed fee of this tier."""
    fixed: Decimal = ZERO
    """What the parts before and after come to."""
    opening: str = ""
    closing: str = ""
    """What stands in the explanation before the count, and after it up to the total."""

    def amount(self, quantity: Decimal) -> Decimal:
        """Return what the quantity costs."""
        return EXACT.fma(self.count(quantity), self.price, self.fixed)

    def answer(self, quantity: Decimal, total: str) -> PriceAnswer:
        """Return all parts of what the quantity costs, with their sum and its total."""
        count = self.count(quantity)
        part = priced_part(count, self.price, self.label, self.size)
        return PriceAnswer(
            parts=(*self.before, part, *self.after),
            explanation=f"{self.opening}{number(count)}{self.closing}{total}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rungs of a price, and up to where each reaches."""

    ends: tuple[Decimal, ...]
    """The last quantity of each rung; the last rung has no end."""
    rungs: tuple[Rung, ...]
    bills_zero: bool
    """Whether a quantity of zero falls into the first rung, with its fixed price."""
    above_zero: Callable[[Sequence[Decimal]], list[Decimal]]
    """What quantities above zero cost: `on_lines` or `on_steps`."""

    def amounts(self, quantities: Sequence[Decimal]) -> list[Decimal]:
        """Return what each quantity costs: exact, in major units, before lines are rounded."""
        if min(quantities, default=ONE) > 0:
            return self.above_zero(quantities)
        return [self._amount(quantity) for quantity in quantities]

    def answers(self, quantities: Sequence[Decimal], currency: str) -> list[PriceAnswer]:
        """Answer each quantity; one that comes several times is worked out once."""
        distinct = list(dict.fromkeys(quantities))
        known = {
            quantity: self._answer(quantity, f"{number(amount)} {currency}")
            for quantity, amount in zip(distinct, self.amounts(distinct), strict=True)
        }
        return [known[quantity] for quantity in quantities]

    def _amount(self, quantity: Decimal) -> Decimal:
        if not quantity:
            return self.rungs[0].amount(ZERO) if self.bills_zero else ZERO
        (amount,) = self.above_zero([quantity.copy_abs()])
        return amount if quantity > 0 else EXACT.minus(amount)

    def _answer(self, quantity: Decimal, total: str) -> PriceAnswer:
        if quantity > 0:
            return self.rungs[bisect_left(self.ends, quantity)].answer(quantity, total)
        return self._taken_back(quantity, total) if quantity else self._answer_at_zero(total)

    def _taken_back(self, quantity: Decimal, total: str) -> PriceAnswer:
        there = self._answer(quantity.copy_abs(), total)
        return PriceAnswer(
            parts=tuple(
                replace(part, quantity=part.quantity.copy_negate()) for part in there.parts
            ),
            explanation=f"−({there.explanation.partition(' = ')[0]}) = {total}",
        )

    def _answer_at_zero(self, total: str) -> PriceAnswer:
        first = self.rungs[0]
        if self.bills_zero:
            return first.answer(ZERO, total)
        nothing = priced_part(ZERO, first.price, first.label, first.size)
        return PriceAnswer(parts=(nothing,), explanation=f"0 × {number(first.price)} = {total}")


def on_lines(
    ends: Sequence[Decimal],
    lines: Sequence[tuple[Decimal, Decimal]],
    quantities: Sequence[Decimal],
) -> list[Decimal]:
    """Return what quantities above zero cost where each rung is a line: slope and intercept.

    The context in force is `EXACT`, so that operators, which are fast, do not round.
    """
    with decimal.localcontext(EXACT):
        return [
            quantity * slope + intercept
            for quantity in quantities
            for slope, intercept in (lines[bisect_left(ends, quantity)],)
        ]


def on_steps(
    ends: Sequence[Decimal],
    steps: Sequence[tuple[Decimal, Decimal, Decimal, Decimal]],
    quantities: Sequence[Decimal],
) -> list[Decimal]:
    """Return what quantities above zero cost by started packages.

    Each rung is its start, size of a package, price of one, and what is fixed.
    """
    amounts: list[Decimal] = []
    with decimal.localcontext(EXACT):
        for quantity in quantities:
            start, size, price, fixed = steps[bisect_left(ends, quantity)]
            full, rest = divmod(quantity - start, size)
            amounts.append((full + 1 if rest else full) * price + fixed)
    return amounts


def priced_part(count: Decimal, price: Decimal, label: str, size: Decimal = ONE) -> PricePart:
    """Return so many units, or packages of a size, at a price each."""
    if size == 1:
        return PricePart(quantity=count, unit_price=price, description=label)
    return PricePart(
        quantity=EXACT.multiply(count, size),
        unit_price=price,
        base_quantity=size,
        description=label,
    )


def number(value: Decimal) -> str:
    """Write a number as `plain` does, and sooner."""
    text = str(value)
    if "E" in text:
        return plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
