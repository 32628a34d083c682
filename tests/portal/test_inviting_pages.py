"""The company's pages of who may enter the portal, and the first steps of who is invited."""

from uuid import UUID

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.models.work import Outbox
from billhook.services import client_invitations, contacts
from billhook.services.contacts import ContactInput
from billhook.testing.browser import Page

from .conftest import EVE
from .ways_in import ANOTHER, link_in, set_up_app


@pytest.fixture
def zoe(office):
    """Return a contact of Ann's who was never let in."""
    given = ContactInput(name="Zoe Ann", email="zoe@ann.example")
    return contacts.add(office.ctx, office.kept.customers["ann"], given).id


def test_a_contact_is_invited_on_its_page_and_walks_in(office, zoe):
    olga = office.visit()
    about = f"/customers/contacts/{zoe}"
    assert "cannot enter it yet" in olga.get(about).text
    sent = olga.send(f"{about}/portal/invite", {"pay": "y"}, page=about)
    assert (sent.status_code, sent.location) == (303, about)
    page = olga.get(about).text
    assert "The invitation was sent to zoe@ann.example" in page
    assert "Invite again" in page
    zoes = office.stranger()
    path = link_in(office.paper.memos[-1])
    assert "Welcome, Zoe Ann" in zoes.get(path).text
    refused = zoes.send(path, {"password": "short"})
    assert refused.status_code == 422
    assert "at most 256" in refused.text
    inside = zoes.send(path, {"password": ANOTHER})
    assert (inside.status_code, inside.location) == (303, "/portal/office/")
    assert "Zoe Ann" in zoes.get("/").text
    assert zoes.get(path).status_code == 404
    page = Page(olga.get(about).text)
    assert "Has access" in page.text
    ticked = [one["name"] for one in page.all("input") if "checked" in one]
    assert "pay" in ticked
    assert "manage" not in ticked
    saved = olga.send(f"{about}/portal/rights", {"manage": "y"}, page=about)
    assert saved.status_code == 303
    assert "Has access" in olga.get(f"/customers/{office.kept.customers['ann']}/contacts").text


def test_where_no_mail_goes_out_the_link_is_shown_once(office, zoe):
    office.paper.errors.append(ValueError("the loft is closed"))
    olga = office.visit()
    about = f"/customers/contacts/{zoe}"
    shown = olga.send(f"{about}/portal/invite", page=about)
    assert shown.status_code == 200
    assert "/portal/office/invitation/" in shown.text
    assert "could not be mailed" in shown.text
    assert "/portal/office/invitation/" not in olga.get(about).text


def test_access_and_factors_end_after_a_question(office):
    set_up_app(office.ctx, EVE)
    eve, olga = office.kept.contacts["eve"], office.visit()
    about = f"/customers/contacts/{eve}"
    for path, told in (("factor", "second factor was removed"), ("end", "no access")):
        question = f"{about}/portal/{path}"
        assert olga.get(question).status_code == 200
        assert olga.send(question, page=question).status_code == 303
        assert told in olga.get(about).text
    again = olga.send(f"{about}/portal/factor", page=about)
    assert again.status_code == 409


def test_many_are_invited_after_a_question_and_followed_on_a_page(office):
    olga = office.visit()
    chosen = {"id": str(office.kept.customers["yamada"])}
    asked = olga.send("/customers/bulk/invite", chosen, page="/customers")
    assert "1 person is invited by mail" in asked.text
    assert "its own e-mail address becomes one" in asked.text
    answer = {**chosen, "confirmed": "yes", "rights": "manage"}
    done = olga.send("/customers/bulk/invite", answer, page="/customers")
    assert done.status_code == 303
    assert "0 of 1 invitations were sent" in olga.get(done.location).text
    assert "HX-Refresh" not in olga.get(f"{done.location}/progress").headers
    db.session.rollback()
    payload = db.session.scalars(
        select(Outbox.payload).where(Outbox.name == client_invitations.JOB)
    ).one()
    client_invitations.send(office.ctx, UUID(payload["contact_id"]))
    assert [memo.to for memo in office.paper.memos] == ["yamada@client.example"]
    nobody = olga.send("/customers/bulk/invite", {**chosen, "confirmed": "yes"}, page="/customers")
    assert nobody.status_code == 303
