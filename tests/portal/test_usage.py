"""The portal as the company runs it: open or closed, and what clients did there."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billhook.backlog import backlog_of
from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.errors import Forbidden, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.clients import ClientSession, PortalVisit
from billhook.sdk.context import Actor, ActorKind
from billhook.services import audit, portal_figures, portal_settings, portal_usage
from billhook.services.contexts import operator_context
from billhook.services.portal import clients, log, settings
from billhook.services.portal.log import PortalAct
from billhook.services.portal_settings import PortalChange
from billhook.services.portal_usage import VisitFilter

from .conftest import EVE

WANTED = {"message": "At the beach", "link_days": "30", "approvals": ["name", "tax_number"]}


@pytest.fixture
def seen(office):
    """Eve saw Ann's invoice and downloaded it, Lech logged in."""
    eve, lech = office.client("eve"), office.client("lech")
    invoice = office.kept.invoices["ann"]
    log.note(eve, PortalAct.DOCUMENT_SEEN, object_kind="document", object_id=invoice)
    log.note(eve, PortalAct.DOCUMENT_DOWNLOADED, object_kind="document", object_id=invoice)
    log.note(lech, PortalAct.LOGGED_IN)
    backlog_of(office.app).flush()
    db.session.rollback()
    return invoice


def visits(office, **wanted):
    return portal_usage.search(office.ctx, VisitFilter(**wanted)).rows


def test_closing_the_portal_logs_everybody_out_and_no_page_is_left(office):
    eve, admin = office.at_portal(EVE), office.visit()
    closed = admin.send("/settings/portal/change", WANTED)
    assert closed.location == "/settings/portal"
    shown = admin.get("/settings/portal").text
    assert "Closed" in shown
    assert "At the beach" in shown
    for path in ("/", "/log-in", "/g/anything"):
        assert eve.get(path).status_code == 404
        assert office.stranger().get(path).status_code == 404
    assert not db.session.scalar(select(func.count()).select_from(ClientSession))
    act = db.session.scalars(select(Audit).order_by(Audit.id.desc())).first()
    assert act.action == "portal.settings_changed"
    assert act.details == {"fields": "approvals is_open link_days message"}
    admin.send("/settings/portal/change", {**WANTED, "is_open": "y"})
    assert eve.get("/").status_code == 303
    assert office.stranger().get("/log-in").status_code == 200


def test_settings_are_checked_and_never_saved_over_somebody_else_s(office):
    admin = office.visit()
    refused = admin.send("/settings/portal/change", {**WANTED, "link_days": "731"})
    assert refused.status_code == 422
    long = admin.send("/settings/portal/change", {**WANTED, "message": "x" * 2001})
    assert long.status_code == 422
    page = admin.get("/settings/portal/change").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    portal_settings.change(office.ctx, PortalChange(link_days=90))
    db.session.rollback()
    late = admin.post("/settings/portal/change", {**WANTED, "version": "0", "csrf_token": token})
    assert late.status_code == 409
    assert "90" in late.text
    assert settings.current().link_days == 90
    with pytest.raises(ValidationFailed):
        portal_settings.change(office.ctx, PortalChange(approvals=["is_active"]))
    viewer = replace(office.ctx, permissions=frozenset({"portal.view"}))
    with pytest.raises(Forbidden):
        portal_settings.change(viewer, PortalChange(link_days=9))


def test_the_log_tells_who_did_what_to_which_document_from_where(office, seen):
    newest, *_rest = found = visits(office)
    assert [one.act for one in found] == ["logged_in", "document.downloaded", "document.seen"]
    assert (newest.who, newest.customer, newest.way) == ("Lech Łódź", "Łódź Software", "account")
    assert found[1].object.startswith("INV-")
    page = office.visit().get("/portal-visits").text
    for text in ("Eve Ann", "Document downloaded", found[1].object, f"/documents/{seen}"):
        assert text in page
    for wanted, count in (
        ({"text": "eve@"}, 2),
        ({"text": "lech"}, 1),
        ({"customer": "ann"}, 2),
        ({"customer": "nobody"}, 0),
        ({"customer_id": office.kept.customers["lodz"]}, 1),
        ({"contact_id": office.kept.contacts["eve"], "act": PortalAct.DOCUMENT_SEEN}, 1),
        ({"since": office.ctx.today() + timedelta(days=2)}, 0),
        ({"until": office.ctx.today() - timedelta(days=2)}, 0),
        ({"way": "look"}, 0),
    ):
        assert len(visits(office, **wanted)) == count, wanted


