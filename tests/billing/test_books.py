"""Charges that wait, series that number, periods that close."""

from datetime import date

import pytest

from billhook.db import db
from billhook.domain.states import ChargeState
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.services import audit, billing, charging, documents, ledgers, series, series_reports

from .conftest import END, make_charge


def states(ctx):
    return [entry.state for entry in charging.listing(ctx)]


def test_a_known_reference_is_left_and_with_other_content_named(shop, customer):
    ann = customer("ann")
    first = make_charge(shop, ann, "10", reference="r-1")
    assert make_charge(shop, ann, "10", reference="r-1") == first
    assert states(shop) == [ChargeState.OPEN]
    make_charge(shop, ann, "11", reference="r-1")
    assert [entry.unit_price for entry in charging.listing(shop)] == [10]


def test_charges_are_held_released_and_withdrawn(shop, customer, charge):
    one = charge(customer("ann"))
    charging.hold(shop, [one], reason="Disputed")
    assert states(shop) == [ChargeState.HELD]
    charging.release(shop, [one], reason="Settled")
    assert states(shop) == [ChargeState.OPEN]
    charging.withdraw(shop, [one], reason="Wrong")
    assert states(shop) == [ChargeState.WITHDRAWN]
    acts = [act.action for act in audit.listing(shop, object_id=str(one))]
    assert acts == ["charge.withdrawn", "charge.released", "charge.held"]
    with pytest.raises(Conflict):
        charging.release(shop, [one])


def test_what_is_billed_can_neither_be_held_nor_withdrawn(shop, customer, charge):
    one, other = charge(customer("ann")), charge(customer("bob"), charged_on=date(2026, 12, 1))
    billing.run(shop, until=END, issue_on=END)
    for act in (charging.hold, charging.withdraw):
        with pytest.raises(Conflict):
            act(shop, [other, one], reason="Late")
    assert states(shop) == [ChargeState.BILLED, ChargeState.OPEN]  # all or nothing
    with pytest.raises(NotFound):
        charging.hold(shop, [new_id()], reason="Nobody's")


@pytest.mark.parametrize("state", list(ChargeState))
def test_charges_are_listed_by_state(shop, customer, charge, state):
    ann = customer("ann")
    made = {
        ChargeState.OPEN: charge(ann, charged_on=date(2026, 12, 1)),
        ChargeState.HELD: charge(ann, charged_on=date(2026, 12, 1)),
        ChargeState.WITHDRAWN: charge(ann, charged_on=date(2026, 12, 1)),
        ChargeState.CLAIMED: charge(customer("bob")),
    }
    charging.hold(shop, [made[ChargeState.HELD]], reason="Wait")
    charging.withdraw(shop, [made[ChargeState.WITHDRAWN]], reason="Wrong")
    billing.run(shop, until=END, issue_on=END, mode=billing.RunMode.DRAFT)
    made[ChargeState.BILLED] = charge(customer("eve"))
    billing.run(shop, until=END, issue_on=END)
    assert [entry.id for entry in charging.listing(shop, state=state)] == [made[state]]


def test_a_series_begins_where_it_is_told_while_it_is_empty(shop, customer, charge):
    series.change(shop, "invoices", pattern="R{yy}-{number:4}", first_number=1200)
    charge(customer("ann"))
    billing.run(shop, until=END, issue_on=END)
    (entry,) = documents.listing(shop)
    assert entry.number == "R26-1200"
    for change in ({"first_number": 1}, {"restarts_yearly": False}):
        with pytest.raises(ValidationFailed, match="numbered documents already"):
            series.change(shop, "invoices", **change)


def test_a_new_pattern_counts_on(shop, customer, charge):
    charge(customer("ann"))
    billing.run(shop, until=END, issue_on=END)
    series.change(shop, "invoices", pattern="{yyyy}/{number}")
    charge(customer("bob"))
    billing.run(shop, until=END, issue_on=END)
    assert [entry.number for entry in documents.listing(shop)] == ["2026/2", "INV-2026-00001"]


def test_a_series_that_restarts_counts_anew_each_year(shop, customer, charge):
    charge(customer("ann"), charged_on=date(2025, 12, 31))
    billing.run(shop, until=date(2025, 12, 31), issue_on=date(2025, 12, 31))
    charge(customer("bob"))
    billing.run(shop, until=END, issue_on=END)
    assert [(r.year, r.first_printed) for r in series_reports.report(shop)] == [
        (2025, "INV-2025-00001"),
        (2026, "INV-2026-00001"),
    ]


@pytest.mark.parametrize(
    "wrong", [{"pattern": "INV-{number}"}, {"pattern": "{x}{yy}{number}"}, {"first_number": 0}]
)
def test_a_bad_series_is_refused_and_stays(shop, wrong):
    before = series.listing(shop)
    with pytest.raises(ValidationFailed):
        series.change(shop, "invoices", **wrong)
    db.session.rollback()
    assert series.listing(shop) == before


def test_the_books_close_forward_and_only_over_days_that_are_past(shop):
    ledgers.close(shop, date(2026, 9, 30))
    for wrong in (date(2026, 9, 30), date(2026, 8, 31), shop.today()):
        with pytest.raises(ValidationFailed):
            ledgers.close(shop, wrong)
    assert ledgers.closed_through(shop) == date(2026, 9, 30)


def test_the_trial_balance_is_as_of_a_day(shop, customer, charge):
    charge(customer("ann"), "10")
    billing.run(shop, until=END, issue_on=END)
    charge(customer("ann"), "20")
    billing.run(shop, until=END, issue_on=date(2026, 11, 1))

    def owed(day):
        return sum(
            line.balance for line in ledgers.trial_balance(shop, day) if line.code == "1200"
        )

    assert (owed(date(2026, 10, 30)), owed(END), owed(date(2026, 11, 1))) == (0, 1200, 3600)
    assert sum(line.balance for line in ledgers.trial_balance(shop)) == 0


def test_the_trial_balance_is_exact_where_a_float_is_not(shop, customer, charge):
    charge(customer("ann"), "90071992547409.93", tax_category="zero")  # 2**53 + 1 pence
    billing.run(shop, until=END, issue_on=END)
    by_code = {line.code: line for line in ledgers.trial_balance(shop)}
    assert by_code["1200"].debit == by_code["4000"].credit == 2**53 + 1


def test_the_journal_pages_by_sequence(shop, customer, charge):
    for reference in ("ann", "bob"):
        charge(customer(reference))
    billing.run(shop, until=END, issue_on=END)
    first = [line for line in ledgers.journal(shop) if line.sequence == 1]
    assert len(first) == 3
    assert {line.sequence for line in ledgers.journal(shop, after=1)} == {2}
    assert {line.account for line in ledgers.journal(shop, account="2200")} == {"2200"}
