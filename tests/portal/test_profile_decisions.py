"""Changes that clients want, decided on by the company: at its pages, by its programs and commands."""

import pytest
from sqlalchemy import update

from billhook.db import db
from billhook.models.customers import Customer
from billhook.services import (
    customer_merging,
    customers,
    portal_settings,
    preferences,
    profile_changes,
)
from billhook.services.customer_profiles import CustomerChanged
from billhook.services.portal import profile
from billhook.services.portal_settings import PortalChange
from billhook.testing.outward import CHANNEL
from billhook.testing.shops import make_customer

from .conftest import ED, EVE

NAME = "Ann <script>alert(1)</script>"


@pytest.fixture
def asked(office):
    """Let Eve want another name and town; return the id of what waits."""
    portal_settings.change(office.ctx, PortalChange(approvals=("name", "address")))
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)
        profile.save(
            eve,
            {**known.wanted, "name": NAME, "city": "Leeds"},
            version=known.version,
            mark=known.mark,
        )
    [found] = profile_changes.search(office.ctx).rows
    return found.id


def ann(office):
    db.session.rollback()
    return customers.by_id(office.ctx, office.kept.customers["ann"])


def waiting(office):
    db.session.rollback()
    return profile_changes.waiting(office.ctx)


def form(office, *fields, **more):
    return {"fields": list(fields), "version": str(ann(office).version), **more}


def test_finance_compares_and_takes_over_field_by_field(office, asked):
    olga = office.visit()
    assert "1 client waits for a yes" in olga.get("/").text
    assert "Compare and decide" in olga.get(f"/customers/{ann(office).id}").text
    assert str(asked) in olga.get("/client-changes").text
    page = f"/client-changes/{asked}"
    shown = olga.get(page).text
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    sent = olga.send(f"{page}/approve", form(office, "address"), page=page)
    assert sent.location.endswith(page)  # the name goes on waiting
    assert (ann(office).city, ann(office).name) == ("Leeds", "Ann & Sons <b>")
    sent = olga.send(f"{page}/approve", form(office, "name"), page=page)
    assert sent.location.endswith(f"/customers/{ann(office).id}")
    assert ann(office).name == NAME
    eve = office.at_portal(EVE)
    assert "<script>alert" not in eve.get("/profile").text
    assert "was taken over" in eve.get("/notices").text


def test_what_changed_meanwhile_is_shown_before_anything_is_taken_over(office, asked):
    olga = office.visit()
    page = f"/client-changes/{asked}"
    stale = form(office, "name", "address")
    with office.ctx.transaction() as session:
        session.execute(update(Customer).values(name="Ann Group", version=Customer.version + 1))
    sent = olga.send(f"{page}/approve", stale, page=page)
    assert sent.status_code == 409
    assert "Ann Group" in sent.text
    assert "changed meanwhile" in sent.text
    assert ann(office).name == "Ann Group"
    assert olga.send(f"{page}/approve", form(office, "name"), page=page).status_code == 303
    assert ann(office).name == NAME


def test_refusing_asks_for_a_reason_and_something_to_refuse(office, asked):
    olga = office.visit()
    page = f"/client-changes/{asked}"
    for wrong in (form(office, "name"), form(office, reason="No")):
        assert olga.send(f"{page}/refuse", wrong, page=page).status_code == 422
    given = form(office, "name", "address", reason="No")
    assert olga.send(f"{page}/refuse", given, page=page).status_code == 303
    late = olga.send(f"{page}/approve", given, page=page)
    assert late.location.endswith(page)
    assert "does not wait any more" in olga.get(page).text
    assert ann(office).name == "Ann & Sons <b>"


def test_the_client_takes_back_what_waits(office, asked):
    eve = office.at_portal(EVE)
    shown = eve.get("/profile").text
    assert "Waits for us to look at it" in shown
    assert "&lt;script&gt;" in shown
    sent = eve.send(f"/profile/changes/{asked}/withdraw", page="/profile")
    assert sent.status_code == 303
    assert "Waits for us" not in eve.get("/profile").text
    assert waiting(office) == 0
    again = eve.send(f"/profile/changes/{asked}/withdraw", page="/profile")
    assert again.status_code == 303
    assert "does not wait any more" in eve.get("/profile").text


