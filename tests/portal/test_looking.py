"""A member of the company looks at the portal as a client: marked, noted, read-only, and out in time."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from billhook.backlog import backlog_of
from billhook.clock import SystemClock
from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.models.audit import Audit
from billhook.models.clients import ClientLink, ClientSession, DocumentSeen
from billhook.models.people import Member
from billhook.services import customers, looking, portal_settings, portal_usage
from billhook.services.portal import looks
from billhook.services.portal_settings import PortalChange
from billhook.services.portal_usage import VisitFilter
from billhook.testing.members import join

from .conftest import EVE


@pytest.fixture
def look(office):
    """Return a way to look at a customer's portal: the browser in which it goes on."""

    def begin(name="ann", email=office.kept.admin.email):
        staff = office.visit(email)
        customer = office.kept.customers[name]
        begun = staff.send(f"/settings/portal/look/{customer}")
        assert begun.status_code == 303
        browser = office.stranger()
        opened = browser.get(begun.location)
        assert opened.location == "/portal/office/"
        browser.link = begun.location
        return browser

    return begin


def test_a_look_is_marked_noted_and_ended(office, look):
    customer = office.kept.customers["ann"]
    browser = look()
    page = browser.get("/")
    assert "You see the portal as Ann &amp; Sons &lt;b&gt; does" in page.text
    assert "Leave" in page.text
    backlog_of(office.app).flush()
    db.session.rollback()
    opened, began = portal_usage.search(office.ctx, VisitFilter()).rows
    assert (began.act, began.way, began.who) == ("looked", "look", "olga")
    assert (opened.act, opened.object_kind) == ("page.opened", "home")
    act = db.session.scalars(select(Audit).where(Audit.action == "portal.looked")).one()
    assert (act.object_id, act.actor_kind) == (str(customer), "person")
    left = browser.send("/leave", page="/")
    assert left.location.endswith(f"/customers/{customer}")
    assert browser.get("/").status_code == 303


def test_a_link_serves_once_and_for_two_minutes(office, look):
    used = look().link
    assert office.stranger().get(used).status_code == 404
    customer = office.kept.customers["ann"]
    admin = office.visit()
    fresh = admin.send(f"/settings/portal/look/{customer}").location
    with office.ctx.transaction() as session:
        session.execute(
            update(ClientLink).values(expires_at=SystemClock().now() - timedelta(seconds=1))
        )
    assert office.stranger().get(fresh).status_code == 404
    assert office.stranger().get("/look/" + "x" * 43).status_code == 404


def test_whoever_looks_changes_nothing(office, look):
    browser = look()
    token = browser.token("/")
    for path in ("/log-in", "/leave-not", "/questions/new", "/profile"):
        answer = browser.post(path, {"csrf_token": token})
        assert answer.status_code in (401, 403, 404, 405, 422), path
    client = looks.clients.looked_at(
        office.ctx, office.kept.customers["ann"], office.kept.admin.person_id
    )
    assert not client.may("client.write")
    assert not db.session.scalars(select(DocumentSeen)).all()


@pytest.mark.parametrize("what", ["seat", "permission", "customer", "half an hour", "portal"])
def test_who_may_look_no_more_is_out_at_once(office, look, what):
    clerk = join("office", "carl@office.example", role="clerk")
    customer = office.kept.customers["ann"]
    with office.ctx.transaction() as session:
        session.execute(
            update(customers.Customer)
            .where(customers.Customer.id == customer)
            .values(owner_id=clerk.person_id)
        )
    browser = look(email="carl@office.example")
    assert browser.get("/").status_code == 200
    status = 303
    with office.ctx.transaction() as session:
        of_carl = update(Member).where(Member.person_id == clerk.person_id)
        match what:
            case "seat":
                session.execute(of_carl.values(is_active=False))
            case "permission":
                session.execute(of_carl.values(role="sales"))
            case "customer":
                session.execute(of_carl.values(scope="own"))
                session.execute(
                    update(customers.Customer)
                    .where(customers.Customer.id == customer)
                    .values(owner_id=None)
                )
            case "half an hour":
                ended = SystemClock().now() - timedelta(seconds=1)
                session.execute(update(ClientSession).values(expires_at=ended))
            case "portal":
                portal_settings.change(office.ctx, PortalChange(is_open=False))
                status = 404
    assert browser.get("/").status_code == status


def test_only_who_may_begins_a_look_and_at_customers_that_are_theirs(office):
    join("office", "sue@office.example", role="sales")
    customer = office.kept.customers["ann"]
    assert (
        office.visit("sue@office.example").get(f"/settings/portal/look/{customer}").status_code
        == 403
    )
    with pytest.raises(NotFound):
        looking.begin(office.ctx, office.kept.contacts["eve"])
    portal_settings.change(office.ctx, PortalChange(is_open=False))
    with pytest.raises(Conflict):
        looking.begin(office.ctx, customer)


def test_a_look_ends_the_session_that_the_browser_had(office, look):
    eve = office.at_portal(EVE)
    token = eve.client.get_cookie("billhook_client", path="/portal/office/").value
    begun = looking.begin(member(office), office.kept.customers["lodz"])
    assert eve.get("/portal" + begun.partition("/portal")[2]).status_code == 303
    assert "Łódź" in eve.get("/").text
    other = office.stranger()
    other.client.set_cookie("billhook_client", token, path="/portal/office/")
    assert other.get("/").status_code == 303


def member(office):
    return office.kept.admin.ctx