def test_the_log_goes_out_as_a_table(office, seen):
    answer = office.visit().get("/portal-visits/export.csv?customer=ann")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert "Ann & Sons <b>" in rows[1]


def test_nobody_waits_for_the_log_and_what_is_undone_is_not_in_it(office):
    eve = office.client("eve")
    log.note(eve, PortalAct.STATEMENT_SEEN)
    assert not visits(office)
    with pytest.raises(ZeroDivisionError):
        _ask_in_vain(office, eve)
    backlog_of(office.app).flush()
    db.session.rollback()
    assert [one.act for one in visits(office)] == ["statement.seen"]


def _ask_in_vain(office, client):
    with office.ctx.transaction():
        log.note(client, PortalAct.QUESTION_ASKED)
        raise ZeroDivisionError


def test_what_a_client_did_last_is_told_however_much_colleagues_looked_since(office, seen):
    ann = office.kept.customers["ann"]
    looking = clients.looked_at(office.ctx, ann, office.kept.admin.person_id)
    for _page in range(30):
        log.note(looking, PortalAct.PAGE_OPENED)
    backlog_of(office.app).flush()
    db.session.rollback()
    found = portal_figures.of_customer(office.ctx, ann)
    assert [one.act for one in found.latest] == ["document.downloaded", "document.seen"]


def test_figures_count_clients_and_not_colleagues(office, seen):
    usage = portal_figures.usage(office.ctx)
    assert (usage.customers, usage.with_access) == (3, 2)
    (month,) = usage.months
    assert (month.clients, month.log_ins, month.seen, month.downloaded, month.questions) == (
        *(2, 1),
        *(1, 1, 0),
    )
    page = office.visit().get("/settings/portal").text
    assert "2 of 3 active customers" in page
    of_ann = portal_figures.of_customer(office.ctx, office.kept.customers["ann"])
    assert [one.name for one in of_ann.people] == ["Ed Ann", "Eve Ann"]
    assert of_ann.logged_in_at is None
    assert [one.act for one in of_ann.latest] == ["document.downloaded", "document.seen"]


def test_visits_are_kept_for_400_days(office, seen):
    now = SystemClock().now()
    assert portal_usage.tidy(office.ctx, clock=FixedClock(now + timedelta(days=399))) == 0
    assert portal_usage.tidy(office.ctx, clock=FixedClock(now + timedelta(days=401))) == 3
    assert not db.session.scalar(select(func.count()).select_from(PortalVisit))


def test_the_operator_sees_the_same(office):
    assert portal_settings.get(operator_context("office")).is_open


def test_a_customer_s_page_tells_what_it_does_at_the_portal(office, seen):
    admin = office.visit()
    page = admin.get(f"/customers/{office.kept.customers['ann']}").text
    for text in ("At the portal", "Ed Ann", "Nobody has logged in yet", "Document downloaded"):
        assert text in page
    assert f"/settings/portal/look/{office.kept.customers['ann']}" in page
    other = admin.get(f"/customers/{office.kept.customers['yamada']}").text
    assert "Nobody of this client has access" in other
    assert "Document downloaded" not in other


def test_the_audit_names_clients_and_guests(office):
    eve = office.client("eve")
    guest = replace(office.ctx, actor=Actor(kind=ActorKind.GUEST, address="192.0.2.1"))
    customer = office.kept.customers["ann"]
    with office.ctx.transaction():
        for ctx in (eve.ctx, guest):
            audit.record(ctx, "profile.changed", "customer", customer)
    admin = office.visit()
    for path in ("/audit", f"/customers/{customer}/activity"):
        page = admin.get(path).text
        assert "Eve Ann" in page
        assert "Somebody with the link of a mail" in page