def test_another_client_s_change_is_not_there(office, asked):
    lech = office.at_portal("lech@lodz.example")
    lech.send(f"/profile/changes/{asked}/withdraw", page="/profile")
    assert waiting(office) == 1
    assert NAME not in lech.get("/profile").text


def test_the_form_tells_of_wrong_values_and_of_what_others_saved(office):
    eve = office.at_portal(EVE)
    known = ann(office)
    typed = {"name": known.name, "country": "GB", "version": str(known.version), "mark": ""}
    wrong = eve.send("/profile/edit", {**typed, "tax_number": "GB 1"})
    assert wrong.status_code == 422
    assert 'aria-describedby="tax_number-error' in wrong.text
    saved = eve.send("/profile/edit", {**typed, "city": "Leeds"})
    assert saved.status_code == 303
    stale = eve.send("/profile/edit", {**typed, "city": "York"})
    assert stale.status_code == 409
    assert 'value="York"' in stale.text
    assert "Leeds" in stale.text
    assert ann(office).city == "Leeds"


def test_a_person_s_own_language_holds_from_the_next_page_on(office):
    eve = office.at_portal(EVE)
    assert eve.get("/profile/me").status_code == 200
    assert eve.send("/profile/me", {"name": "", "language": "de"}).status_code == 422
    assert eve.send("/profile/me", {"name": "Eve <i>", "language": "de"}).status_code == 303
    shown = eve.get("/profile").text
    assert '<html lang="de"' in shown
    assert "Eve &lt;i&gt;" in shown
    assert '<html lang="en-GB"' in office.at_portal(ED).get("/profile").text


def test_a_client_chooses_how_documents_come(office):
    eve = office.at_portal(EVE)
    chosen = {"own": "own", "channels": [CHANNEL]}
    assert eve.send("/profile/delivery", chosen).status_code == 303
    found = preferences.of_customer(office.ctx, office.kept.customers["ann"])
    assert found.channels == (CHANNEL,)
    wrong = eve.send("/profile/delivery", {"own": "own", "channels": ["fax.nobody"]})
    assert wrong.status_code == 422
    assert eve.send("/profile/delivery", {"own": "own"}).status_code == 303
    db.session.rollback()
    assert preferences.of_customer(office.ctx, office.kept.customers["ann"]).channels == ()
    assert office.at_portal(ED).get("/profile/delivery").status_code == 403


def test_what_waits_of_a_duplicate_waits_of_the_customer_that_was_kept(office, asked):
    """It was taken over into the duplicate, where no document reads it."""
    kept = make_customer(office.ctx, "group", name="Group", street="High Street 1", city="York")
    customer_merging.merge(office.ctx, duplicate_id=ann(office).id, kept_id=kept)
    eve = office.client("eve")
    with eve.ctx.acting():
        assert profile.show(eve).waiting.id == asked
    with pytest.raises(CustomerChanged):
        profile_changes.approve(office.ctx, asked)
    found = profile_changes.get(office.ctx, asked)
    assert [one.columns[0].present for one in found.fields] == ["Group", "York"]
    profile_changes.approve(office.ctx, asked, version=found.version)
    db.session.rollback()
    assert customers.by_id(office.ctx, kept).name == NAME
    assert ann(office).name == "Ann & Sons <b>"


def test_of_two_customers_that_wait_the_kept_one_s_wish_stays(office, asked):
    lech = office.client("lech")
    with lech.ctx.acting():
        known = profile.show(lech)
        wanted = {**known.wanted, "name": "Łódź Group"}
        profile.save(lech, wanted, version=known.version, mark=known.mark)
    lodz = office.kept.customers["lodz"]
    customer_merging.merge(office.ctx, duplicate_id=lodz, kept_id=ann(office).id)
    [found] = profile_changes.search(office.ctx).rows
    assert found.id == asked
    every = profile_changes.search(office.ctx, state=None, customer_id=ann(office).id).rows
    assert [one.state for one in every] == ["waiting", "withdrawn"]
