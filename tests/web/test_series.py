"""Number series in the browser: the next numbers shown, the pattern changed, a brand's own added."""

import pytest

from billhook.db import db
from billhook.services import brands, series, series_views
from billhook.services.brand_changes import BrandInput
from billhook.testing.browser import Page


@pytest.fixture
def olga(office):
    return office.visit()


def known(office, code="invoices"):
    db.session.rollback()
    return series_views.get(office.ctx, code)


def test_the_list_shows_what_was_numbered_and_what_comes_next(office, olga):
    text = Page(olga.get("/series").text).text
    assert "INV-2026-00004" in text
    assert "2026: 1 to 3" in text
    assert "CN-2026-00002" in text
    auditor = office.signed_in("auditor")
    assert auditor.get("/series").status_code == 200
    assert auditor.get("/series/invoices").status_code == 403


def test_the_next_three_numbers_follow_what_is_typed(olga):
    ahead = Page(olga.get("/series/invoices/example?pattern=R{yy}-{number:3}").text).text
    assert ahead == "Next: R26-004 , R26-005 , R26-006"
    assert "cannot be used yet" in olga.get("/series/invoices/example?pattern=R").text


def test_a_new_pattern_holds_for_the_next_number(office, olga):
    told = {"pattern": "R{yy}-{number:3}", "version": "1"}
    assert olga.send("/series/invoices", told).status_code == 303
    assert known(office).next_numbers[0] == "R26-004"
    late = olga.send("/series/invoices", {**told, "pattern": "S{yyyy}-{number}"})
    assert late.status_code == 422
    assert "R{yy}-{number:3}" in late.text  # what was saved meanwhile
    assert 'value="S{yyyy}-{number}"' in late.text  # what was typed
    assert known(office).pattern == "R{yy}-{number:3}"


def test_where_a_series_begins_is_asked_only_while_it_is_empty(office, olga):
    assert 'name="first_number"' not in olga.get("/series/invoices").text
    with office.ctx.acting():
        brands.save(office.ctx, BrandInput(code="north", name="North"))
    page = olga.get("/series/_new")
    assert "North" in page.text
    told = {"brand": "north", "kind": "invoice", "pattern": "N{yyyy}-{number:3}"}
    assert olga.send("/series/_new", told).status_code == 303
    own = "/series/north-invoice"
    assert 'name="first_number"' in olga.get(own).text
    sent = {"pattern": "N{number:4}", "first_number": "500", "version": "1"}
    assert olga.send(own, sent).status_code == 303
    found = known(office, "north-invoice")
    assert found.next_numbers[0] == "N0500"
    assert not found.restarts_yearly


def test_a_pattern_that_prints_anothers_numbers_is_told_at_its_field(office, olga):
    answer = olga.send("/series/invoices", {"pattern": "CN-{yy}-{number}", "version": "1"})
    assert answer.status_code == 422
    assert "prints the same numbers" in answer.text
    assert series.listing(office.ctx)[1].pattern.startswith("INV")
