"""Parts sum to the whole, by line and in all, whatever the numbers; so do moved discounts."""

from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.bills import freeze
from billhook.domain.child_charges import child_reference, origin_of
from billhook.domain.line_discounts import changed_by, on_lines
from billhook.domain.splitting import ByLines, BySection, divide, part_reference, shares
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions

from .examples import DAY, EURO, REDUCED, STANDARD, bill, line, seller

OFF, ON = AdjustmentKind.ALLOWANCE, AdjustmentKind.SURCHARGE

numbers = st.decimals(min_value="-99.999", max_value="99.999", places=3).map(str)
prices = st.decimals(min_value="0", max_value="999.9999", places=4).map(str)
adjustments = st.builds(
    Adjustment,
    kind=st.sampled_from(AdjustmentKind),
    reason=st.just("Autumn"),
    percent=st.decimals(min_value="0.5", max_value="100", places=2),
) | st.builds(
    Adjustment,
    kind=st.sampled_from(AdjustmentKind),
    reason=st.just("Loyalty"),
    amount=st.integers(1, 5_000),
)
some_lines = st.lists(
    st.builds(
        lambda quantity, price, own: line(quantity, price, adjustments=tuple(own)),
        numbers,
        prices,
        st.lists(adjustments, max_size=2),
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def percentages(draw):
    cuts = draw(st.lists(st.integers(1, 9_999), min_size=1, max_size=4, unique=True))
    edges = [0, *sorted(cuts), 10_000]
    return tuple(Decimal(b - a) / 100 for a, b in pairwise(edges))


@given(some_lines, percentages())
def test_shares_by_percentage_sum_to_each_line(lines, percents):
    for whole in lines:
        parts = shares(whole, percents, "EUR")
        assert sum(part.amount for part in parts) == whole.amount
        for part, percent in zip(parts, percents, strict=True):
            exact = Decimal(whole.amount) * percent / 100
            assert abs(part.amount - exact) < 1
            assert line_of(part).amount == part.amount


def line_of(part):
    """Compute a line anew from what is stored of it."""
    again = line(str(part.quantity), str(part.unit_price), adjustments=part.adjustments)
    assert part.base_quantity == 1
    return again


@pytest.mark.parametrize(
    ("quantity", "price", "percents", "expected"),
    [
        # 60 % of 5 h is 3 h: quantities stay
        ("5", "100", (60, 40), [("3", 30000), ("2", 20000)]),
        # 0.03 in three: the first two cents by largest remainder; one piece each
        ("1", "0.05", (50, 50), [("0.5", 3), ("1", 2)]),
        # a third has no end in decimals, but 33.33 % has
        (
            "3",
            "10",
            ("33.33", "33.33", "33.34"),
            [("0.9999", 1000), ("0.9999", 1000), ("1.0002", 1000)],
        ),
        ("-2", "10", (75, 25), [("-1.5", -1500), ("-0.5", -500)]),
    ],
)
def test_a_share_keeps_its_quantity_where_that_comes_to_its_amount(
    quantity, price, percents, expected
):
    found = shares(line(quantity, price), [Decimal(p) for p in percents], "EUR")
    assert [(str(part.quantity.normalize()), part.amount) for part in found] == expected


def test_a_share_that_is_an_amount_says_its_percentage():
    _first, second = shares(line("1", "0.05"), [Decimal(50), Decimal(50)], "EUR")
    assert (second.description, second.unit_price) == ("Thing – 50 %", Decimal("0.02"))


def test_chosen_lines_go_to_their_part_and_the_others_stay():
    lines = {n: line("1", str(n)) for n in (1, 2, 3, 4)}
    first, second, third = divide(lines, ByLines(parts={2: 1, 4: 2}), "EUR")
    assert [[item.line_no for item in part] for part in (first, second, third)] == [
        [1, 3],
        [2],
        [4],
    ]


def test_each_section_becomes_a_part():
    lines = {
        1: line("1", "1", section_key="a", section_label="A"),
        2: line("1", "2", section_key="b", section_label="B"),
        3: line("1", "3", section_key="a", section_label="A"),
    }
    parts = divide(lines, BySection(), "EUR")
    assert [[item.line_no for item in part] for part in parts] == [[1, 3], [2]]


@given(some_lines, st.lists(adjustments, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_a_discount_of_the_whole_on_its_lines_leaves_every_group_as_it_was(
    lines, whole, is_mixed, is_included
):
    options = TotalsOptions(prices_include_tax=is_included)
    treatments = [REDUCED if is_mixed and n % 2 else STANDARD for n in range(len(lines))]

    def frozen(one):
        return freeze(one, treatments, seller=seller(options), issue_on=DAY, base=EURO, plugins=())

    before = frozen(bill(*lines, adjustments=tuple(whole)))
    groups = [STANDARD if t == STANDARD else REDUCED for t in treatments]
    order = list(dict.fromkeys(groups))
    moved = on_lines(lines, whole, "EUR", groups=[order.index(group) for group in groups])
    after = frozen(bill(*moved))
    assert after.adjustments == ()
    assert (after.type, after.net, after.tax, after.gross) == (
        before.type,
        before.net,
        before.tax,
        before.gross,
    )
    assert after.groups == before.groups


def test_a_discount_that_rounding_would_change_makes_the_line_one_amount():
    half = line("1", "0.105")  # 10.5 cents, rounded to 11
    free = changed_by(half, -11, "Gift", "EUR")
    assert (free.amount, free.quantity, free.unit_price) == (0, Decimal(1), Decimal("0.11"))


def test_references_of_parts_are_lettered_and_fit():
    assert part_reference("INV-2026-0012", 0) == "INV-2026-0012-A"
    assert len(part_reference("x" * 80, 25)) == 80


def test_a_child_charge_tells_what_it_comes_from():
    origin = UUID(int=77)
    found = origin_of("split", child_reference(origin, "B", 12))
    assert (found.id, found.part, found.line_no) == (origin, "B", 12)
    assert origin_of("csv", child_reference(origin, "B", 12)) is None
    assert origin_of("split", "anything") is None
