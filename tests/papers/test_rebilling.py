"""An invoice is credited and billed anew, whole, in part or in parts, in one go."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from billhook.domain.child_charges import origin_of
from billhook.domain.credit_shares import NetShare
from billhook.domain.links import LinkKind
from billhook.domain.splitting import ByLines, ByPercent
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import Conflict, Forbidden, IdempotencyMismatch, NotFound
from billhook.ids import new_id
from billhook.services import (
    billing,
    crediting,
    documents,
    drafting,
    duplicating,
    issuing,
    ledgers,
    links,
    rebilling,
)
from billhook.services.verifying import verify
from billhook.testing.shops import END, make_customer

from .conftest import at_once, billed_charges, holders, net_of, references, waiting

SIXTY_FORTY = ByPercent(percents=(Decimal(60), Decimal(40)))


def discount(**value):
    return Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", **value)


def test_the_new_draft_is_the_invoice_again(shop, draft_of):
    draft = draft_of("99.99", "20", purchase_order="PO-1")
    drafting.adjust(shop, draft, discount(percent=Decimal(10)))
    old = issuing.issue(shop, draft, issue_on=END)
    made = rebilling.rebill(shop, old.id, reason="Wrong address", issue_on=END)
    assert (made.note.net, made.note.gross) == (old.net, old.gross)
    (part,) = made.parts
    loaded = drafting.load(shop, part.id).bill
    assert loaded.adjustments == (discount(percent=Decimal(10)),)
    assert [(line.quantity, line.unit_price) for line in loaded.lines] == [
        (Decimal(1), Decimal("99.99")),
        (Decimal(1), Decimal(20)),
    ]
    assert (loaded.purchase_order, loaded.reference) == ("PO-1", "")
    anew = issuing.issue(shop, part.id, issue_on=END)
    assert (anew.net, anew.tax, anew.gross) == (old.net, old.tax, old.gross)
    assert verify(shop).is_whole


def test_what_is_billed_anew_has_charges_of_its_own(shop, invoice_of):
    invoice = invoice_of("10", "20")
    before = billed_charges()
    made = rebilling.rebill(shop, invoice, reason="Wrong", issue_on=END)
    found = [origin_of("rebill", one) for one in references("rebill")]
    assert [(one.id, one.line_no) for one in found] == [(made.note.id, 1), (made.note.id, 2)]
    issuing.issue(shop, made.parts[0].id, issue_on=END)
    assert len(billed_charges()) == len(set(billed_charges())) == len(before) + 2


def test_a_new_draft_that_is_discarded_lets_its_charges_wait(shop, invoice_of):
    made = rebilling.rebill(shop, invoice_of("10", "20"), reason="Wrong", issue_on=END)
    drafting.discard(shop, made.parts[0].id)
    assert waiting() == 2
    assert billing.run(shop, until=END, issue_on=END).result.currencies["GBP"].net == 3000


def test_all_three_are_linked(shop, invoice_of):
    invoice = invoice_of("10")
    made = rebilling.rebill(shop, invoice, reason="Wrong", issue_on=END)
    found = links.family(shop, invoice).children
    assert {(one.kind, one.id) for one in found} == {
        (LinkKind.CREDITED, made.note.id),
        (LinkKind.REBILLED, made.parts[0].id),
    }
    (parent,) = links.family(shop, made.note.id).parents
    assert (parent.kind, parent.id) == (LinkKind.CREDITED, invoice)


def test_part_of_an_invoice_is_billed_anew_to_the_cent(shop, draft_of):
    draft = draft_of("99.99", "20.01")
    drafting.adjust(shop, draft, discount(percent=Decimal("12.5")))
    invoice = issuing.issue(shop, draft, issue_on=END).id
    some = rebilling.rebill(shop, invoice, lines={1: 3333}, reason="Some", issue_on=END)
    rest = rebilling.rebill(shop, invoice, reason="The rest", issue_on=END)
    for made in (some, rest):
        anew = drafting.get(shop, made.parts[0].id).outcome.document
        assert (anew.net, anew.gross) == (made.note.net, made.note.gross)
    total = rebilling.crediting.original(shop, invoice)
    assert all(line.left == 0 for line in total.lines)


@pytest.mark.parametrize(
    ("how", "nets"),
    [(ByLines(parts={2: 1}), [6666, 3335]), (SIXTY_FORTY, [6001, 4000])],
)
def test_an_invoice_is_split_by_credit_and_new_drafts(shop, invoice_of, how, nets):
    invoice = invoice_of("66.66", "33.35")
    seen = rebilling.preview(shop, invoice, how)
    made = rebilling.split(shop, invoice, how, reason="Two payers", issue_on=END)
    number = documents.get(shop, invoice).entry.number
    assert [one.reference for one in made.parts] == [f"{number}-A", f"{number}-B"]
    assert [net_of(shop, one.id) for one in made.parts] == nets
    assert [one.outcome.document.net for one in seen.parts] == nets
    assert made.note.net == sum(nets)
    kinds = [(one.kind, one.part) for one in links.family(shop, invoice).children]
    assert kinds == [(LinkKind.SPLIT, "A"), (LinkKind.SPLIT, "B"), (LinkKind.CREDITED, "")]
    assert [line.balance for line in ledgers.trial_balance(shop)] == [0, 0, 0]


def test_only_what_is_left_of_an_invoice_is_split(shop, draft_of):
    draft = draft_of("100", "50")
    drafting.adjust(shop, draft, discount(amount=1000))
    invoice = issuing.issue(shop, draft, issue_on=END)
    note = crediting.credit(shop, invoice.id, lines={1: 4999}, reason="Part", issue_on=END)
    made = rebilling.split(shop, invoice.id, SIXTY_FORTY, reason="Rest", issue_on=END)
    assert made.note.net == invoice.net - note.net
    assert sum(net_of(shop, one.id) for one in made.parts) == made.note.net
    assert verify(shop).is_whole


def test_a_part_of_an_invoice_can_be_for_another_payer(shop, invoice_of):
    bob = make_customer(shop, "bob")
    made = rebilling.split(
        shop, invoice_of("10", "20"), ByLines(parts={2: 1}), reason="Bob", payers={1: "bob"}
    )
    assert drafting.load(shop, made.parts[1].id).bill.payer_id == bob


def test_an_invoice_is_billed_anew_once_for_each_credit(app, shop, invoice_of):
    invoice = invoice_of("10", "20")
    answers = at_once(app, lambda ctx: rebilling.rebill(ctx, invoice, reason="x", issue_on=END))
    assert len([one for one in answers if isinstance(one, rebilling.Rebilled)]) == 1
    assert all(isinstance(one, rebilling.Rebilled | Conflict) for one in answers)
    assert len(drafting.listing(shop)) == 1
    with pytest.raises(Conflict, match="credited whole"):
        rebilling.split(shop, invoice, SIXTY_FORTY, reason="Again")


def test_a_refused_credit_leaves_no_draft_and_no_charge(shop, invoice_of):
    invoice = invoice_of("10", "20")
    ledgers.close(shop, END + timedelta(days=10))
    with pytest.raises(Exception, match="closed"):
        rebilling.rebill(shop, invoice, reason="Late", issue_on=END)
    assert drafting.listing(shop) == []
    assert references("rebill") == []


def test_the_same_key_bills_anew_once(shop, invoice_of):
    invoice = invoice_of("10", "20")
    first = rebilling.rebill(shop, invoice, reason="x", issue_on=END, key="r-1")
    assert rebilling.rebill(shop, invoice, reason="x", issue_on=END, key="r-1") == first
    with pytest.raises(IdempotencyMismatch):
        rebilling.rebill(shop, invoice, reason="y", issue_on=END, key="r-1")


def test_a_total_is_billed_anew(shop, invoice_of):
    made = rebilling.rebill(
        shop, invoice_of("10", "20"), total=NetShare(net=1000), reason="x", issue_on=END
    )
    assert (made.note.net, net_of(shop, made.parts[0].id)) == (1000, 1000)


@pytest.mark.parametrize("missing", ["documents.credit", "drafts.edit"])
def test_billing_anew_needs_both_permissions(shop, invoice_of, missing):
    allowed = {"documents.credit", "drafts.edit"} - {missing}
    invoice = invoice_of("10", "20")
    limited = replace(shop, permissions=frozenset(allowed))
    with pytest.raises(Forbidden, match=missing):
        rebilling.rebill(limited, invoice, reason="x")
    with pytest.raises(Forbidden, match=missing):
        rebilling.split(limited, invoice, SIXTY_FORTY, reason="x")


# Duplicates


def test_a_duplicate_bills_nothing_of_the_first(shop, draft_of):
    draft = draft_of("99.99", "20")
    drafting.adjust(shop, draft, discount(percent=Decimal(10)))
    copy = duplicating.duplicate(shop, draft)
    invoice = issuing.issue(shop, draft, issue_on=END)
    again = duplicating.duplicate(shop, invoice.id)
    assert net_of(shop, copy) == net_of(shop, again) == invoice.net
    assert {*holders().values()} == {invoice.id}
    for one in (copy, again):
        (parent,) = links.family(shop, one).parents
        assert (parent.kind, parent.id) == (LinkKind.DUPLICATED, invoice.id)
    issuing.issue(shop, again, issue_on=END)
    assert verify(shop).is_whole


def test_a_duplicate_of_a_credit_note_is_a_credit_note(shop, invoice_of):
    note = crediting.credit(shop, invoice_of("10", "20"), reason="Back", issue_on=END)
    copy = drafting.get(shop, duplicating.duplicate(shop, note.id)).outcome.document
    assert (copy.type, copy.net) == (note.type, note.net)
    assert copy.credits_document_id is None


def test_the_same_key_duplicates_once(shop, draft_of):
    draft = draft_of("10")
    first = duplicating.duplicate(shop, draft, key="d-1")
    assert duplicating.duplicate(shop, draft, key="d-1") == first
    with pytest.raises(NotFound):
        duplicating.duplicate(shop, new_id())
    with pytest.raises(Forbidden):
        duplicating.duplicate(replace(shop, permissions=frozenset()), draft)
