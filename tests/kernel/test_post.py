"""What the kernel writes, and the numbers that it gives."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from billhook.db import db, transaction
from billhook.domain.documents import BaseCurrency
from billhook.domain.totals import TaxedAmount, document_totals
from billhook.kernel import post, prepare, refusal
from billhook.models.audit import Audit
from billhook.models.documents import (
    DocumentLineRow,
    DocumentRow,
    DocumentSeal,
    DocumentTaxRow,
    PartySnapshotRow,
)
from billhook.models.ledger import (
    Credit,
    EntrySeal,
    JournalHead,
    LineBalance,
    PostingRow,
    Receivable,
)
from billhook.models.work import DueWork, Outbox
from billhook.testing.factories import ISSUE_ON, NOW, TWENTY_PERCENT, open_books

pytestmark = pytest.mark.usefixtures("session_app")


@pytest.fixture
def books(session_app):
    books = open_books("shop")
    with books.acting():
        yield books


def issue(books, *documents):
    with transaction() as session:
        return post(session, prepare(books.batch(*documents)))


def all_of(row, *order):
    return list(db.session.scalars(select(row).order_by(*order)))


def test_documents_are_numbered_in_their_order(books):
    sealed = issue(books, books.invoice(), books.invoice((500,)))
    sealed += issue(books, books.invoice((1,)))
    assert [each.printed_number for each in sealed] == ["INV-00001", "INV-00002", "INV-00003"]
    assert [seal.number for seal in all_of(DocumentSeal, DocumentSeal.number)] == [1, 2, 3]


def test_each_series_counts_for_itself_and_the_journal_for_all(books):
    invoice = books.invoice((1000,))
    issue(books, invoice)
    with transaction() as session:
        session.add(LineBalance(document_id=invoice.id, line_no=1, amount=1000, credited=400))
        sealed = post(
            session, prepare(books.batch(books.credit_note(invoice, (400,)), books.invoice()))
        )
    assert [each.printed_number for each in sealed] == ["CN-00001", "INV-00002"]
    assert [seal.sequence for seal in all_of(EntrySeal, EntrySeal.sequence)] == [1, 2, 3]


def test_an_invoice_is_owed_and_a_credit_note_is_a_credit(books):
    invoice = books.invoice((1000,))
    issue(books, invoice)
    with transaction() as session:
        session.add(LineBalance(document_id=invoice.id, line_no=1, amount=1000, credited=400))
        post(session, prepare(books.batch(books.credit_note(invoice, (400,)))))
    (receivable,) = all_of(Receivable)
    (credit,) = all_of(Credit)
    assert (receivable.amount, credit.amount) == (1200, 480)  # with 20 % tax


def test_documents_share_the_snapshots_of_their_parties(books):
    issue(books, books.invoice(), books.invoice())
    issue(books, books.invoice(), books.invoice())
    assert db.session.scalar(select(func.count(DocumentRow.id))) == 4
    assert db.session.scalar(select(func.count(PartySnapshotRow.id))) == 2


def test_every_document_is_announced_and_noted(books):
    issue(books, books.invoice(), books.invoice())
    events = all_of(Outbox)
    assert [event.name for event in events] == ["document.issued"] * 2
    assert [due.batch_id for due in db.session.scalars(due_of(books))] == [events[0].batch_id]
    assert [(noted.action, noted.happened_at) for noted in all_of(Audit)] == [
        ("document.issued", NOW)
    ] * 2


def due_of(books):
    return select(DueWork).where(DueWork.tenant_id == books.tenant_id)


def test_an_invoice_of_nothing_has_a_number_but_no_entry(books):
    (sealed,) = issue(books, books.invoice((0,)))
    assert sealed.number == 1
    (document,) = all_of(DocumentRow)
    assert document.entry_id is None
    assert not all_of(EntrySeal)


def test_values_come_back_as_they_went_in(books):
    lines = books.invoice((0, 1)).lines
    odd = (
        replace(
            lines[0],
            description="Ünïcödé, “quoted”\n\t\\ and 漢字 🧾",
            quantity=Decimal("-0.000000001"),
            unit_price=Decimal("1234567890123456.123456789012"),
            net=-(2**53) - 1,
            sku="a" * 80,
        ),
        replace(lines[1], quantity=Decimal("1E+3"), unit_price=Decimal("0.10"), net=2**62),
    )
    totals = document_totals(
        [TaxedAmount(amount=line.net, treatment=TWENTY_PERCENT) for line in odd]
    )
    amounts = {
        name: getattr(totals, name) for name in ("net", "tax", "gross", "payable", "groups")
    }
    issue(books, replace(books.invoice((0, 1)), lines=odd, **amounts))

    stored = all_of(DocumentLineRow, DocumentLineRow.line_no)
    for row, line in zip(stored, odd, strict=True):
        for name in ("description", "sku", "quantity", "unit_price", "net", "charge_id"):
            assert getattr(row, name) == getattr(line, name), name
    (document,) = all_of(DocumentRow)
    assert (document.net, document.issue_on, document.issued_at) == (totals.net, ISSUE_ON, NOW)


def test_an_entry_in_another_currency_balances_in_the_base_currency_too(books):
    foreign = BaseCurrency(
        currency="GBP", rate=Decimal("0.333333"), rate_on=ISSUE_ON, source="manual"
    )
    issue(books, replace(books.invoice((1000, 1000, 1000)), base=foreign))
    postings = all_of(PostingRow, PostingRow.line_no)
    assert sum(posting.amount for posting in postings) == 0
    assert sum(posting.base_amount for posting in postings) == 0
    (document,) = all_of(DocumentRow)
    (tax,) = all_of(DocumentTaxRow)
    assert (document.base_net, document.base_tax) == (1000, 200)
    assert (tax.base_net, tax.base_tax) == (1000, 200)


def test_a_batch_is_written_whole_or_not_at_all(books):
    good, bad = books.invoice(), books.invoice(issue_on=ISSUE_ON - timedelta(days=1))
    with pytest.raises(IntegrityError) as raised:
        issue(books, good, bad)
    assert refusal(raised.value) == "issue_date"
    assert not all_of(DocumentRow)
    assert issue(books, good)[0].number == 1


def test_a_refusal_is_named_by_its_guard(books):
    with transaction() as session:
        session.execute(update(JournalHead).values(closed_through=ISSUE_ON))
    with pytest.raises(IntegrityError) as raised:
        issue(books, books.invoice())
    assert refusal(raised.value) == "period_closed"
    issue(books, books.invoice(issue_on=ISSUE_ON + timedelta(days=1)))


def test_nothing_to_issue_writes_nothing(books):
    with transaction() as session:
        assert post(session, prepare(books.batch())) == []
