"""Why this amount, and what happened to a document."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import event

from billhook.db import db
from billhook.domain.splitting import ByLines, ByPercent
from billhook.domain.states import RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import Forbidden, NotFound
from billhook.ids import new_id
from billhook.services import (
    billing,
    crediting,
    documents,
    dossiers,
    drafting,
    explaining,
    issuing,
    prices,
    products,
    rebilling,
    splitting,
)
from billhook.services.document_trail import EventKind
from billhook.services.prices import PriceInput
from billhook.testing.shops import END, make_charge

PER_UNIT = "pricing_standard.per_unit"


def test_a_line_tells_its_charge_price_rounding_and_tax(shop, draft_of):
    off = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal(10))
    draft = draft_of("10.01", quantity=Decimal("1.5"), adjustments=(off,), reference="csv-1")
    (reason,) = explaining.why(shop, issuing.issue(shop, draft, issue_on=END).id)
    assert (reason.charge.source, reason.charge.reference) == ("test", "csv-1")
    assert reason.charge.group == "Project 1"
    assert reason.product_amount == Decimal("15.015")
    assert reason.effects == ((off, Decimal("-1.50150")),)
    assert reason.unrounded == Decimal("13.51350")
    assert (reason.rounded, reason.line.net) == (1351, 1351)
    assert [one.rate for one in reason.tax.treatment.components] == [20]
    assert (reason.tax.share, reason.tax.group_tax) == (270, 270)
    assert reason.tax.registrations != ()
    assert reason.price is None
    assert dict(reason.plugins).keys() == {"tax_rules"}


def test_shares_of_tax_sum_to_the_tax_of_the_group(shop, draft_of):
    draft = draft_of("0.33", "0.33", "0.33")
    drafting.adjust(
        shop, draft, Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Gift", amount=9)
    )
    issued = issuing.issue(shop, draft, issue_on=END)
    reasons = explaining.why(shop, issued.id)
    document_share = issued.tax - sum(one.tax.share for one in reasons)
    assert document_share <= 0  # the discount's share takes off
    assert all(one.tax.group_tax == issued.tax for one in reasons)


def test_a_line_tells_the_price_version_that_was_in_force_when_it_was_billed(shop, ann):
    products.save(shop, products.ProductInput(sku="SEAT", name="Seat"))

    def price(amount, **fields):
        prices.add_price(
            shop,
            PriceInput(sku="SEAT", model=PER_UNIT, parameters={"unit_price": amount}, **fields),
        )

    price("5")
    price("4", customer="ann")
    seat = products.get(shop, "SEAT").id
    make_charge(shop, ann, None, product_id=seat, quantity=Decimal(3), description="Seats")
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(shop)
    issued = issuing.issue(shop, draft.id, issue_on=END)
    price("9", valid_from=END.replace(day=1), customer="ann")  # later, and backdated
    (reason,) = explaining.why(shop, issued.id)
    assert reason.product == "Seat"
    assert (reason.price.model, reason.price.is_customers_own) == (PER_UNIT, True)
    assert reason.price.valid_from < END.replace(day=1)
    assert "4" in reason.line.explanation


def test_parts_and_what_is_billed_anew_tell_what_they_come_from(shop, draft_of):
    percents = ByPercent(percents=(Decimal(60), Decimal(40)))
    first, _second = splitting.split(shop, draft_of("10", reference="csv-7"), percents)
    issued = issuing.issue(shop, first.id, issue_on=END)
    (reason,) = explaining.why(shop, issued.id)
    assert (reason.charge.source, reason.charge.part_of.reference) == ("split", "csv-7")
    made = rebilling.rebill(shop, issued.id, reason="Wrong", issue_on=END)
    (taken,) = explaining.why(shop, made.note.id)
    assert taken.credited == issued.number
    anew = issuing.issue(shop, made.parts[0].id, issue_on=END)
    (reason,) = explaining.why(shop, anew.id)
    assert reason.charge.rebills == made.note.number


def test_a_hundred_lines_take_as_many_queries_as_one(shop, draft_of):
    few, many = (
        issuing.issue(shop, draft_of(*["1.01"] * count), issue_on=END).id for count in (1, 30)
    )
    counts = []
    for document_id in (few, many):
        with counting() as made:
            explaining.why(shop, document_id)
        counts.append(len(made))
    assert counts[0] == counts[1]


class counting:
    """Count the statements of a block."""

    def __enter__(self):
        self.made = []
        db.session.rollback()
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self.made

    def __exit__(self, *raised):
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_rest):
        self.made.append(statement)


def test_the_trail_tells_what_happened_in_order(shop, draft_of):
    first, _second = splitting.split(shop, draft_of("10", "20"), ByLines(parts={2: 1}))
    issued = issuing.issue(shop, first.id, issue_on=END)
    made = rebilling.rebill(shop, issued.id, reason="Wrong", issue_on=END)
    events = dossiers.dossier(shop, issued.id).trail
    assert {one.kind for one in events} == {
        EventKind.CAME_FROM,
        EventKind.ISSUED,
        EventKind.CREDITED,
        EventKind.BECAME,
    }
    assert events[0].part == "A"
    assert [one.happened_at for one in events] == sorted(one.happened_at for one in events)
    (back,) = [
        one for one in dossiers.dossier(shop, made.note.id).trail if one.kind is EventKind.CREDITS
    ]
    assert (back.related_id, back.detail) == (issued.id, issued.number)


def test_a_void_document_says_so_and_why(shop, invoice_of):
    invoice = invoice_of("10")
    crediting.void(shop, invoice, reason="Wrong customer", issue_on=END)
    (void,) = [
        one for one in dossiers.dossier(shop, invoice).trail if one.kind is EventKind.VOIDED
    ]
    assert void.reason == "Wrong customer"
    assert documents.get(shop, invoice).entry.is_void


@pytest.mark.parametrize("ask", [explaining.why, dossiers.dossier])
def test_only_who_sees_documents_is_told(shop, invoice_of, ask):
    invoice = invoice_of("10")
    with pytest.raises(Forbidden):
        ask(replace(shop, permissions=frozenset()), invoice)
    with pytest.raises(NotFound):
        ask(shop, new_id())
