"""Statements with a running balance: whatever page and days, the newest line is the account's balance."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.domain.ledger import RECEIVABLE, REVENUE
from billhook.errors import NotFound, ValidationFailed
from billhook.services import billing, documents, journals, ledgers
from billhook.services.journals import EntryFilter
from billhook.testing.members import open_tenant
from billhook.testing.shops import acting, make_charge, make_customer

DAYS = (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31))


@pytest.fixture
def books(make_app, config):
    """Return the operator's context in a shop with three invoices a month for three months."""
    app = make_app(config, plugins=[pricing_standard, tax_rules])
    with app.app_context():
        open_tenant("shop", pack=("pricing_standard", "tax_rules"))
        with acting("shop") as ctx:
            customers = [make_customer(ctx, name) for name in ("ann", "bob", "eve")]
            for day in DAYS:
                for number, customer in enumerate(customers, 1):
                    make_charge(ctx, customer, str(10 * number), charged_on=day)
                billing.run(ctx, until=day, issue_on=day)
            yield ctx


def pages(ctx, **wanted) -> list[journals.StatementLine]:
    found, after = [], ""
    while True:
        page = journals.statement(ctx, RECEIVABLE, "GBP", after=after, limit=2, **wanted).lines
        found += page.rows
        if not page.next:
            return found
        after = page.next


def balance(ctx, account: str, as_of: date | None = None) -> int:
    (found,) = (one for one in ledgers.trial_balance(ctx, as_of) if one.code == account)
    return found.balance


@pytest.mark.parametrize(
    ("since", "until"),
    [(None, None), (None, DAYS[1]), (DAYS[1], None), (DAYS[1], DAYS[1])],
)
def test_balances_run_on_over_pages_and_begin_before_the_first_day(books, since, until):
    lines = pages(books, since=since, until=until)
    assert lines[0].balance == balance(books, RECEIVABLE, until)
    for newer, older in pairwise(lines):
        assert newer.balance - newer.amount == older.balance
    opening = lines[-1].balance - lines[-1].amount
    before = balance(books, RECEIVABLE, date(2026, 9, 29)) if since else 0
    assert opening == before
    inside = [day for day in DAYS if (not since or day >= since) and (not until or day <= until)]
    assert len(lines) == 3 * len(inside)


def test_balances_name_accounts_that_nothing_was_posted_to(books):
    unused = [one.code for one in ledgers.balances(books) if not (one.debit or one.credit)]
    assert unused
    assert not set(unused) & {one.code for one in ledgers.trial_balance(books)}
    assert sum(one.balance for one in ledgers.trial_balance(books, DAYS[0])) == 0
    assert balance(books, REVENUE, DAYS[0]) == -6000


def test_entries_are_found_by_what_they_were_posted_for(books):
    def found(**wanted) -> list[int]:
        return [one.sequence for one in journals.search(books, EntryFilter(**wanted)).rows]

    number = documents.listing(books, customer="bob")[0].number
    assert len(found()) == 9
    assert found(text=number) == found(text=number.lower())
    assert len(found(text="bob")) == 3
    assert found(text="7") == [7]
    assert len(found(amount=Decimal("24.00"))) == 3  # bob's, with its tax
    assert len(found(amount=Decimal("-4.00"))) == 3  # the tax of bob's
    assert found(amount=Decimal("24.005")) == []
    assert len(found(account=REVENUE, since=DAYS[2])) == 3
    assert found(account="9999") == found(text="nobody") == []


def test_an_entry_knows_its_neighbours_and_its_seal(books):
    newest, *rest = journals.search(books, EntryFilter()).rows
    view = journals.get(books, newest.id)
    assert (view.next_id, view.previous_id) == (None, rest[0].id)
    assert view.previous_hash == journals.get(books, rest[0].id).hash
    assert sum(one.base_amount for one in view.postings) == 0


def test_what_is_no_account_or_cursor_is_told(books):
    with pytest.raises(NotFound):
        journals.statement(books, "9999", "GBP")
    with pytest.raises(ValidationFailed):
        journals.statement(books, RECEIVABLE, "GBP", after="nonsense")
