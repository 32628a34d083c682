"""Totals while somebody types: those that the document will have, whatever is missing yet."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from billhook.db import db
from billhook.domain.states import DocumentType
from billhook.errors import Forbidden
from billhook.services import drafting, field_definitions, fx, issuing, prices, products
from billhook.services.draft_editing import (
    AdjustmentChoice,
    AdjustmentInput,
    LineInput,
    create,
    opened,
    totals,
)
from billhook.services.field_definitions import NewField
from billhook.services.prices import PriceInput
from billhook.services.products import ProductInput
from billhook.testing.shops import make_customer

from .conftest import GRADUATED, draft, line

numbers = st.decimals(min_value="0.01", max_value="9999", places=2).map(str)
adjustments = st.lists(
    st.builds(
        AdjustmentInput,
        kind=st.sampled_from([choice.value for choice in AdjustmentChoice]),
        value=st.decimals(min_value="0.01", max_value="60", places=2).map(str),
        reason=st.just("Agreed"),
    ),
    max_size=2,
).map(tuple)
lines = st.builds(
    LineInput,
    description=st.just("Work"),
    quantity=st.decimals(min_value="-9", max_value="99", places=3).map(str),
    unit_price=numbers,
    base_quantity=st.sampled_from(["", "10"]),
    tax_category=st.sampled_from(["", "standard", "reduced", "zero"]),
    adjustments=adjustments,
)
products_lines = st.builds(
    LineInput,
    sku=st.just("SEAT"),
    quantity=st.integers(1, 40).map(str),
)
drafts = st.builds(
    draft,
    st.one_of(lines, products_lines),
    st.one_of(lines, products_lines),
    adjustments=adjustments,
    currency=st.sampled_from(["", "EUR"]),
    customer=st.sampled_from(["ann", "gustav"]),
    payment_days=st.sampled_from(["", "0", "30"]),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(typed=drafts)
def test_live_totals_are_those_of_the_issued_document(abroad, typed):
    live = totals(abroad, typed)
    assert live.problems == ()
    saved = create(abroad, typed)
    again = totals(abroad, opened(abroad, saved.draft_id).given, draft_id=saved.draft_id)
    outcome = drafting.get(abroad, saved.draft_id).outcome
    for found in (live, again):
        sums, document = found.sums, outcome.document
        assert (sums.type, sums.net, sums.tax, sums.gross, sums.payable, sums.rounding) == (
            document.type,
            document.net,
            document.tax,
            document.gross,
            document.payable,
            document.rounding,
        )
        assert sums.due_on == document.due_on
        assert sum(tax.tax for tax in sums.taxes) == sums.tax
        assert found.lines_sum == sum(one.amount for one in found.lines)
    if live.sums.payable >= 0:
        issued = issuing.issue(abroad, saved.draft_id)
        assert (issued.net, issued.tax, issued.gross, issued.payable) == (
            live.sums.net,
            live.sums.tax,
            live.sums.gross,
            live.sums.payable,
        )


@pytest.fixture
def abroad(shop):
    """The shop, with a customer abroad and prices in another currency."""
    make_customer(shop, "gustav", country="DE", currency="EUR", tax_number="DE136695976")
    fx.set_rate(shop, "EUR", Decimal("0.85"), on=shop.today())
    prices.add_price(
        shop,
        PriceInput(
            sku="SEAT",
            model="pricing_standard.per_unit",
            currency="EUR",
            parameters={"unit_price": "55"},
        ),
    )
    return shop


def test_lines_that_are_incomplete_count_nothing_and_say_what_they_lack(shop):
    typed = draft(line(), line(price=""), line(quantity="many"), LineInput(), line("Two", "1"))
    found = totals(shop, typed)
    assert [(one.place, one.amount) for one in found.lines] == [(0, 10000), (4, 100)]
    assert [problem.path for problem in found.problems] == [
        "lines-1-unit_price",
        "lines-2-quantity",
    ]
    assert (found.sums.net, found.sums.tax, found.sums.payable) == (10100, 2020, 12120)
    assert [(tax.label, tax.rate, tax.net, tax.tax) for tax in found.sums.taxes] == [
        ("VAT", 20, 10100, 2020)
    ]


def test_without_a_customer_lines_are_added_up_and_no_tax_is_guessed(shop):
    found = totals(shop, draft(line(), LineInput(sku="SEAT", quantity="2"), customer=""))
    assert (found.lines_sum, found.sums) == (19800, None)
    assert [problem.code for problem in found.problems] == ["draft.customer_missing"]


def test_nothing_typed_is_nothing_wrong_with_lines(shop):
    found = totals(shop, draft())
    assert (found.lines, found.sums, found.problems) == ((), None, ())


def test_a_price_of_the_list_is_named(shop):
    products.save(shop, ProductInput(sku="API", name="Requests"))
    prices.add_price(
        shop, PriceInput(sku="API", model=GRADUATED, parameters={"tiers": "1-10: 5; 11-: 4"})
    )
    typed = draft(LineInput(sku="SEAT", quantity="2"), LineInput(sku="API", quantity="15"), line())
    one, tiers, by_hand = totals(shop, typed).lines
    assert (one.listed_price, one.is_listed, one.amount) == (49, True, 9800)
    assert (tiers.listed_price, tiers.parts, tiers.amount) == (None, 2, 7000)
    assert (by_hand.listed_price, by_hand.is_listed) == (None, False)


def test_a_missing_rate_of_exchange_is_a_problem_never_a_guess(shop):
    found = totals(shop, draft(line(), currency="USD"))
    assert found.sums is None
    assert found.lines_sum == 10000
    assert [problem.code for problem in found.problems] == ["fx.rate_missing"]


def test_more_taken_back_is_shown_as_the_credit_note_that_it_will_be(shop):
    sums = totals(shop, draft(line(quantity="-1"))).sums
    assert (sums.type, sums.net, sums.payable) == (DocumentType.CREDIT_NOTE, 10000, 12000)


def test_own_fields_that_are_missing_are_told_at_their_inputs_and_printed_ones_kept(shop):
    for subject in ("document", "line"):
        field_definitions.create(
            shop,
            NewField(subject=subject, label="Cost center", is_required=True, is_printed=True),
        )
    found = totals(shop, draft(line()))
    assert [problem.path for problem in found.problems] == [
        "fields-cost_center",
        "lines-0-fields-cost_center",
    ]
    fields = {"cost_center": "4711"}
    saved = create(shop, draft(line(fields=fields), fields=fields))
    document = drafting.get(shop, saved.draft_id).outcome.document
    assert [field.text for field in (*document.fields, *document.lines[0].fields)] == ["4711"] * 2


def test_totals_write_nothing_and_need_the_right_to_edit(shop, with_permissions):
    saved = create(shop, draft(line()))
    totals(shop, draft(line(price="5")), draft_id=saved.draft_id)
    assert opened(shop, saved.draft_id).given.lines[0].unit_price == "100.00"
    with pytest.raises(Forbidden):
        totals(with_permissions(shop, "drafts.view"), draft(line()))


def test_the_number_of_queries_does_not_grow_with_the_lines(shop):
    def asked(lines: int) -> int:
        typed = draft(*(LineInput(sku="SEAT", quantity=str(n + 1)) for n in range(lines)))
        saved = create(shop, typed)
        typed = opened(shop, saved.draft_id).given
        typed = replace(typed, lines=tuple(replace(one, unit_price="") for one in typed.lines))
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            totals(shop, typed, draft_id=saved.draft_id)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(statements)

    assert asked(40) == asked(2) <= 9
