"""A credit by quantity, net or gross hits what was asked, or the least below, and never more."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.bills import freeze
from billhook.domain.credit_notes import credit_note
from billhook.domain.credit_shares import (
    GrossShare,
    NetShare,
    net_of_gross,
    net_of_quantity,
    nets_of_total,
)
from billhook.domain.crediting import LineLeft
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions

from .examples import DAY, EURO, STANDARD, bill, line, seller
from .test_crediting import invoice, left_of, take


@given(
    st.lists(
        st.decimals(min_value="0.01", max_value="9999.99", places=2).map(str),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 10_000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([NetShare, GrossShare]),
)
def test_a_total_comes_to_what_was_asked_or_just_below(prices, share, is_included, has_off, kind):
    off = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal("7.5"))
    document = invoice(
        prices, (off,) if has_off else (), TotalsOptions(prices_include_tax=is_included)
    )
    lines, groups = left_of(document)
    whole = document.gross if kind is GrossShare else document.net
    asked = max(1, whole * share // 10_000)
    wanted = nets_of_total(lines, groups, kind(**{_name(kind): asked}))
    for one in lines:
        assert 0 <= wanted.get(one.line_no, 0) <= one.left
    note = take(document, wanted)
    came_to = note.gross if kind is GrossShare else note.net
    assert came_to <= asked
    assert asked - came_to <= 1 + len(groups)


def _name(kind):
    return "gross" if kind is GrossShare else "net"


def test_all_that_is_left_is_hit_to_the_cent():
    document = invoice(["10.01", "20.02", "0.05"])
    lines, groups = left_of(document)
    for asked in (NetShare(net=document.net), GrossShare(gross=document.gross)):
        note = take(document, nets_of_total(lines, groups, asked))
        assert (note.net, note.gross) == (document.net, document.gross)


@pytest.mark.parametrize(
    ("gross", "net"),
    [
        (1190, 1000),  # 19 % on 10.00
        (119, 100),
        (10, 8),  # 8.40 cents
        (3, 2),  # 2 + 0.38 tax is 2 cents: 3 needs 3 + 1
    ],
)
def test_a_gross_of_a_line_finds_its_net(gross, net):
    lines, groups = left_of(invoice(["100", "50"]))
    assert net_of_gross(lines[0], lines, groups, gross) == net


@pytest.mark.parametrize(
    ("net", "credited", "quantity", "whole", "expected"),
    [
        (1000, 0, 1, 3, 333),
        (1000, 333, 1, 3, 333),
        (1000, 666, 1, 3, 333),  # a cent of rounding stays, and is credited with the rest
        (1000, 667, 1, 3, 333),
        (999, 667, 1, 3, 332),  # not more than is left
        (-1000, 0, 1, -4, -250),
        (1000, 0, 5, 3, 1667),  # more than the line: refused by whoever bounds it
    ],
)
def test_a_quantity_comes_to_its_share(net, credited, quantity, whole, expected):
    left = LineLeft(line_no=1, group_no=0, net=net, credited=credited)
    assert net_of_quantity(left, Decimal(quantity), Decimal(whole)) == expected


def test_a_note_says_how_many_units_it_takes_back():
    document = freeze(
        bill(line("5", "10.01"), line("3", "3.333")),
        [STANDARD, STANDARD],
        seller=seller(),
        issue_on=DAY,
        base=EURO,
        plugins=(),
    )
    lines, groups = left_of(document)
    wanted = {1: net_of_quantity(lines[0], Decimal(2), Decimal(5)), 2: 334}
    note = credit_note(
        document,
        lines,
        groups,
        wanted,
        note_id=document.id,
        issue_on=DAY,
        reason="Two back",
        quantities={1: Decimal(2), 2: Decimal(1)},
    )
    first, second = note.lines
    assert (first.quantity, first.unit_price, first.net) == (Decimal(2), Decimal("10.01"), 2002)
    # one unit of 3.333 is 3.33, not 3.34: it is one piece of that amount instead
    assert (second.quantity, second.unit_price) == (Decimal(1), Decimal("3.34"))
