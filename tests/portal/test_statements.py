"""The statement of open items says what the books say, to whom it concerns."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from billhook import limits
from billhook.backlog import backlog_of
from billhook.clock import FixedClock
from billhook.db import db
from billhook.domain.ledger import RECEIVABLE
from billhook.domain.questions import QuestionKind
from billhook.domain.statements import Age, age_of
from billhook.domain.states import DocumentType
from billhook.errors import Forbidden
from billhook.ids import new_id
from billhook.models.clients import PortalVisit
from billhook.models.customers import Contact
from billhook.models.ledger import Account, Credit, PostingRow
from billhook.money import plain, to_major
from billhook.services import billing, crediting, documents, fx, statements
from billhook.services.customers import CustomerInput, save
from billhook.services.portal import clients, overview, questions
from billhook.services.portal import statements as client_statements
from billhook.services.portal.questions import NewQuestion
from billhook.testing.shops import END, make_charge


def booked(customer_id: UUID) -> dict[str, int]:
    """What the ledger's account of receivables says of a customer, by currency."""
    rows = db.session.execute(
        select(PostingRow.currency, func.sum(PostingRow.amount))
        .join(
            Account,
            (Account.tenant_id == PostingRow.tenant_id) & (Account.id == PostingRow.account_id),
        )
        .where(PostingRow.customer_id == customer_id, Account.code == RECEIVABLE)
        .group_by(PostingRow.currency)
    )
    return {currency: int(amount) for currency, amount in rows if amount}


def owed(office, name: str) -> dict[str, int]:
    """What the first page of a client says."""
    client = office.client(name)
    with client.ctx.acting():
        return {one.currency: one.total for one in overview.overview(client).balances}


def test_totals_are_those_of_the_ledger_in_every_currency(office):
    ann = office.kept.customers["ann"]
    for currency, price in (("JPY", "1234"), ("KWD", "1.005"), ("GBP", "7")):
        if currency != office.ctx.tenant.currency:
            fx.set_rate(office.ctx, currency, Decimal("0.5"), on=END)
        make_charge(office.ctx, ann, price, currency=currency)
    billing.run(office.ctx, until=END, issue_on=END)

    found = statements.of_customer(office.ctx, ann)

    assert {one.currency: one.balance for one in found.currencies} == booked(ann)
    assert owed(office, "eve") == booked(ann)
    assert [one.currency for one in found.currencies] == ["GBP", "JPY", "KWD"]
    for one in found.currencies:
        assert sum(item.open for item in one.items) == one.balance
        assert len(one.items) == one.count


def test_it_stands_in_the_name_of_who_pays(office):
    ann, lodz = office.kept.customers["ann"], office.kept.customers["lodz"]
    save(office.ctx, CustomerInput(reference="lodz", payer="ann"))
    make_charge(office.ctx, lodz, "11", payer_id=ann)
    billing.run(office.ctx, until=END, issue_on=END)
    document = max(documents.listing(office.ctx, customer="lodz"), key=lambda one: one.id)

    with office.client("eve").ctx.acting():
        hers = client_statements.seen(office.client("eve")).statement
    with office.client("lech").ctx.acting():
        his = client_statements.seen(office.client("lech")).statement

    assert document.number in [item.number for item in hers.currencies[0].items]
    assert document.number not in [item.number for item in his.currencies[0].items]
    assert {one.currency: one.balance for one in hers.currencies} == booked(ann)
    assert {one.currency: one.balance for one in his.currencies} == booked(lodz)
    assert [owed(office, name) for name in ("eve", "lech")] == [booked(ann), booked(lodz)]


def test_what_is_settled_or_void_is_not_open(office):
    make_charge(office.ctx, office.kept.customers["yamada"], "40")
    billing.run(office.ctx, until=END, issue_on=office.ctx.today())
    fresh = documents.listing(office.ctx, customer="yamada")
    newest = max(fresh, key=lambda one: one.issue_on)
    crediting.void(office.ctx, newest.id, reason="By mistake")

    [found] = statements.of_customer(office.ctx, office.kept.customers["yamada"]).currencies

    assert newest.number not in [item.number for item in found.items]
    assert {found.currency: found.balance} == booked(office.kept.customers["yamada"])


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (-1, Age.NOT_DUE),
        (0, Age.NOT_DUE),  # due today is not late
        (1, Age.UP_TO_30),
        (30, Age.UP_TO_30),
        (31, Age.UP_TO_60),
        (60, Age.UP_TO_60),
        (61, Age.UP_TO_90),
        (90, Age.UP_TO_90),
        (91, Age.OVER_90),
    ],
)
def test_ages(days, age):
    assert age_of(END - timedelta(days=days), END) is age


def test_sums_by_age_are_those_of_the_lines(office):
    lodz = office.kept.customers["lodz"]
    for months in range(6):
        issue_on = date(2026, 11, 1) + timedelta(days=30 * months)
        make_charge(office.ctx, lodz, str(months + 1), charged_on=END)
        billing.run(office.ctx, until=END, issue_on=issue_on)
    late = replace(office.ctx, clock=FixedClock(datetime(2027, 4, 1, 12, tzinfo=UTC)))

    [found] = statements.of_customer(late, lodz).currencies

    assert {one.age: (one.count, one.open) for one in found.ages} == {
        age: (len(items), sum(item.open for item in items))
        for age in Age
        for items in [[i for i in found.items if age_of(i.due_on, late.today()) is age]]
    }
    assert all(one.count for one in found.ages)
    assert found.overdue == sum(item.open for item in found.items if item.days_overdue)


