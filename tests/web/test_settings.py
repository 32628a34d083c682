"""The settings of a company: seen by those who may, saved whole, errors at their field."""

import re

import pytest

from billhook.db import db
from billhook.services import company, fx
from billhook.services.company import TenantChange
from billhook.services.contexts import operator_context
from billhook.testing.browser import Page

FIELDS = re.compile(r'<(?:input|select|textarea)[^>]*name="([^"]+)"[^>]*>')


@pytest.fixture
def olga(office):
    return office.visit()


def settings(office):
    db.session.rollback()  # sees what browsers wrote since
    return company.settings(operator_context("office"))


def filled(page, **typed):
    """Return what the company's form holds as it is loaded, with what somebody types."""
    found = {}
    for tag, attributes in Page(page).elements:
        name = attributes.get("name", "")
        if tag == "input" and attributes.get("type") in ("checkbox", "radio"):
            if "checked" in attributes:
                found.setdefault(name, []).append(attributes.get("value", "y"))
        elif tag == "input" and name:
            found[name] = attributes.get("value", "")
        elif tag == "select":
            found[name] = _selected(page, name)
    found.pop("q", None)
    return {**found, **typed}


def _selected(page, name):
    chosen = re.search(
        rf'<select[^>]*name="{name}".*?<option selected[^>]*value="([^"]*)"', page, re.S
    )
    return chosen[1] if chosen else ""


def save(browser, **typed):
    path = "/settings/company"
    return browser.send(path, filled(browser.get(path).text, **typed))


def test_the_card_of_contents_names_what_one_may_see(office, olga):
    everything = Page(olga.get("/settings").text).text
    for title in ("Company", "Tax registrations", "Exchange rates", "Number series"):
        assert title in everything
    clerk = Page(office.signed_in("clerk").get("/settings").text).text
    assert "Exchange rates" in clerk
    assert "Brands and templates" not in clerk


def test_saving_changes_what_was_typed_and_keeps_the_rest(office, olga):
    before = settings(office)
    answer = save(olga, city="Bonn", payment_days="21", channels=["paper.pigeon"])
    assert (answer.status_code, answer.location) == (303, "/settings/company")
    after = settings(office)
    assert (after.city, after.payment_days, after.channels) == ("Bonn", 21, ("paper.pigeon",))
    assert (after.name, after.tax_engine, after.time_zone) == (
        before.name,
        before.tax_engine,
        before.time_zone,
    )
    save(olga, channels=[])
    assert settings(office).channels == ()


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(office, olga):
    answer = save(olga, city="Bonn", email="nobody", legal_id_scheme="12", payment_days="")
    assert answer.status_code == 422
    page = Page(answer.text)
    wrong = {field["name"] for field in page.all("input") if field.get("aria-invalid") == "true"}
    assert wrong == {"payment_days"}  # what is no number comes before what the service reads
    answer = save(olga, city="Bonn", email="nobody", legal_id_scheme="12")
    page = Page(answer.text)
    wrong = {field["name"] for field in page.all("input") if field.get("aria-invalid") == "true"}
    assert wrong == {"email", "legal_id_scheme"}
    assert "Bonn" in answer.text
    assert settings(office).city == ""


def test_of_two_who_save_the_second_sees_both_and_decides(office, olga):
    page = olga.get("/settings/company").text
    with operator_context("office").acting():
        company.change(operator_context("office"), TenantChange(city="Leeds"))
    answer = olga.send("/settings/company", filled(page, city="Bonn"), page="/settings/company")
    assert answer.status_code == 422
    assert "Leeds" in Page(answer.text).text  # what was saved meanwhile
    assert 'value="Bonn"' in answer.text  # what was typed
    assert settings(office).city == "Leeds"
    again = olga.send("/settings/company", filled(answer.text), page="/settings/company")
    assert again.status_code == 303
    assert settings(office).city == "Bonn"


def test_whoever_may_only_look_gets_no_button(office):
    manager = office.signed_in("manager")
    page = manager.get("/settings/company")
    assert page.status_code == 200
    assert '<button class="btn btn-primary">Save' not in page.text
    assert manager.send("/settings/company", {"name": "Mine"}).status_code == 403


def test_registrations_are_listed_with_what_holds_on_a_day(office, olga):
    olga.send("/settings/tax", {"place": "DE", "number": "136695976", "valid_from": "2027-01-01"})
    now = Page(olga.get("/settings/tax?on=2026-12-31").text).text
    assert "DE136695976" in now
    assert "Not in force" in now
    assert "Tax is charged in: " in now
    later = Page(olga.get("/settings/tax?on=2027-01-01").text).text
    assert "Germany" in later
    assert "Not in force" not in later


def test_a_mistyped_number_is_told_at_its_field(office, olga):
    answer = olga.send("/settings/tax", {"place": "DE", "number": "136695977"})
    assert answer.status_code == 422
    (number,) = [one for one in Page(answer.text).all("input") if one.get("name") == "number"]
    assert number["aria-invalid"] == "true"
    assert number["value"] == "136695977"


def test_a_registration_ends_with_a_last_day(office, olga):
    (known,) = operator_context("office").tenant.registrations
    path = f"/settings/tax/{known.id}"
    answer = olga.send(path, {"number": known.number, "until": "2026-12-31"})
    assert answer.status_code == 303
    db.session.rollback()
    (ended,) = operator_context("office").tenant.registrations
    assert ended.valid_to.isoformat() == "2027-01-01"
    assert "2026" in olga.get("/settings/tax").text


def test_a_rate_is_entered_with_a_point_or_a_comma(office, olga):
    for rate, day in (("1.17", "2026-10-30"), ("1,18", "2026-10-31")):
        told = {"currency": "eur", "rate": rate, "on": day}
        assert olga.send("/settings/rates", told).status_code == 303
    with office.ctx.acting():
        found = [(str(one.rate), one.on.isoformat()) for one in fx.listing(office.ctx)]
    assert found == [("1.18", "2026-10-31"), ("1.17", "2026-10-30")]
    wrong = olga.send("/settings/rates", {"currency": "EUR", "rate": "1e5", "on": "2026-10-30"})
    assert wrong.status_code == 422
