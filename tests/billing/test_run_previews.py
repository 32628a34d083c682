"""Runs that are narrowed, previewed, left to a job and tried again."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from billhook.domain.states import ChargeState, RunMode
from billhook.errors import Conflict, PeriodClosed, ValidationFailed
from billhook.ids import new_id
from billhook.jobs.drainer import drain
from billhook.models.customers import CustomerTag
from billhook.models.runs import BillRunPart
from billhook.scoping import CustomerScope
from billhook.services import (
    billing,
    charging,
    documents,
    fx,
    ledgers,
    parking,
    run_previews,
    run_scopes,
    runs,
)
from billhook.services.run_scopes import RunScope
from billhook.services.verifying import verify

from .conftest import END
from .test_bill_run import product


def preview(ctx, *, mode=RunMode.ISSUE, **scope):
    found = run_previews.begin(ctx, until=END, issue_on=END, mode=mode, scope=RunScope(**scope))
    return runs.get(ctx, found)


def net(entry, currency="GBP"):
    return entry.result.currencies[currency].net


def tag(ctx, customer_id, name):
    with ctx.transaction() as session:
        session.add(CustomerTag(tenant_id=ctx.tenant.id, customer_id=customer_id, tag=name))


def test_a_preview_counts_and_sums_and_bills_nothing(shop, customer, charge):
    ann = customer("ann")
    charge(ann, "10")
    charge(ann, "5")
    charge(customer("bob"), "7")
    found = preview(shop)
    assert (net(found), found.documents, found.result.charges) == (2200, 2, 3)
    assert found.finished_at
    assert {entry.state for entry in charging.listing(shop)} == {ChargeState.OPEN}
    assert runs.listing(shop).rows == ()


def test_a_preview_names_who_would_be_parked_and_parks_nobody(shop, customer, charge):
    charge(customer("ann"), None, product_id=product(shop, valid_from=date(2026, 10, 20)))
    found = preview(shop)
    assert [(one.customer, one.code) for one in found.result.parked] == [("ann", "price.none")]
    assert parking.listing(shop) == []


@pytest.mark.parametrize(
    ("scope", "billed"),
    [
        ({}, {"ann", "bob", "cat"}),
        ({"tag": "gold"}, {"bob"}),
        ({"currency": "EUR"}, {"cat"}),
        ({"tag": "gold", "currency": "EUR"}, set()),
    ],
)
def test_a_scope_narrows_preview_and_run_alike(shop, customer, charge, scope, billed):
    people = {name: customer(name) for name in ("ann", "bob", "cat")}
    tag(shop, people["bob"], "gold")
    fx.set_rate(shop, "EUR", Decimal("0.9"), on=date(2026, 1, 1))
    charge(people["ann"])
    charge(people["bob"])
    charge(people["cat"], currency="EUR")
    assert preview(shop, **scope).documents == len(billed)
    billing.run(shop, until=END, issue_on=END, scope=RunScope(**scope))
    assert {entry.customer for entry in documents.listing(shop)} == billed


def test_chosen_customers_are_billed_alone_through_their_payer(shop, customer, charge):
    parent = customer("parent")
    charge(customer("child", payer="parent"), payer_id=parent)
    charge(customer("ann"))
    payers = run_scopes.payers_of(shop, ["child"])
    assert payers == (parent,)
    billing.run(shop, until=END, issue_on=END, scope=RunScope(payers=payers))
    assert [entry.customer for entry in documents.listing(shop)] == ["child"]


def test_a_customer_who_is_not_there_is_named(shop, customer):
    customer("ann")
    with pytest.raises(ValidationFailed, match="“zoe”"):
        run_scopes.payers_of(shop, ["ann", "zoe"])


def test_a_run_is_done_by_a_job_and_started_once_by_one_preview(shop, customer, charge):
    charge(customer("ann"))
    found = preview(shop)
    first, second = (run_previews.start(shop, found.run.id) for _click in range(2))
    assert first == second
    assert not runs.get(shop, first).finished_at
    assert [one.run.id for one in runs.running(shop)] == [first]
    drain()
    done = runs.get(shop, first)
    assert done.finished_at
    assert (done.done, done.parts, done.documents) == (1, 1, 1)
    assert [entry.number for entry in runs.documents_of(shop, first)] == ["INV-2026-00001"]
    assert verify(shop).is_whole


def test_a_preview_stands_beside_the_last_run_of_its_scope(shop, customer, charge):
    ann, bob = customer("ann"), customer("bob")
    charge(ann, "100")
    charge(bob, "10")
    assert run_previews.comparison(shop, preview(shop)) is None
    earlier = billing.run(shop, until=END, issue_on=END)
    charge(ann, "30")
    charge(bob, "10")
    charge(customer("new"), "5")
    billing.run(shop, until=END, issue_on=END, scope=RunScope(currency="CHF"))
    found = run_previews.comparison(shop, preview(shop))
    assert found.earlier.run.id == earlier.run_id
    assert found.currencies == (("GBP", 3, 2, 4500, 11000),)
    assert found.customers == (
        ("ann", "Customer ann", "GBP", 3000, 10000),
        ("new", "Customer new", "GBP", 500, 0),
    )


def test_a_large_preview_is_left_to_a_job(shop, customer, charge, monkeypatch):
    monkeypatch.setattr(run_previews, "AT_ONCE", 1)
    ann = customer("ann")
    charge(ann)
    charge(ann)
    found = preview(shop)
    assert (found.finished_at, found.done, found.parts) == (None, 0, 1)
    drain()
    assert runs.get(shop, found.run.id).result.charges == 2


def test_parked_customers_are_billed_by_their_own_run_once_the_reason_is_gone(
    shop, customer, charge
):
    charge(customer("ann"), None, product_id=product(shop, valid_from=date(2026, 10, 20)))
    charge(customer("bob"))
    parked = billing.run(shop, until=END, issue_on=END).run_id
    product(shop, price="3", valid_from=date(2026, 10, 1))
    charge(customer("zoe"))
    key = str(new_id())
    again = runs.retry_parked(shop, parked, key=key)
    assert runs.retry_parked(shop, parked, key=key) == again
    drain()
    assert [entry.customer for entry in runs.documents_of(shop, again)] == ["ann"]
    with pytest.raises(Conflict, match="Nobody is parked"):
        runs.retry_parked(shop, parked, key=str(new_id()))


def test_a_closed_period_is_told_before_anything_is_computed(shop, customer, charge):
    charge(customer("ann"))
    ledgers.close(shop, END)
    with pytest.raises(PeriodClosed):
        preview(shop)
    assert preview(shop, mode=RunMode.DRAFT).documents == 1


def test_who_sees_some_customers_bills_those_alone(shop, customer, charge):
    ann = customer("ann")
    tag(shop, ann, "mine")
    charge(ann)
    charge(customer("bob"))
    narrow = replace(shop, scope=CustomerScope(person_id=new_id(), tags=("mine",)))
    with narrow.acting():
        found = preview(narrow)
        assert found.documents == 1
        run_previews.start(narrow, found.run.id)
    drain()
    assert [entry.customer for entry in documents.listing(shop)] == ["ann"]


def let_parts_lapse(shop):
    """Let what a try that failed still holds be free, as it is after half a minute."""
    with shop.transaction() as session:
        session.execute(
            update(BillRunPart)
            .where(BillRunPart.tenant_id == shop.tenant.id)
            .values(leased_until=shop.now() - timedelta(seconds=1))
        )


def test_a_run_that_stopped_says_why_and_is_tried_again(shop, customer, charge):
    charge(customer("ann"))
    started = run_previews.start(shop, preview(shop).run.id)
    ledgers.close(shop, END)  # nothing can be posted on that day any more
    drain()
    found = runs.trouble(shop, started)
    assert "closed" in found.reason
    assert not found.is_given_up
    let_parts_lapse(shop)
    runs.go_on(shop, started)
    assert drain().failed == 1
    assert not runs.get(shop, started).finished_at
    assert documents.listing(shop) == []
