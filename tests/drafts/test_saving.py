"""Drafts saved whole: what is wrong at its input, prices explained, charges kept, nothing lost."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.states import DocumentType, RunMode
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.charges import ChargeClaim, ChargeOpen
from billhook.models.customers import Customer
from billhook.models.drafts import Draft, DraftLine
from billhook.services import audit, billing, documents, drafting, issuing, prices, products
from billhook.services.draft_editing import (
    AdjustmentInput,
    DraftChanged,
    DraftInput,
    LineInput,
    blank,
    create,
    opened,
    save,
)
from billhook.services.prices import PriceInput
from billhook.services.products import ProductInput
from billhook.testing.shops import END, make_charge, make_customer

from .conftest import GRADUATED, PER_UNIT, draft, line


def stored_lines(draft_id):
    return list(
        db.session.scalars(
            select(DraftLine)
            .where(DraftLine.draft_id == draft_id)
            .order_by(DraftLine.line_no)
            .execution_options(populate_existing=True)
        )
    )


def counted(row):
    return db.session.scalar(select(func.count()).select_from(row))


def problems_of(ctx, given):
    with pytest.raises(ValidationFailed) as refused:
        create(ctx, given)
    return {problem.path: problem.code for problem in refused.value.problems}


def test_a_blank_draft_begins_with_what_the_customer_has(shop):
    make_customer(shop, "kim", currency="EUR", purchase_order="PO-1")
    begun = blank(shop, customer="kim")
    assert (begun.draft_id, begun.version) == (None, 0)
    assert (begun.given.customer, begun.given.currency) == ("kim", "EUR")
    assert begun.given.purchase_order == "PO-1"
    with pytest.raises(NotFound):
        blank(shop, customer="nobody")


def test_all_that_was_typed_comes_back_and_is_issued(shop):
    given = draft(
        line(
            "Consulting\nin two lines",
            "120.50",
            quantity="2.5",
            unit="HUR",
            section="March",
            base_quantity="10",
            adjustments=(AdjustmentInput(kind="discount_percent", value="5", reason="Loyal"),),
            tax_category="standard",
            supply="service",
            period_from="2026-10-01",
            period_until="2026-10-31",
        ),
        adjustments=(AdjustmentInput(kind="surcharge_amount", value="3.20", reason="Post"),),
        note="Thank you.",
        terms="2 % within 8 days",
        purchase_order="PO-7",
        buyer_reference="04011000-1",
        payment_days="8",
        issue_on="2026-10-31",
        language="de",
        brand="default",
        delivery_country="GB",
        currency="GBP",
    )
    saved = create(shop, given)
    again = opened(shop, saved.draft_id)
    kept = replace(again.given, lines=tuple(replace(one, key="") for one in again.given.lines))
    assert kept == given

    issued = issuing.issue(shop, saved.draft_id)
    document = documents.get(shop, issued.id)
    assert document.entry.due_on.isoformat() == "2026-11-08"
    assert issued.net == 2862 + 320  # 2.5 × 120.50 ÷ 10 − 5 % = 28.62, and 3.20


WRONG = [
    (draft(line(), customer=""), "customer", "draft.customer_missing"),
    (draft(line(), customer="nobody"), "customer", "customer.unknown"),
    (draft(line(), currency="XXX"), "currency", "currency.unknown"),
    (draft(line(), payment_days="soon"), "payment_days", "number.not_whole"),
    (draft(line(), issue_on="tomorrow"), "issue_on", "date.invalid"),
    (draft(line(), language="klingon"), "language", "language.unknown"),
    (draft(line(), brand="none"), "brand", "brand.unknown"),
    (draft(line(), delivery_country="ZZ"), "delivery_country", "country.unknown"),
    (draft(line(), purchase_order="x" * 81), "purchase_order", "input.too_long"),
    (draft(line(), note="x" * 2001), "note", "input.too_long"),
    (draft(line(quantity="1,5")), "lines-0-quantity", "number.invalid"),
    (draft(line(quantity="1e3")), "lines-0-quantity", "number.invalid"),
    (draft(line(quantity="")), "lines-0-quantity", "input.missing"),
    (draft(line(), line(), line(), line(quantity="NaN")), "lines-3-quantity", "number.invalid"),
    (draft(LineInput(), line(quantity="x")), "lines-1-quantity", "number.invalid"),
    (draft(line(price="12.3.4")), "lines-0-unit_price", "number.invalid"),
    (draft(line(price="")), "lines-0-unit_price", "input.missing"),
    (draft(line(price="9" * 25)), "lines-0-unit_price", "line.too_much"),
    (draft(line(description="")), "lines-0-description", "input.missing"),
    (draft(line(price="", sku="NONE")), "lines-0-sku", "product.unknown"),
    (draft(line(price="", sku="FREE")), "lines-0-unit_price", "price.none"),
    (draft(line(base_quantity="0")), "lines-0-base_quantity", "line.base_quantity"),
    (draft(line(supply="magic")), "lines-0-supply", "input.unknown_choice"),
    (draft(line(supplied_on="x")), "lines-0-supplied_on", "date.invalid"),
    (
        draft(line(period_from="2026-10-02", period_until="2026-10-01")),
        "lines-0-period_until",
        "line.period_order",
    ),
    (draft(line(period_from="2026-10-02")), "lines-0-period_until", "input.missing"),
    (
        draft(line(adjustments=(AdjustmentInput(value="101", reason="x"),))),
        "lines-0-adjustments-0-value",
        "adjustment.value",
    ),
    (
        draft(line(adjustments=(AdjustmentInput(value="5"),))),
        "lines-0-adjustments-0-reason",
        "adjustment.reason",
    ),
    (
        draft(line(), adjustments=(AdjustmentInput(), AdjustmentInput(value="-1", reason="x"))),
        "adjustments-1-value",
        "adjustment.value",
    ),
    (
        draft(line(key="00000000-0000-0000-0000-000000000001")),
        "lines-0-description",
        "draft.line_gone",
    ),
]


def test_each_problem_stands_at_its_input(shop):
    products.save(shop, ProductInput(sku="FREE", name="Without a price"))
    for given, path, code in WRONG:
        assert problems_of(shop, given) == {path: code}
    assert counted(Draft) == 0


def test_a_negative_price_becomes_a_negative_quantity(shop):
    saved = create(shop, draft(line(), line("Returned", "-30", quantity="2")))
    assert [(row.quantity, row.unit_price) for row in stored_lines(saved.draft_id)] == [
        (1, 100),
        (-2, 30),
    ]


def test_more_taken_back_than_billed_is_a_credit_note_of_positive_amounts(shop):
    saved = create(shop, draft(line(quantity="-1")))
    assert db.session.scalar(select(Draft.type)) == "credit_note"
    issued = issuing.issue(shop, saved.draft_id)
    assert (issued.type, issued.net) == (DocumentType.CREDIT_NOTE, 10000)


def test_a_product_brings_price_words_unit_and_explanation(shop):
    saved = create(shop, draft(LineInput(sku="SEAT", quantity="3")))
    (row,) = stored_lines(saved.draft_id)
    assert (row.description, row.unit, row.unit_price) == ("Seat", "MON", 49)
    assert row.product_id is not None
    assert "49" in row.explanation
    assert set(row.plugins) == {"pricing_standard"}


def test_the_customers_own_price_comes_before_the_products(shop):
    prices.add_price(
        shop,
        PriceInput(sku="SEAT", model=PER_UNIT, customer="ann", parameters={"unit_price": "45"}),
    )
    make_customer(shop, "kim")
    for customer, price in (("ann", 45), ("kim", 49)):
        saved = create(shop, draft(LineInput(sku="SEAT"), customer=customer))
        assert [row.unit_price for row in stored_lines(saved.draft_id)] == [price]


def test_a_price_with_tiers_becomes_a_line_for_each(shop):
    products.save(shop, ProductInput(sku="API", name="Requests"))
    prices.add_price(
        shop,
        PriceInput(sku="API", model=GRADUATED, parameters={"tiers": "1-10: 5; 11-: 4"}),
    )
    saved = create(shop, draft(LineInput(sku="API", quantity="15")))
    rows = stored_lines(saved.draft_id)
    assert [(row.quantity, row.unit_price) for row in rows] == [(10, 5), (5, 4)]
    assert len({row.key for row in rows}) == 2
    again = save(shop, saved.draft_id, opened(shop, saved.draft_id).given, version=1)
    assert [row.explanation for row in stored_lines(again.draft_id)] == [
        row.explanation for row in rows
    ]


def test_a_price_that_was_typed_over_says_so_and_one_that_stands_keeps_its_words(shop):
    saved = create(shop, draft(LineInput(sku="SEAT"), LineInput(sku="SEAT")))
    first, second = stored_lines(saved.draft_id)
    given = opened(shop, saved.draft_id).given
    changed = replace(
        given, lines=(replace(given.lines[0], unit_price="40"), replace(given.lines[1]))
    )
    save(shop, saved.draft_id, changed, version=1)
    typed, kept = stored_lines(saved.draft_id)
    assert typed.explanation == "The price was typed over that of the price list."
    assert typed.plugins == {}
    assert (kept.explanation, kept.plugins) == (second.explanation, second.plugins)
    assert (typed.key, kept.key) == (first.key, second.key)

    back = replace(changed, lines=(replace(given.lines[0], unit_price="49.00"), given.lines[1]))
    save(shop, saved.draft_id, back, version=2)
    assert stored_lines(saved.draft_id)[0].explanation == first.explanation


def test_a_line_that_moves_keeps_what_it_stands_on(shop, charged):
    draft_id = charged("10", "20")
    given = opened(shop, draft_id).given
    save(shop, draft_id, replace(given, lines=given.lines[::-1]), version=1)
    assert [row.unit_price for row in stored_lines(draft_id)] == [20, 10]
    assert all(row.charge_id for row in stored_lines(draft_id))
    assert counted(ChargeClaim) == 2


def test_a_removed_line_gives_its_charge_back_once(shop, charged):
    draft_id = charged("10", "20")
    given = opened(shop, draft_id).given
    assert counted(ChargeOpen) == 0
    saved = save(shop, draft_id, replace(given, lines=given.lines[1:]), version=1)
    assert saved.waiting_again == 1
    assert (counted(ChargeOpen), counted(ChargeClaim)) == (1, 1)
    # The line cannot come back by its key: its charge may be on another bill by now.
    with pytest.raises(ValidationFailed) as refused:
        save(shop, draft_id, given, version=2)
    assert [problem.code for problem in refused.value.problems] == ["draft.line_gone"]
    assert (counted(ChargeOpen), counted(ChargeClaim)) == (1, 1)


def test_a_charge_stays_claimed_while_one_of_its_lines_stands(shop):
    products.save(shop, ProductInput(sku="API", name="Requests"))
    prices.add_price(
        shop, PriceInput(sku="API", model=GRADUATED, parameters={"tiers": "1-10: 5; 11-: 4"})
    )
    customer_id = make_customer(shop, "tiers")
    product_id = products.get(shop, "API").id
    make_charge(shop, customer_id, None, product_id=product_id, quantity=Decimal(15))
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    draft_id = drafting.listing(shop)[-1].id
    given = opened(shop, draft_id).given
    assert len(given.lines) == 2
    saved = save(shop, draft_id, replace(given, lines=given.lines[:1]), version=1)
    assert saved.waiting_again == 0
    assert (counted(ChargeOpen), counted(ChargeClaim)) == (0, 1)


def test_charges_stay_with_their_customer_and_currency(shop, charged):
    draft_id = charged("10")
    given = opened(shop, draft_id).given
    for change, path in (({"customer": "ann"}, "customer"), ({"currency": "EUR"}, "currency")):
        with pytest.raises(ValidationFailed) as refused:
            save(shop, draft_id, replace(given, **change), version=1)
        (problem,) = refused.value.problems
        assert (problem.path, problem.code) == (path, "draft.charges_of_another")
    save(shop, draft_id, replace(given, customer="ann", lines=(line(),)), version=1)
    assert counted(ChargeOpen) == 1


def test_who_saves_over_another_version_is_told_and_writes_nothing(shop):
    saved = create(shop, draft(line(), note="First"))
    given = opened(shop, saved.draft_id).given
    save(shop, saved.draft_id, replace(given, note="Theirs"), version=1)
    with pytest.raises(DraftChanged):
        save(shop, saved.draft_id, replace(given, note="Mine"), version=1)
    assert opened(shop, saved.draft_id).given.note == "Theirs"
    save(shop, saved.draft_id, replace(given, note="Mine"), version=2)
    assert opened(shop, saved.draft_id).given.note == "Mine"


def test_a_form_that_is_sent_twice_makes_one_draft(shop):
    key = str(new_id())
    first = create(shop, draft(line()), key=key)
    assert create(shop, draft(line()), key=key).draft_id == first.draft_id
    assert counted(Draft) == 1


def test_without_a_line_there_is_nothing_to_issue(shop):
    saved = create(shop, draft())
    with pytest.raises(ValidationFailed) as refused:
        issuing.issue(shop, saved.draft_id)
    assert [problem.code for problem in refused.value.problems] == ["draft.no_lines"]


def test_a_duplicate_customer_leads_to_the_one_that_was_kept(shop):
    kept, gone = make_customer(shop, "kept"), make_customer(shop, "gone")
    with shop.transaction() as session:
        session.get(Customer, (shop.tenant.id, gone)).merged_into_id = kept
    saved = create(shop, draft(line(), customer="gone"))
    assert opened(shop, saved.draft_id).given.customer == "kept"


def test_each_act_needs_its_permission_and_is_noted(shop, with_permissions):
    saved = create(shop, draft(line()))
    save(shop, saved.draft_id, opened(shop, saved.draft_id).given, version=1)
    noted = [act.action for act in audit.listing(shop, object_id=str(saved.draft_id))]
    assert noted == ["draft.saved", "draft.created"]
    looks = with_permissions(shop, "drafts.view")
    assert opened(looks, saved.draft_id).version == 2
    for act in (
        lambda: create(looks, draft(line())),
        lambda: save(looks, saved.draft_id, DraftInput(), version=2),
    ):
        with pytest.raises(Forbidden):
            act()
