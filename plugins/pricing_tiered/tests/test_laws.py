"""Laws that hold for every table and quantity, against a slow calculator of our own.

The calculator knows nothing of the plugin: it walks over rows of (end, price, fee) in
`Fraction`, and the text that the plugin reads is written from the same rows.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from hypothesis import assume, given
from hypothesis import strategies as st

from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.domain.totals import line_amount
from billhook.money import plain
from billhook_pricing_tiered.parameters import Form
from billhook_pricing_tiered.pricing import MODELS

prices = st.decimals(0, 10**6, places=12)
quantities = st.decimals(-(10**9), 10**9, places=9)
amounts_of_units = st.decimals(0, 10**9, places=9)
sizes = st.decimals(Decimal("0.001"), 10**4, places=3)


@dataclass(frozen=True)
class Row:
    end: Decimal | None
    price: Decimal
    fee: Decimal = Decimal(0)


@st.composite
def rows(draw, *, has_fees=True, grid=Decimal("0.001")):
    """Draw the rows of a table; all ends but the last lie on a grid."""
    steps = draw(st.lists(st.integers(1, 10**6), max_size=6))
    ends = [sum(steps[: place + 1]) * grid for place in range(len(steps))] + [None]
    fees = st.one_of(st.just(Decimal(0)), prices) if has_fees else st.just(Decimal(0))
    return [Row(end, draw(prices), draw(fees)) for end in ends]


def text(table: list[Row], first: int = 0) -> str:
    starts = [Decimal(first), *(row.end for row in table[:-1])]
    return "; ".join(
        f"{plain(start)}-{'' if row.end is None else plain(row.end)}: {plain(row.price)}"
        + (f" + {plain(row.fee)}" if row.fee else "")
        for start, row in zip(starts, table, strict=True)
    )


def slow_graduated(table: list[Row], quantity: Decimal, size: Decimal | None = None) -> Fraction:
    total, begin, wanted = Fraction(0), Fraction(0), abs(Fraction(quantity))
    for place, row in enumerate(table):
        end = wanted if row.end is None else min(wanted, Fraction(row.end))
        if end > begin or place == 0:
            units = end - begin if size is None else ceil((end - begin) / Fraction(size))
            total += units * Fraction(row.price) + Fraction(row.fee)
        begin = max(begin, end)
    return -total if quantity < 0 else total


def slow_row(table: list[Row], quantity: Decimal) -> Row:
    return next(row for row in table if row.end is None or abs(quantity) <= row.end)


def slow_volume(table: list[Row], quantity: Decimal) -> Fraction:
    row = slow_row(table, quantity)
    total = abs(Fraction(quantity)) * Fraction(row.price) + Fraction(row.fee)
    return -total if quantity < 0 else total


def slow_stairstep(table: list[Row], quantity: Decimal) -> Fraction:
    price = Fraction(slow_row(table, quantity).price)
    return -price if quantity < 0 else price


def answer(model: str, quantity: Decimal, **parameters: str):
    key = f"pricing_tiered.{model}"
    version = PriceVersion(id=None, model=key, currency="EUR", parameters=parameters)
    (given_answer,) = MODELS[key](None).price([PriceQuery(price=version, quantity=quantity)])
    assert not given_answer.problems
    return given_answer


def parts_total(parts) -> Fraction:
    return sum(
        (
            Fraction(part.quantity) * Fraction(part.unit_price) / Fraction(part.base_quantity)
            for part in parts
        ),
        Fraction(0),
    )


def cost(model: str, quantity: Decimal, **parameters: str) -> Fraction:
    """Return what the answer's parts come to, and see that `amounts` says the same."""
    total = parts_total(answer(model, quantity, **parameters).parts)
    found = MODELS[f"pricing_tiered.{model}"]
    table = found.read(Form(parameters, found.known)).table
    assert table.amounts([quantity]) == [total]
    return total


@given(table=rows(), quantity=quantities)
def test_graduated_parts_sum_to_what_a_slow_calculator_says(table, quantity):
    assert cost("graduated", quantity, tiers=text(table)) == slow_graduated(table, quantity)


@given(table=rows(), quantity=quantities)
def test_volume_parts_sum_to_what_a_slow_calculator_says(table, quantity):
    assert cost("volume", quantity, tiers=text(table)) == slow_volume(table, quantity)


@given(table=rows(has_fees=False), quantity=quantities)
def test_stairstep_parts_sum_to_what_a_slow_calculator_says(table, quantity):
    assert cost("stairstep", quantity, tiers=text(table)) == slow_stairstep(table, quantity)


@given(price=prices, size=sizes, free=amounts_of_units, quantity=quantities)
def test_package_parts_sum_to_what_a_slow_calculator_says(price, size, free, quantity):
    paid = max(abs(Fraction(quantity)) - Fraction(free), Fraction(0))
    wanted = ceil(paid / Fraction(size)) * Fraction(price)
    parameters = {"package_price": price, "package_size": size, "free_units": free}
    texts = {name: plain(value) for name, value in parameters.items()}
    assert cost("package", quantity, **texts) == (-wanted if quantity < 0 else wanted)


