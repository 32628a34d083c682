"""The ledger's pages: each sum leads to its postings, each posting to its document."""

import csv
import io
import re
from decimal import Decimal

import pytest

from billhook.db import db
from billhook.domain.ledger import RECEIVABLE
from billhook.jobs.drainer import drain
from billhook.models.ledger import PostingRow
from billhook.services import documents, journals, ledgers, verification_runs
from billhook.services.verifying.finding import Broken, Checked
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import END

PAGES = ("/ledger", "/ledger/accounts", "/ledger/trial-balance", "/ledger/verify")


def words(browser, path: str) -> str:
    return " ".join(Page(browser.get(path).text).text.split())


@pytest.fixture
def invoice(office):
    with office.ctx.acting():
        return documents.get(office.ctx, office.invoice).entry


def test_the_journal_leads_to_entries_and_documents(office, invoice):
    browser = office.visit()
    page = browser.get("/ledger").text
    assert f'href="/documents/{office.invoice}"' in page
    found = browser.get(f"/ledger?search={invoice.number}").text
    assert f"{invoice.gross / 100:,.2f}" in found
    (entry,) = set(re.findall(r'href="(/ledger/entries/[^"]+)"', found))
    text = words(browser, entry)
    assert invoice.number in text
    assert RECEIVABLE in text
    assert "Hash of the content" in text
    assert f'href="/ledger/accounts/{RECEIVABLE}/GBP"' in browser.get(entry).text


def test_the_journal_is_narrowed_by_account_type_amount_and_day(office, invoice):
    browser = office.visit()
    assert invoice.number in words(browser, f"/ledger?account={RECEIVABLE}&type=invoice")
    assert invoice.number not in words(browser, "/ledger?type=credit_note")
    assert invoice.number in words(browser, f"/ledger?amount={invoice.gross / 100:.2f}")
    assert "Nothing is like this." in words(browser, "/ledger?amount=7.77")
    assert "Nothing is like this." in words(browser, "/ledger?until=2020-01-01")
    assert invoice.number in words(browser, "/ledger?amount=nonsense")


def test_balances_as_of_a_day_lead_to_the_account(office):
    browser = office.visit()
    for path in ("/ledger/accounts", "/ledger/trial-balance"):
        page = browser.get(f"{path}?as_of={END}").text
        assert f"/ledger/accounts/{RECEIVABLE}/GBP?until={END}" in page, path
    assert "Nothing is posted up to this day." in words(
        browser, "/ledger/trial-balance?as_of=2020-01-01"
    )
    statement = words(browser, f"/ledger/accounts/{RECEIVABLE}/GBP?until={END}")
    with office.ctx.acting():
        (receivable,) = (
            one for one in ledgers.trial_balance(office.ctx) if one.code == RECEIVABLE
        )
        (newest, *_rest) = journals.statement(office.ctx, RECEIVABLE, "GBP").lines.rows
    assert newest.balance == receivable.balance
    assert f"{receivable.balance / 100:,.2f}" in statement
    assert browser.get("/ledger/accounts/9999/GBP").status_code == 404


def test_verifying_runs_as_a_job_and_says_that_all_is_whole(office):
    browser = office.visit()
    run = browser.send("/ledger/verify").location
    assert "0 of 8 checks are done." in words(browser, run)
    assert browser.send("/ledger/verify").location == run  # one run at a time
    drain()
    assert "The books are whole" in words(browser, run)
    assert "8 of 8" not in words(browser, f"{run}/progress")
    assert browser.send("/ledger/verify").location != run


def test_verifying_names_what_is_broken(office, monkeypatch):
    name, label, _check = verification_runs.CHECKS[0]
    broken = Checked(count=3, broken=Broken(record="INV-7", reason="Its hash is another."))
    monkeypatch.setattr(
        verification_runs,
        "CHECKS",
        ((name, label, lambda _ctx: broken), *verification_runs.CHECKS[1:]),
    )
    browser = office.visit()
    run = browser.send("/ledger/verify").location
    drain()
    text = words(browser, run)
    assert "The books are broken." in text
    assert "INV-7: Its hash is another." in text


def test_the_journal_is_handed_over_as_csv(office, invoice):
    days = {"since": "2026-10-01", "until": "2026-10-31", "way": "csv"}
    answer = office.visit().send("/ledger/hand-over", days)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    mine = [row for row in rows if row["number"] == invoice.number]
    assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in rows) == 0
    assert {row["customer"] for row in mine} == {"ann"}
    with office.ctx.acting():
        assert len(rows) == len(db.session.scalars(db.select(PostingRow.entry_id)).all())


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"since": "2026-10-31", "until": "2026-10-01"}, "before the first one"),
        ({"since": "", "until": "2026-10-01"}, "Choose the first day."),
    ],
)
def test_days_that_make_no_sense_are_told_at_the_field(office, days, said):
    answer = office.visit().send("/ledger/hand-over", {**days, "way": "csv"})
    assert answer.status_code == 422
    assert said in answer.text


def test_the_books_are_for_those_who_may_see_them(office):
    clerk = office.visit(join("office", "cleo@office.example", role="clerk").email)
    assert {clerk.get(path).status_code for path in (*PAGES, "/ledger/hand-over")} == {403}
    auditor = office.visit(join("office", "otto@office.example", role="auditor").email)
    assert {auditor.get(path).status_code for path in (*PAGES, "/ledger/hand-over")} == {200}