def test_the_day_is_that_of_the_tenants_zone(office):
    tokyo = replace(office.ctx.tenant, time_zone="Asia/Tokyo")
    evening = FixedClock(datetime(2026, 12, 1, 20, tzinfo=UTC))
    ctx = replace(office.ctx, tenant=tokyo, clock=evening)

    assert statements.of_customer(ctx, office.kept.customers["ann"]).as_of == date(2026, 12, 2)


def test_more_than_is_listed_is_counted(office, monkeypatch):
    monkeypatch.setattr(limits, "STATEMENT_ITEMS", 1)
    make_charge(office.ctx, office.kept.customers["ann"], "5")
    billing.run(office.ctx, until=END, issue_on=END)

    found = statements.of_customer(office.ctx, office.kept.customers["ann"])

    assert (found.count, found.left_out) == (2, 1)
    assert [one.balance for one in found.currencies] == [
        sum(booked(office.kept.customers["ann"]).values())
    ]


def test_a_dispute_shows_on_page_and_paper(office):
    eve = office.client("eve")
    with eve.ctx.acting():
        questions.ask(
            eve,
            NewQuestion(
                document_id=office.kept.invoices["ann"],
                kind=QuestionKind.DISPUTE,
                reason="other",
                text="That is too much",
            ),
        )

    page = office.at_portal("eve@ann.example").get("/statement").text
    paper = office.at_portal("eve@ann.example").get("/statement.pdf").text

    assert page.count("In dispute") == paper.count("In dispute") == 1


def test_page_and_paper_say_the_same_and_both_are_noted(office):
    browser = office.at_portal("eve@ann.example")
    [found] = statements.of_customer(office.ctx, office.kept.customers["ann"]).currencies

    page, paper = browser.get("/statement"), browser.get("/statement.pdf")

    assert (page.status_code, paper.status_code) == (200, 200)
    assert paper.headers["Content-Disposition"].startswith("attachment; filename=Statement-20")
    assert paper.headers["Cache-Control"] == "private, no-store"
    for item in found.items:
        for shown in (item.number, plain(to_major(abs(item.open), item.currency))[-2:]):
            assert shown in page.text
            assert shown in paper.text
    assert "Work &" not in page.text
    backlog_of(office.app).flush()
    db.session.rollback()
    kinds = db.session.scalars(
        select(PortalVisit.kind).where(PortalVisit.kind.like("statement%"))
    ).all()
    assert sorted(kinds) == ["statement.downloaded", "statement.seen"]


def test_a_language_of_the_client_is_that_of_the_paper(office):
    with office.ctx.transaction() as session:
        session.execute(
            update(Contact).where(Contact.id == office.kept.contacts["eve"]).values(language="de")
        )

    paper = office.at_portal("eve@ann.example").get("/statement.pdf").text

    assert "Offene Posten in GBP" in paper


def test_nobody_else_gets_one(office):
    lech = office.at_portal("lech@lodz.example").get("/statement").text
    ann = documents.get(office.ctx, office.kept.invoices["ann"]).entry.number
    assert ann not in lech

    stranger = office.stranger()
    assert stranger.get("/statement").status_code == 303
    assert stranger.get("/statement.pdf").status_code == 303
    guest = replace(office.client("eve").ctx, permissions=frozenset({clients.GUEST}))
    with guest.acting(), pytest.raises(Forbidden):
        client_statements.seen(replace(office.client("eve"), ctx=guest))


def test_paper_is_made_ten_times_a_minute_for_a_client(office):
    browser = office.at_portal("eve@ann.example")

    answers = [browser.get("/statement.pdf").status_code for _time in range(11)]

    assert answers == [200] * 10 + [429]
    assert office.at_portal("lech@lodz.example").get("/statement.pdf").status_code == 200


def test_staff_sees_and_prints_it_on_the_customers_page(office):
    ann = office.kept.customers["ann"]
    [found] = statements.of_customer(office.ctx, ann).currencies
    browser = office.visit()

    page = browser.get(f"/customers/{ann}/statement")
    paper = browser.get(f"/customers/{ann}/statement.pdf")

    assert (page.status_code, paper.status_code) == (200, 200)
    for item in found.items:
        assert item.number in page.text
        assert item.number in paper.text
    assert "Statement</a>" in page.text
    assert browser.get(f"/customers/{new_id()}/statement").status_code == 404


def test_an_open_credit_is_taken_off(office):
    """A credit note that nothing is left to be set off against stays open in the client's favour."""
    ann = office.kept.customers["ann"]
    with office.ctx.transaction() as session:
        session.execute(update(Credit).values(allocated=0))

    [found] = statements.of_customer(office.ctx, ann).currencies

    assert found.balance == found.owed - found.credit
    assert [item.open for item in found.items if item.type is DocumentType.CREDIT_NOTE] == [
        -found.credit
    ]
    assert (
        "Credit, taken off already" in office.at_portal("eve@ann.example").get("/statement").text
    )
    assert (
        "Credit not set off yet" in office.at_portal("eve@ann.example").get("/statement.pdf").text
    )
