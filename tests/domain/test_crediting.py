"""Credit notes take back what was billed, to the cent and never more."""

from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.bills import freeze
from billhook.domain.credit_notes import credit_note
from billhook.domain.crediting import GroupLeft, LineLeft
from billhook.domain.states import DocumentType
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions, line_amount

from .examples import DAY, EURO, REDUCED, STANDARD, bill, line, seller


def invoice(prices, adjustments=(), options=None):
    lines = [line("1", price) for price in prices]
    treatments = [STANDARD if n % 2 == 0 else REDUCED for n in range(len(lines))]
    return freeze(
        bill(*lines, adjustments=adjustments),
        treatments,
        seller=seller(options),
        issue_on=DAY,
        base=EURO,
        plugins=(),
    )


def left_of(document, notes=()):
    """Compute what is left, as the services do from the rows."""
    credited: dict[int, int] = {}
    for note in notes:
        for item in note.lines:
            number = item.credited.line_no
            credited[number] = credited.get(number, 0) + item.net

    def in_group(other, treatment):
        return [n for n, group in enumerate(other.groups) if group.treatment == treatment]

    def adjusted(other, treatment):
        places = in_group(other, treatment)
        return sum(item.net for item in other.adjustments if item.group_no in places)

    lines = [
        LineLeft(
            line_no=item.line_no,
            group_no=item.group_no,
            net=item.net,
            credited=credited.get(item.line_no, 0),
            gross=price(item) if document.prices_include_tax else None,
        )
        for item in document.lines
    ]
    groups = [
        GroupLeft(
            treatment=group.treatment,
            adjustments=adjusted(document, group.treatment),
            taxes=group.component_taxes,
            credited_adjustments=sum(adjusted(note, group.treatment) for note in notes),
            credited_taxes=(
                sum(
                    note.groups[place].tax
                    for note in notes
                    for place in in_group(note, group.treatment)
                ),
            ),
        )
        for group in document.groups
    ]
    return lines, groups


def price(item):
    return line_amount(item.quantity, item.unit_price, "EUR", adjustments=item.adjustments)


def take(document, wanted, notes=(), number=100):
    lines, groups = left_of(document, notes)
    return credit_note(
        document, lines, groups, wanted, note_id=UUID(int=number), issue_on=DAY, reason="Returned"
    )


def test_a_whole_credit_mirrors_the_invoice():
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal("3.3"))
    document = invoice(["10.01", "5.55"], (discount,), TotalsOptions(cash_rounding=5))
    note = take(document, {1: 1001, 2: 555})
    assert note.type is DocumentType.CREDIT_NOTE
    for name in ("net", "tax", "gross", "rounding", "payable", "adjustments", "groups"):
        assert getattr(note, name) == getattr(document, name)
    assert [item.credited.line_no for item in note.lines] == [1, 2]
    assert note.credits_document_id == document.id


def test_a_part_of_a_line_is_one_of_that_amount():
    note = take(invoice(["10.00"]), {1: 333})
    (only,) = note.lines
    assert (only.quantity, only.unit_price, only.net) == (Decimal(1), Decimal("3.33"), 333)
    assert (note.net, note.tax) == (333, 63)


INCLUDED = TotalsOptions(prices_include_tax=True)


def test_a_discount_that_held_tax_goes_back_with_it():
    # 119.00 − 10 % twice: net 180.00, tax 34.20; a half of it 90.00, 17.10
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal(10))
    document = invoice(["119.00", "107.00", "119.00"], (discount,), INCLUDED)
    note = take(document, {1: 10000})
    assert (note.net, note.tax, note.gross) == (9000, 1710, 10710)


def test_a_line_comes_back_at_the_price_that_held_its_tax():
    # 3 × 9.99 at 19 %: tax 4.79, nets 8.40, 8.39, 8.39; each line costs 9.99 again
    document = invoice(["9.99", "1.07", "9.99", "1.07", "9.99"], options=INCLUDED)
    assert [item.net for item in document.lines] == [840, 100, 839, 100, 839]
    notes = []
    for number in (1, 3, 5):
        net = document.lines[number - 1].net
        notes.append(take(document, {number: net}, notes, number + 100))
    assert [note.gross for note in notes] == [999, 999, 999]
    assert [note.tax for note in notes] == [159, 160, 160]
    assert [note.lines[0].unit_price for note in notes] == [Decimal("9.99")] * 3
    assert all(note.prices_include_tax for note in notes)


def test_a_part_of_such_a_line_costs_its_share():
    note = take(invoice(["119.00"], options=INCLUDED), {1: 5000})
    (only,) = note.lines
    assert (only.quantity, only.unit_price, only.net) == (Decimal(1), Decimal("59.50"), 5000)
    assert (note.net, note.tax, note.gross) == (5000, 950, 5950)


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=4),
    st.lists(st.fractions(0, 1), min_size=1, max_size=5),
    st.sampled_from([None, Decimal("2.5"), Decimal(10)]),
    st.sampled_from([None, INCLUDED]),
)
def test_credits_in_any_parts_sum_to_the_invoice(prices, cuts, percent, options):
    discount = Adjustment(
        kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=percent or Decimal(0)
    )
    document = invoice(
        [str(Decimal(p) / 100) for p in prices], (discount,) if percent else (), options
    )
    notes = []
    for number, cut in enumerate([*cuts, 1]):
        lines, _groups = left_of(document, notes)
        wanted = {item.line_no: int(item.left * cut) for item in lines if int(item.left * cut)}
        if wanted:
            notes.append(take(document, wanted, notes, number + 100))
        assert sum(note.tax for note in notes) <= document.tax
        assert sum(note.gross for note in notes) <= document.gross
    assert sum(note.net for note in notes) == document.net
    assert sum(note.tax for note in notes) == document.tax
