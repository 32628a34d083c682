"""The people of a client's company: let in, changed, kept out, by those who manage them."""

import pytest

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.models.clients import ClientSession
from billhook.services.contacts import ContactInput
from billhook.services.portal import clients, people
from billhook.services.portal.people import LastManager

from .conftest import ED, EVE, LECH

SEE, PAY, MANAGE = PortalRight.SEE, PortalRight.PAY, PortalRight.MANAGE


def of(office, name="eve"):
    """Return the people whom somebody sees, by their names."""
    client = office.client(name)
    with client.ctx.acting():
        return {one.name: one for one in people.listing(client)}


def change(office, contact, rights, **given):
    client = office.client("eve")
    wanted = ContactInput(**{"name": contact.name, "email": contact.email, **given})
    with client.ctx.acting():
        return people.change(client, contact.id, wanted, rights)


def test_each_company_sees_its_own_people(office):
    assert set(of(office)) == {"Eve Ann", "Ed Ann"}
    assert set(of(office, "lech")) == {"Lech Łódź"}
    assert of(office)["Eve Ann"].is_self
    assert of(office)["Ed Ann"].rights == (SEE,)


def test_a_manager_lets_a_colleague_in_who_chooses_a_password(office):
    eve = office.at_portal(EVE)
    sent = eve.send("/people/new", {"name": "Zoë <i>", "email": "zoe@ann.example", "enters": "y"})
    assert sent.status_code == 303
    zoe = of(office)["Zoë <i>"]
    assert (zoe.rights, zoe.has_account) == ((SEE,), False)
    listed = eve.get("/people").text
    assert "Zoë &lt;i&gt;" in listed
    assert "Invited" in listed
    client = office.client("eve")
    with client.ctx.acting():
        again = people.invite_again(client, zoe.id)
    word = "another horse battery"
    joined = office.stranger().send(again.path, {"password": word, "repeated": word})
    assert joined.status_code == 303
    assert of(office)["Zoë <i>"].has_account


def test_rights_change_from_the_next_request_on(office):
    ed = office.at_portal(ED)
    assert ed.get("/profile/edit").status_code == 403
    change(office, of(office)["Ed Ann"], [SEE, MANAGE])
    assert ed.get("/profile/edit").status_code == 200
    change(office, of(office)["Ed Ann"], [])
    assert ed.get("/profile").status_code == 303
    assert of(office)["Ed Ann"].rights == ()


def test_the_last_who_manages_is_warned(office):
    eve = of(office)["Eve Ann"]
    with pytest.raises(LastManager):
        change(office, eve, [SEE])
    browser = office.at_portal(EVE)
    told = browser.send(f"/people/{eve.id}", {"name": "Eve", "email": EVE, "enters": "y"})
    assert told.status_code == 409
    assert "nobody of your company" in told.text
    assert "nobody of your company" in browser.get(f"/people/{eve.id}/end").text
    sure = {"name": "Eve", "email": EVE, "enters": "y", "alone": "y"}
    assert browser.send(f"/people/{eve.id}", sure).status_code == 303
    assert of(office)["Eve"].rights == (SEE,)


def test_with_another_who_manages_nobody_is_warned(office):
    change(office, of(office)["Ed Ann"], [SEE, MANAGE])
    change(office, of(office)["Eve Ann"], [SEE])
    assert not of(office)["Eve Ann"].manages


def test_whose_a_taken_address_is_stays_unsaid(office):
    eve = office.at_portal(EVE)
    for email, words in (
        (LECH, "This address cannot be used here."),
        (ED, "This person is one of yours already."),
    ):
        sent = eve.send("/people/new", {"name": "X", "email": email.upper(), "enters": "y"})
        assert sent.status_code == 422
        assert words in sent.text
        assert "Łódź" not in sent.text


def test_people_of_others_are_not_there(office):
    lech = office.kept.contacts["lech"]
    eve = office.at_portal(EVE)
    for path in ("", "/end"):
        assert eve.get(f"/people/{lech}{path}").status_code == 404
    for path in ("", "/end", "/invite"):
        sent = eve.send(f"/people/{lech}{path}", {"name": "X", "email": EVE}, page="/people")
        assert sent.status_code == 404
    client = office.client("eve")
    with client.ctx.acting(), pytest.raises(NotFound):
        people.end(client, lech)
    assert of(office, "lech")["Lech Łódź"].rights


def test_ending_access_logs_out_at_once(office):
    ed = office.at_portal(ED)
    eve = office.at_portal(EVE)
    path = f"/people/{office.kept.contacts['ed']}/end"
    assert eve.send(path).status_code == 303
    assert ed.get("/").status_code == 303
    assert office.stranger().log_in(ED).status_code == 401
    assert of(office)["Ed Ann"].rights == ()


def test_who_does_not_manage_writes_nothing(office):
    ed, lech = office.client("ed"), office.kept.contacts["ed"]
    looking = clients.looked_at(
        office.ctx, office.kept.customers["ann"], office.kept.admin.person_id
    )
    given = ContactInput(name="X", email="x@ann.example")
    for client in (ed, looking):
        with client.ctx.acting():
            assert people.listing(client)
            for act in (
                lambda client=client: people.add(client, given, [SEE]),
                lambda client=client: people.change(client, lech, given, [SEE]),
                lambda client=client: people.end(client, lech),
                lambda client=client: people.invite_again(client, lech),
            ):
                with pytest.raises(Forbidden):
                    act()
    browser = office.at_portal(ED)
    assert browser.get("/people").status_code == 200
    assert browser.get("/people/new").status_code == 403


def test_a_new_password_proof_is_asked_for_after_a_while(office):
    eve = office.at_portal(EVE)
    with office.ctx.transaction() as session:
        for row in session.scalars(db.select(ClientSession)):
            row.proved_at = row.proved_at.replace(year=2020)
    assert eve.get("/people/new").status_code == 303
    assert "/confirm" in eve.get("/people/new").location


def test_a_person_without_rights_only_gets_documents(office):
    client = office.client("eve")
    given = ContactInput(name="Archive", email="archive@ann.example", receives="cc")
    with client.ctx.acting():
        assert people.add(client, given, []) is None
        with pytest.raises(ValidationFailed):
            people.add(client, given, [])
    assert of(office)["Archive"].rights == ()
