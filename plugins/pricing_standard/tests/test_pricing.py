"""What the models answer, worked by hand.

BT-131 is quantity × net price ÷ base quantity (EN 16931-1, BT-146, BT-149; rule
PEPPOL-EN16931-R120), rounded once, half away from zero.
"""

import pytest

from billhook.domain.totals import line_amount
from billhook_pricing_standard.pricing import Flat, PerUnit
from billhook_pricing_standard.settings import PricingStandardSettings


def net(answer, currency: str = "EUR") -> int:
    assert not answer.problems
    return sum(
        line_amount(part.quantity, part.unit_price, currency, base_quantity=part.base_quantity)
        for part in answer.parts
    )


@pytest.mark.parametrize(
    ("quantity", "amount", "total"),
    [
        ("1",     "49",    4900),
        ("250",   "49",    4900),  # whatever the quantity
        ("0.5",   "49",    4900),
        ("0",     "49",    4900),  # also for a month without usage
        ("-1",    "49",   -4900),  # taken back
        ("-250",  "49",   -4900),
        ("3",     "0",        0),
        ("1",     "0.005",    1),  # half a cent, away from zero
        ("-1",    "0.005",   -1),
    ],
)  # fmt: skip
def test_a_flat_price_is_one_amount_whatever_the_quantity(ctx, query, quantity, amount, total):
    (answer,) = Flat(ctx()).price([query(quantity, "flat", amount=amount)])
    assert net(answer) == total


@pytest.mark.parametrize(("quantity", "total"), [("0", 0), ("1", 4900), ("-1", -4900)])
def test_a_tenant_can_let_a_quantity_of_zero_cost_nothing(ctx, query, quantity, total):
    model = Flat(ctx(PricingStandardSettings(bills_zero_quantity=False)))
    (answer,) = model.price([query(quantity, "flat", amount="49")])
    assert net(answer) == total


@pytest.mark.parametrize(
    ("quantity", "unit_price", "base", "total"),
    [
        ("12",      "3.50",      "1",     4200),
        ("0",       "3.50",      "1",        0),
        ("-2",      "3.50",      "1",     -700),
        ("2.5",     "0.99",      "1",      248),  # 2.475
        ("10000",   "4.5",       "1000",  4500),  # price per 1,000
        ("250000",  "0.40",      "1000", 10000),
        ("999",     "0.40",      "1000",    40),  # 0.3996
        ("7",       "10",        "12",     583),  # 5.8333…, a dozen for 10
        ("12",      "10",        "12",    1000),  # and the dozen is exactly 10
        ("1",       "0.000000000001", "1",   0),
        ("1000000", "0.000001",  "1",      100),
        ("3",       "9007199254740993.01", "1", 2702159776422297903),  # beyond 2**53
    ],
)  # fmt: skip
def test_a_unit_price_is_multiplied_exactly(ctx, query, quantity, unit_price, base, total):
    asked = query(quantity, "per_unit", unit_price=unit_price, base_quantity=base)
    (answer,) = PerUnit(ctx()).price([asked])
    assert net(answer) == total


@pytest.mark.parametrize(
    ("model", "kind", "parameters", "explanation"),
    [
        (Flat, "flat", {"amount": "49.00"}, "49 EUR, whatever the quantity"),
        (PerUnit, "per_unit", {"unit_price": "3.50"}, "3.5 EUR per unit"),
        (
            PerUnit,
            "per_unit",
            {"unit_price": "0.40", "base_quantity": "1000"},
            "0.4 EUR per 1000 units",
        ),
    ],
)
def test_every_answer_says_why(ctx, query, model, kind, parameters, explanation):
    (answer,) = model(ctx()).price([query("5", kind, **parameters)])
    assert answer.explanation == explanation


def test_a_batch_is_answered_in_its_order_and_one_bad_price_spoils_no_other(ctx, query):
    good, bad, late = PerUnit(ctx()).price(
        [
            query("2", "per_unit", unit_price="1"),
            query("2", "per_unit", unit_price="cheap"),
            query("2", "per_unit", unit_price="3"),
        ]
    )
    assert (net(good), net(late)) == (200, 600)
    assert [problem.code for problem in bad.problems] == ["pricing_standard.number_malformed"]
    assert bad.parts == ()
