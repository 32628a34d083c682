"""Forms of other sites, of another time and of another tenant are refused."""

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.models.people import LoginSession
from billhook.testing.doors import pages
from billhook.testing.members import join, open_tenant


def test_a_form_without_a_token_does_nothing(shop, browser):
    answer = browser.post("/log-in", {"email": shop.email, "password": shop.password})
    assert answer.status_code == 400
    assert "<h1>That cannot be done</h1>" in answer.text
    assert db.session.scalars(select(LoginSession)).all() == []


def test_every_form_wants_a_token(app, at_shop):
    changing = [rule for rule in pages(app) if "POST" in rule.methods]
    assert changing
    for rule in changing:
        values = dict.fromkeys(rule.arguments, "01980000-0000-7000-8000-000000000000")
        with app.test_request_context():
            path = rule.build(values)[1]
        assert at_shop.post(path).status_code == 400, rule


def test_a_token_of_another_browser_does_nothing(shop, browse):
    theirs = browse().token()
    browser = browse()
    browser.get("/log-in")
    answer = browser.post(
        "/log-in", {"csrf_token": theirs, "email": shop.email, "password": shop.password}
    )
    assert answer.status_code == 400


def test_a_form_of_the_time_before_log_in_is_refused(shop, browser):
    before = browser.token()
    browser.log_in(shop.email)
    assert browser.post("/log-out", {"csrf_token": before}).status_code == 400


def test_a_form_of_another_tenant_is_refused(shop, browser):
    """Somebody with two tabs changes the company in one, and sends the other."""
    acme = open_tenant("acme", country="DE", currency="EUR", vat_id="DE136695976")
    join("acme", shop.email, password=shop.password)
    browser.log_in(shop.email)
    browser.send(f"/workplaces/{shop.tenant_id}", page="/workplaces")
    at_shop = browser.token("/workplaces")
    browser.send(f"/workplaces/{acme.tenant.id}", page="/workplaces")
    assert browser.post("/log-out", {"csrf_token": at_shop}).status_code == 400


@pytest.mark.parametrize("size", [300_000, 2_000_000])
def test_a_form_has_a_largest_size(browser, size):
    token = browser.token()
    answer = browser.post("/log-in", {"csrf_token": token, "email": "a" * size, "password": "x"})
    assert answer.status_code == 413
    assert "Send less" in answer.text
