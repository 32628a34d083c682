"""The calculator, against figures worked by hand and against a slow one of another make."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.states import TaxRounding
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.domain.totals import (
    Adjustment,
    AdjustmentKind,
    TaxedAmount,
    TotalsOptions,
    cash_rounded,
    document_totals,
    line_amount,
)

TODAY = date(2026, 11, 20)


def vat(rate: str) -> TaxTreatment:
    return TaxTreatment(
        components=(TaxComponent(tax="VAT", country="DE", rate=Decimal(rate)),),
        category="S" if rate != "0" else "Z",
    )


STANDARD, REDUCED, ZERO = vat("19"), vat("7"), vat("0")


def taxed(*pairs):
    return [TaxedAmount(amount=amount, treatment=treatment) for amount, treatment in pairs]


def allowance(**how):
    return Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Loyalty", **how)


def surcharge(**how):
    return Adjustment(kind=AdjustmentKind.SURCHARGE, reason="Freight", **how)


@pytest.mark.parametrize(
    ("quantity", "price", "base", "adjustments", "currency", "amount"),
    [
        ("6", "2.55", "1", (), "GBP", 1530),
        ("3", "0.333333333333", "1", (), "EUR", 100),  # 0.999999999999
        ("1", "0.005", "1", (), "EUR", 1),
        ("-1", "0.005", "1", (), "EUR", -1),
        ("2500", "1.25", "1000", (), "EUR", 313),  # 3.125
        ("3", "99.995", "1", (allowance(percent=Decimal(10)),), "EUR", 26999),  # 299.985 - 29.9985
        ("1", "100", "1", (allowance(amount=1000), surcharge(amount=250)), "EUR", 9250),
        ("3", "33.5", "1", (), "JPY", 101),  # 100.5
        ("1", "1.0005", "1", (), "KWD", 1001),
    ],
)
def test_a_line_is_rounded_once(quantity, price, base, adjustments, currency, amount):
    assert amount == line_amount(
        Decimal(quantity),
        Decimal(price),
        currency,
        base_quantity=Decimal(base),
        adjustments=adjustments,
    )


def test_tax_is_rounded_once_per_group():
    # Three lines of 0.05 at 19 %: 0.15 × 0.19 = 0.0285 → 0.03; by line 3 × 0.01 = 0.03.
    # Three lines of 0.02: 0.06 × 0.19 = 0.0114 → 0.01; by line 3 × 0.00 = 0.
    amounts = taxed((2, STANDARD), (2, STANDARD), (2, STANDARD))
    assert document_totals(amounts).tax == 1
    by_line = TotalsOptions(tax_rounding=TaxRounding.LINE)
    assert document_totals(amounts, options=by_line).tax == 0


def test_groups_stand_in_order_of_first_appearance():
    totals = document_totals(taxed((1000, REDUCED), (500, STANDARD), (1000, REDUCED)))
    assert [(g.treatment, g.net, g.tax) for g in totals.groups] == [
        (REDUCED, 2000, 140),
        (STANDARD, 500, 95),
    ]
    assert (totals.net, totals.tax, totals.gross) == (2500, 235, 2735)


def test_compound_tax_is_on_net_and_the_tax_before():
    # Québec until 2012: GST 5 %, QST 9.5 % on the price with GST: 100.00 → 5.00, 9.975 → 9.98.
    both = TaxTreatment(
        components=(
            TaxComponent(tax="GST", country="CA", rate=Decimal(5)),
            TaxComponent(
                tax="QST",
                country="CA",
                subdivision="QC",
                rate=Decimal("9.5"),
                kind=ComponentKind.COMPOUND,
            ),
        ),
        category=None,
    )
    (group,) = document_totals(taxed((10000, both))).groups
    assert group.component_taxes == (500, 998)


def test_withholding_is_shown_but_not_part_of_the_gross():
    withheld = TaxTreatment(
        components=(
            TaxComponent(tax="IVA", country="IT", rate=Decimal(22)),
            TaxComponent(tax="RA", country="IT", rate=Decimal(20), kind=ComponentKind.WITHHOLDING),
        ),
        category="S",
    )
    totals = document_totals(taxed((100000, withheld)))
    assert totals.groups[0].component_taxes == (22000, 20000)
    assert totals.gross == 122000


def test_included_tax_leaves_the_gross_of_a_group_fixed():
    # 3 × 9.99 at 19 %: tax = 29.97 × 19 ÷ 119 = 4.785… → 4.79; net 25.18 over three equal lines.
    options = TotalsOptions(prices_include_tax=True)
    totals = document_totals(taxed(*[(999, STANDARD)] * 3), options=options)
    assert (totals.net, totals.tax, totals.gross) == (2518, 479, 2997)
    assert totals.nets == (840, 839, 839)


def test_cash_rounding_goes_to_the_payable_amount():
    totals = document_totals(taxed((1002, ZERO)), options=TotalsOptions(cash_rounding=5))
    assert (totals.gross, totals.rounding, totals.payable) == (1002, -2, 1000)


@pytest.mark.parametrize(
    ("amount", "rounded"), [(1002, 1000), (1003, 1005), (-1003, -1005), (7, 5)]
)
def test_cash_is_rounded_to_the_nearest_coin(amount, rounded):
    assert cash_rounded(amount, 5) == rounded


def slow_totals(lines, included):
    """Compute with fractions, by another way: no code shared with the calculator."""

    def to_whole(value: Fraction) -> int:
        twice = abs(value) * 2
        whole = (twice.numerator // twice.denominator + 1) // 2
        return whole if value >= 0 else -whole

    by_rate: dict[Fraction, int] = {}
    for amount, rate in lines:
        by_rate[rate] = by_rate.get(rate, 0) + amount
    net = tax = 0
    for rate, amount in by_rate.items():
        part = to_whole(amount * rate / (100 + rate) if included else amount * rate / 100)
        tax += part
        net += amount - part if included else amount
    return net, tax


RATES = {
    Fraction(str(t.rate)): t for t in (vat("19"), vat("7"), vat("0"), vat("5.5"), vat("25.5"))
}


@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(sorted(RATES))),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_an_independent_calculator_agrees(lines, included):
    amounts = taxed(*[(amount, RATES[rate]) for amount, rate in lines])
    totals = document_totals(amounts, options=TotalsOptions(prices_include_tax=included))
    assert (totals.net, totals.tax) == slow_totals(lines, included)
    assert sum(totals.nets) == totals.net
    assert totals.gross == totals.net + totals.tax
    for group in totals.groups:
        own = [
            n for n, a in zip(totals.nets, amounts, strict=True) if a.treatment == group.treatment
        ]
        assert sum(own) == group.net


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8))
def test_turning_every_sign_turns_every_total(amounts):
    forth = document_totals(taxed(*[(a, STANDARD) for a in amounts]))
    back = document_totals(taxed(*[(-a, STANDARD) for a in amounts]))
    assert (forth.net, forth.tax, forth.gross) == (-back.net, -back.tax, -back.gross)
