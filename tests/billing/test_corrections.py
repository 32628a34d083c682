"""Drafts that are issued or discarded, invoices that are credited or voided."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from billhook.db import db
from billhook.domain.states import ChargeState, DocumentType, DraftState, RunMode
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.errors import (
    AlreadyIssued,
    BillhookError,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    NotFound,
    PeriodClosed,
    ValidationFailed,
)
from billhook.ids import new_id
from billhook.services import (
    billing,
    charging,
    crediting,
    customers,
    documents,
    drafting,
    issuing,
    ledgers,
    series,
    series_reports,
)
from billhook.services.customers import CustomerInput
from billhook.services.verifying import verify

from .conftest import END, acting


@pytest.fixture
def draft(shop, customer, charge):
    """An open draft over two charges, 10.00 and 20.00."""
    ann = customer("ann")
    charge(ann, "10", description="Ten")
    charge(ann, "20", description="Twenty")
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    return entry.id


@pytest.fixture
def invoice(shop, draft):
    """An issued invoice: 30.00 net, 6.00 tax."""
    return issuing.issue(shop, draft, issue_on=END)


def balance(ctx, code):
    return sum(line.balance for line in ledgers.trial_balance(ctx) if line.code == code)


def test_a_draft_shows_what_it_would_come_to(shop, draft):
    view = drafting.get(shop, draft)
    assert (view.outcome.document.net, view.outcome.document.tax) == (3000, 600)
    assert ledgers.journal(shop) == []


def test_a_discount_of_the_whole_draft_lowers_tax_too(shop, draft):
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal(10))
    drafting.adjust(shop, draft, discount)
    issued = issuing.issue(shop, draft, issue_on=END)
    assert (issued.net, issued.tax, issued.gross) == (2700, 540, 3240)
    assert balance(shop, "4090") == 300
    assert verify(shop).is_whole


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": Decimal(0)},
        {"percent": Decimal(101)},
        {"amount": -1},
        {"percent": Decimal(5), "reason": " "},
        {"percent": Decimal(5), "reason": "x" * 501},
    ],
)
def test_a_senseless_discount_is_refused(shop, draft, wrong):
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, **{"reason": "Autumn", **wrong})
    with pytest.raises(ValidationFailed):
        drafting.adjust(shop, draft, discount)


def test_a_discarded_draft_lets_its_charges_wait_again(shop, draft):
    drafting.discard(shop, draft, reason="Too early")
    assert {entry.state for entry in charging.listing(shop)} == {ChargeState.OPEN}
    assert [entry.id for entry in drafting.listing(shop, state=DraftState.DISCARDED)] == [draft]
    with pytest.raises(Conflict):
        issuing.issue(shop, draft)
    assert billing.run(shop, until=END, issue_on=END).result.currencies["GBP"].documents == 1


def test_issuing_numbers_posts_and_bills_the_charges(shop, invoice):
    assert invoice.number == "INV-2026-00001"
    assert {entry.state for entry in charging.listing(shop)} == {ChargeState.BILLED}
    assert (balance(shop, "1200"), balance(shop, "4000"), balance(shop, "2200")) == (
        3600,
        -3000,
        -600,
    )


def test_a_draft_is_issued_on_the_day_that_its_run_was_for(shop, draft):
    issued = issuing.issue(shop, draft)
    assert documents.get(shop, issued.id).entry.issue_on == END


def test_a_draft_of_a_run_for_today_is_issued_on_the_day_of_issue(shop, customer, charge):
    charge(customer("ann"))
    billing.run(shop, until=END, issue_on=shop.today(), mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    assert drafting.load(shop, entry.id).issue_on is None


def test_a_draft_is_issued_once(shop, draft, invoice):
    with pytest.raises(AlreadyIssued):
        issuing.issue(shop, draft)
    with pytest.raises(AlreadyIssued):
        drafting.discard(shop, draft)
    with pytest.raises(NotFound):
        issuing.issue(shop, new_id())


def test_the_same_key_gets_the_first_answer(shop, draft):
    first = issuing.issue(shop, draft, issue_on=END, key="k-1")
    assert issuing.issue(shop, draft, issue_on=END, key="k-1") == first
    with pytest.raises(IdempotencyMismatch):
        issuing.issue(shop, draft, key="k-1")


def test_a_repeat_that_computes_while_the_first_commits_gets_its_answer(shop, draft, monkeypatch):
    computed = issuing._computed
    firsts = []

    def overtaken(ctx, draft_id, issue_on, version):
        if not firsts:
            firsts.append(None)
            firsts[0] = issuing.issue(ctx, draft_id, issue_on=END, key="k-1")
        return computed(ctx, draft_id, issue_on, version)

    monkeypatch.setattr(issuing, "_computed", overtaken)
    assert issuing.issue(shop, draft, issue_on=END, key="k-1") == firsts[0]


def test_fifty_parallel_issues_with_one_key_have_one_effect(app, shop, draft):
    def issue(_number):
        with app.app_context(), acting("shop") as ctx:
            return issuing.issue(ctx, draft, issue_on=END, key="same")

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(issue, range(50)))
    db.session.rollback()  # look anew
    assert len(answers) == 1
    assert len(documents.listing(shop)) == 1


def test_parallel_issues_of_one_draft_without_a_key_issue_it_once(app, shop, draft):
    def issue(_number):
        with app.app_context(), acting("shop") as ctx:
            try:
                return issuing.issue(ctx, draft, issue_on=END)
            except BillhookError as error:
                return error

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(issue, range(12)))
    db.session.rollback()  # look anew
    assert len([answer for answer in answers if isinstance(answer, issuing.Issued)]) == 1
    assert len(documents.listing(shop)) == 1


def test_a_whole_credit_takes_everything_back_and_settles(shop, invoice):
    note = crediting.credit(shop, invoice.id, reason="Returned")
    assert (note.type, note.gross) == (DocumentType.CREDIT_NOTE, 3600)
    assert [line.balance for line in ledgers.trial_balance(shop)] == [0, 0, 0]
    entries = {entry.number: entry.open for entry in documents.listing(shop)}
    assert entries == {invoice.number: 0, note.number: 0}
    assert documents.get(shop, invoice.id).credits == (note.id,)
    assert verify(shop).is_whole


def test_lines_are_credited_in_parts_and_never_beyond(shop, invoice):
    crediting.credit(shop, invoice.id, lines={1: 400}, reason="Discount")
    crediting.credit(shop, invoice.id, lines={1: None, 2: 1999}, reason="Returned")
    with pytest.raises(ValidationFailed, match=r"0\.01 GBP is left"):
        crediting.credit(shop, invoice.id, lines={2: 2}, reason="Too much")
    crediting.credit(shop, invoice.id, reason="The last cent")
    with pytest.raises(Conflict, match="credited whole"):
        crediting.credit(shop, invoice.id, reason="Again")
    assert [line.balance for line in ledgers.trial_balance(shop)] == [0, 0, 0]
    assert verify(shop).is_whole


@pytest.mark.parametrize("lines", [{}, {3: 100}, {1: 0}, {1: -100}, {1: 1001}])
def test_a_wrong_credit_is_refused_and_leaves_nothing(shop, invoice, lines):
    with pytest.raises(ValidationFailed):
        crediting.credit(shop, invoice.id, lines=lines, reason="Wrong")
    assert len(documents.listing(shop)) == 1
    assert series.last_date(shop, END) == END


def test_a_credit_note_is_not_credited(shop, invoice):
    note = crediting.credit(shop, invoice.id, reason="Returned")
    with pytest.raises(Conflict, match="Only an invoice"):
        crediting.credit(shop, note.id, reason="Wrong")


def test_credits_at_the_same_time_never_exceed_the_invoice(app, shop, invoice):
    def credit(_number):
        with app.app_context(), acting("shop") as ctx:
            try:
                return crediting.credit(ctx, invoice.id, lines={2: 900}, reason="Race").net
            except BillhookError:
                return 0

    with ThreadPoolExecutor(6) as threads:
        taken = sum(threads.map(credit, range(12)))
    db.session.rollback()  # look anew
    assert taken in (900, 1800)
    assert verify(shop).is_whole


def test_a_void_invoice_keeps_its_number(shop, invoice):
    reversal = crediting.void(shop, invoice.id, reason="Wrong customer")
    by_number = {entry.number: entry for entry in documents.listing(shop)}
    assert by_number[invoice.number].is_void
    assert not by_number[reversal.number].is_void
    (report,) = [r for r in series_reports.report(shop) if r.series == "invoices"]
    assert (report.voided, report.missing) == ((invoice.number,), 0)
    with pytest.raises(Conflict):
        crediting.void(shop, invoice.id, reason="Twice")


def test_what_is_settled_or_closed_is_not_voided(shop, invoice):
    ledgers.close(shop, END)
    with pytest.raises(PeriodClosed):
        crediting.void(shop, invoice.id, reason="Late")
    crediting.credit(shop, invoice.id, lines={1: 1}, reason="A cent")
    with pytest.raises(Conflict):
        crediting.void(shop, invoice.id, reason="Late")


def test_a_change_between_computing_and_writing_is_noticed(shop, draft):
    loaded, document = issuing._computed(shop, draft, END, None)
    customers.save(shop, CustomerInput(reference="ann", name="Ann Other"))
    with pytest.raises(Conflict), shop.transaction():
        issuing._issue(shop, loaded, document)
    assert documents.listing(shop) == []


def test_old_documents_keep_the_buyer_as_they_were(shop, invoice):
    customers.save(shop, CustomerInput(reference="ann", name="Ann Other", city="Leeds"))
    assert documents.get(shop, invoice.id).buyer["name"] == "Customer ann"


@pytest.mark.parametrize(
    "act",
    [
        lambda ctx, document: crediting.credit(ctx, document, reason="x"),
        lambda ctx, document: crediting.void(ctx, document, reason="x"),
        lambda ctx, document: issuing.issue(ctx, document),
        lambda ctx, document: billing.run(ctx, until=END, issue_on=END),
        lambda ctx, document: ledgers.close(ctx, date(2026, 1, 31)),
        lambda ctx, document: charging.hold(ctx, [document], reason="x"),
    ],
)
def test_acts_need_their_permission(shop, invoice, act):
    from dataclasses import replace

    with pytest.raises(Forbidden):
        act(replace(shop, permissions=frozenset({"documents.view"})), invoice.id)