@given(data=st.data(), size=sizes, quantity=quantities)
def test_tiered_package_parts_sum_to_what_a_slow_calculator_says(data, size, quantity):
    table = data.draw(rows(has_fees=False, grid=size))
    found = cost("tiered_package", quantity, tiers=text(table), package_size=plain(size))
    assert found == slow_graduated(table, quantity, size)
    rounded_up = ceil(Fraction(abs(quantity)) / Fraction(size)) * Fraction(size)
    assert abs(found) == slow_graduated(table, rounded_up) / Fraction(size)  # as Orb does


@given(table=rows(), pair=st.tuples(amounts_of_units, amounts_of_units))
def test_more_never_costs_less_by_graduated_prices(table, pair):
    few, many = sorted(pair)
    tiers = text(table)
    assert cost("graduated", few, tiers=tiers) <= cost("graduated", many, tiers=tiers)


@given(price=prices, size=sizes, free=amounts_of_units, pair=st.tuples(quantities, quantities))
def test_more_never_costs_less_by_package(price, size, free, pair):
    few, many = sorted(map(abs, pair))
    texts = {
        "package_price": plain(price), "package_size": plain(size), "free_units": plain(free)
    }  # fmt: skip
    assert cost("package", few, **texts) <= cost("package", many, **texts)


@given(data=st.data(), size=sizes, pair=st.tuples(amounts_of_units, amounts_of_units))
def test_more_never_costs_less_by_tiered_package(data, size, pair):
    few, many = sorted(pair)
    texts = {
        "tiers": text(data.draw(rows(has_fees=False, grid=size))),
        "package_size": plain(size),
    }
    assert cost("tiered_package", few, **texts) <= cost("tiered_package", many, **texts)


@given(table=rows(), quantity=quantities)
def test_taking_back_costs_what_was_charged(table, quantity):
    assume(quantity)
    for model in ("graduated", "volume"):
        there = answer(model, quantity, tiers=text(table)).parts
        back = answer(model, -quantity, tiers=text(table)).parts
        assert [(part.quantity, part.unit_price) for part in back] == [
            (-part.quantity, part.unit_price) for part in there
        ]
        assert net(there) == -net(back)


def net(parts) -> int:
    return sum(
        line_amount(part.quantity, part.unit_price, "EUR", base_quantity=part.base_quantity)
        for part in parts
    )


@given(table=rows(has_fees=False), few=amounts_of_units, more=amounts_of_units)
def test_graduated_adds_up_within_a_tier(table, few, more):
    """f(a + b) − f(a) is b times the price of the tier that holds both ends."""
    tiers = text(table)
    assume(slow_row(table, few) == slow_row(table, few + more))
    rise = cost("graduated", few + more, tiers=tiers) - cost("graduated", few, tiers=tiers)
    assert rise == Fraction(more) * Fraction(slow_row(table, few).price)


@given(one=rows(), quantity=quantities, times=st.integers(1, 1000))
def test_prices_that_are_all_multiplied_multiply_the_total(one, quantity, times):
    many = [Row(row.end, row.price * times, row.fee * times) for row in one]
    for model in ("graduated", "volume"):
        single = cost(model, quantity, tiers=text(one))
        assert cost(model, quantity, tiers=text(many)) == times * single


@given(price=prices, quantity=quantities)
def test_a_single_tier_is_a_price_per_unit_by_any_model(price, quantity):
    tiers = f"0-: {plain(price)}"
    wanted = Fraction(price) * Fraction(quantity)
    assert cost("graduated", quantity, tiers=tiers) == cost("volume", quantity, tiers=tiers)
    assert cost("graduated", quantity, tiers=tiers) == wanted


@given(table=rows(), asked=st.lists(quantities, max_size=8))
def test_a_batch_is_the_sum_of_its_queries(table, asked):
    key = "pricing_tiered.graduated"
    version = PriceVersion(id=None, model=key, currency="EUR", parameters={"tiers": text(table)})
    queries = [PriceQuery(price=version, quantity=quantity) for quantity in [*asked, *asked]]
    model = MODELS[key](None)
    assert model.price(queries) == [model.price([each])[0] for each in queries]


@given(table=rows(), quantity=quantities)
def test_zero_and_tiers_that_begin_at_one(table, quantity):
    """Only a quantity of zero knows the difference between 0-10 and 1-10."""
    assume(table[0].end is None or table[0].end >= 1)
    for model in ("graduated", "volume"):
        at_one = {"tiers": text(table, first=1)}
        if quantity:
            assert cost(model, quantity, **at_one) == cost(model, quantity, tiers=text(table))
        assert cost(model, Decimal(0), **at_one) == 0
        assert cost(model, Decimal(0), tiers=text(table)) == Fraction(table[0].fee)
