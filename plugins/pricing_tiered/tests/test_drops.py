"""A table by which more units cost less is stored, and its owner is told."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.problems import Severity
from billhook_pricing_tiered.pricing import MODELS

SMALLEST = Decimal("0.000000001")


def warnings(model: str, tiers: str):
    found = MODELS[f"pricing_tiered.{model}"](None).parameter_problems({"tiers": tiers})
    assert all(problem.severity is Severity.WARNING for problem in found)
    return found


def totals(model: str, tiers: str, quantities: list[Decimal]) -> list[Fraction]:
    key = f"pricing_tiered.{model}"
    version = PriceVersion(id=None, model=key, currency="EUR", parameters={"tiers": tiers})
    queries = [PriceQuery(price=version, quantity=quantity) for quantity in quantities]
    return [
        sum((Fraction(p.quantity) * Fraction(p.unit_price) for p in answer.parts), Fraction(0))
        for answer in MODELS[key](None).price(queries)
    ]


@pytest.mark.parametrize(
    ("model", "tiers", "edges"),
    [
        # Stripe's own table: 5 cost 35, 6 cost 39, but 5.1 would cost 33.15
        ("volume", "1-5: 7; 6-10: 6.5; 11-: 6", ["1-5", "6-10"]),
        ("volume", "1-100: 10; 101-: 8", ["1-100"]),
        ("volume", "1-100: 10; 101-: 8 + 200", []),       # the fee makes up for it, to the cent
        ("volume", "1-100: 10; 101-: 8 + 199.99", ["1-100"]),
        ("volume", "1-100: 10 + 5; 101-: 10", ["1-100"]),  # the fee alone falls away
        ("volume", "1-100: 10; 101-: 12", []),
        ("volume", "0-: 10", []),
        ("stairstep", "1-100: 50; 101-: 200", []),
        ("stairstep", "1-100: 50; 101-: 50", []),
        ("stairstep", "1-100: 50; 101-200: 40; 201-: 60", ["1-100"]),
        ("graduated", "1-100: 10; 101-: 8", []),           # more never costs less
    ],
)  # fmt: skip
def test_each_edge_where_more_costs_less_is_named(model, tiers, edges):
    found = warnings(model, tiers)
    assert [problem.code for problem in found] == ["pricing_tiered.more_costs_less"] * len(edges)
    for problem, edge in zip(found, edges, strict=True):
        assert f"After tier {edge} more units cost less" in problem.message


def test_the_warning_gives_both_figures():
    (problem,) = warnings("volume", "1-100: 10; 101-: 8")
    assert "100 cost 1000, a little more than 100 cost 800." in problem.message


def test_volume_prices_fall_at_an_edge_as_stripe_s_page_warns():
    """100 cost 1000, 101 cost 808, and it takes 125 to cost as much as 100 did."""
    quantities = [Decimal(text) for text in ("100", "101", "125", "126")]
    assert totals("volume", "1-100: 10; 101-: 8", quantities) == [1000, 808, 1000, 1008]


cents = st.integers(0, 2000).map(lambda number: f"{number // 100}.{number % 100:02}")


@given(model=st.sampled_from(["volume", "stairstep"]), a=cents, b=cents, c=cents, fee=cents)
def test_the_table_is_warned_of_exactly_where_more_costs_less(model, a, b, c, fee):
    extra = f" + {fee}" if model == "volume" else ""
    tiers = f"0-10: {a}; 10-20.5: {b}{extra}; 20.5-: {c}"
    falls = 0
    for edge in ("10", "20.5"):
        there, beyond = totals(model, tiers, [Decimal(edge), Decimal(edge) + SMALLEST])
        falls += beyond < there
    assert len(warnings(model, tiers)) == falls
