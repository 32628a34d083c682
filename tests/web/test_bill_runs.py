"""Bill runs on pages: looked at first, started once, followed, retried."""

import pytest

from billhook.db import db
from billhook.domain.states import RunMode
from billhook.jobs.drainer import drain
from billhook.services import billing, documents, ledgers, products, run_previews, runs
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.shops import END, make_charge, make_customer

ASKED = {"until": END.isoformat(), "issue_on": END.isoformat(), "mode": "issue"}


@pytest.fixture
def olga(office):
    return office.visit()


@pytest.fixture
def zed(office):
    """A customer with a charge that waits."""
    customer_id = make_customer(office.ctx, "zed", name="Zed Ltd")
    make_charge(office.ctx, customer_id, "100")
    db.session.rollback()
    return customer_id


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def looked_at(browser, **asked):
    answer = browser.send("/bill-runs/previews", ASKED | asked, page="/bill-runs/new")
    assert answer.status_code == 303, answer.text
    return answer.location


def started(browser, preview):
    answer = browser.send(f"{preview}/start", page=preview)
    assert answer.status_code == 303
    return answer.location


def done(office):
    """Let the jobs be done, and look anew."""
    drain()
    db.session.rollback()


def test_a_run_is_looked_at_started_followed_and_told(olga, office, zed):
    assert "1 charge waits up to" in words(olga.get("/bill-runs/new"))
    preview = looked_at(olga)
    text = words(olga.get(preview))
    assert "GBP 1 0 100.00 20.00 120.00" in text
    assert "Issue 1 document" in text
    assert "Beside the last run" in text
    page = started(olga, preview)
    assert "The run is at work" in words(olga.get(page))
    assert "0 of 1 parts" in words(olga.get(f"{page}/progress"))
    done(office)
    answer = olga.get(f"{page}/progress")
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-get" not in answer.text
    text = words(olga.get(page))
    assert "Zed Ltd" in text
    assert "GBP 1 0 100.00 20.00 120.00" in text
    assert "Started by" in text
    assert "Finished" in words(olga.get("/bill-runs"))


def test_a_second_click_starts_no_second_run(olga, office, zed):
    preview = looked_at(olga)
    assert started(olga, preview) == started(olga, preview)
    done(office)
    assert len([one for one in documents.listing(office.ctx) if one.customer == "zed"]) == 1


def test_it_can_be_narrowed_and_stop_at_drafts(olga, office, zed):
    make_charge(office.ctx, make_customer(office.ctx, "amy"), "1")
    db.session.rollback()
    page = started(olga, looked_at(olga, customers="zed", mode="draft"))
    done(office)
    text = words(olga.get(page))
    assert "Look at 1 draft" in text
    assert "1 customer who pays" in text
    assert "GBP 1 0 100.00" in text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"until": ""}, "Say up to which day to bill."),
        ({"customers": "zed, nobody"}, "There is no customer “nobody”"),
        ({"currency": "XXQ"}, "is not an ISO 4217 currency"),
        ({"issue_on": "2026-10-01"}, "2026-10-31"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(olga, zed, wrong, told):
    answer = olga.send("/bill-runs/previews", ASKED | wrong, page="/bill-runs/new")
    assert answer.status_code == 422
    assert told in Page(answer.text).text


def test_a_closed_period_stands_at_the_date(olga, office, zed):
    ledgers.close(office.ctx, END)
    db.session.rollback()
    answer = olga.send("/bill-runs/previews", ASKED, page="/bill-runs/new")
    assert answer.status_code == 422
    assert "closed" in Page(answer.text).text


def test_a_large_preview_says_how_far_it_is(olga, office, zed, monkeypatch):
    monkeypatch.setattr(run_previews, "AT_ONCE", 0)
    preview = looked_at(olga)
    page = olga.get(preview)
    assert "0 of 1 parts are worked out" in words(page)
    assert "<noscript><meta http-equiv" in page.text
    done(office)
    assert "GBP 1 0 100.00" in words(olga.get(preview))


def test_parked_customers_stand_with_the_reason_and_are_billed_again(olga, office, zed):
    products.save(office.ctx, products.ProductInput(sku="SEAT", name="Seat"))
    seat = products.get(office.ctx, "SEAT").id
    make_charge(office.ctx, zed, None, product_id=seat)
    db.session.rollback()
    assert "has no price in GBP" in words(olga.get(looked_at(olga)))
    run = billing.run(office.ctx, until=END, issue_on=END).run_id
    page = f"/bill-runs/{run}"
    text = words(olga.get(page))
    assert "Still parked" in text
    assert "Bill 1 parked customer again" in text
    products.add_price(
        office.ctx,
        products.PriceInput(
            sku="SEAT", model="pricing_standard.per_unit", parameters={"unit_price": "3"}
        ),
    )
    db.session.rollback()
    again = olga.send(f"{page}/retry", {"key": "once"}, page=page).location
    done(office)
    assert "103.00" in words(olga.get(again))
    assert "Tried again since" in words(olga.get(page))


def test_another_run_at_work_is_named(olga, office, zed):
    preview = looked_at(olga)
    started(olga, looked_at(olga))
    assert "Another run is at work" in words(olga.get(preview))
    assert "Another run is at work" in words(olga.get("/bill-runs/new"))


def test_a_run_that_stopped_says_why_and_can_be_tried_again(olga, office, zed):
    page = started(olga, looked_at(olga))
    ledgers.close(office.ctx, END)
    done(office)
    text = words(olga.get(page))
    assert "The run stopped" in text
    assert olga.send(f"{page}/go-on", page=page).status_code == 303
    assert runs.running(office.ctx)


def test_a_preview_and_a_run_are_not_taken_for_each_other(olga, office, zed):
    preview = looked_at(olga)
    as_run = preview.replace("/previews", "")
    assert olga.get(as_run).status_code == 302
    run = billing.run(office.ctx, until=END, issue_on=END, mode=RunMode.DRAFT).run_id
    assert olga.get(f"/bill-runs/previews/{run}").status_code == 302
    token = {"csrf_token": olga.token("/bill-runs/new")}
    assert olga.post(f"/bill-runs/previews/{run}/start", token).status_code == 404


@pytest.mark.parametrize(
    ("role", "sees", "starts"),
    [("clerk", 200, 200), ("auditor", 200, 403), ("sales", 403, 403), ("developer", 403, 403)],
)
def test_who_bills_starts_runs_and_an_auditor_sees_them(office, zed, role, sees, starts):
    run = billing.run(office.ctx, until=END, issue_on=END, mode=RunMode.DRAFT).run_id
    browser = office.visit(join("office", f"{role}@office.example", role=role).email)
    pages = [browser.get(path) for path in ("/bill-runs", f"/bill-runs/{run}")]
    assert {page.status_code for page in pages} == {sees}
    assert browser.get("/bill-runs/new").status_code == starts
    assert ("/bill-runs/new" in pages[0].text) is (starts == 200)
