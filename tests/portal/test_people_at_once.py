"""People at the same moment: let in, coming in, kept out; one stands just before its commit when the other comes."""

import pyotp
import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, Forbidden, ValidationFailed
from billhook.models.clients import ClientCredential, ClientFactor, ClientLink, ClientSession
from billhook.models.customers import Contact
from billhook.models.work import Outbox
from billhook.services import client_access, client_invitations, contacts, portal_settings
from billhook.services.contacts import ContactInput
from billhook.services.invitations import LinkInvalid
from billhook.services.passwords import PasswordWrong
from billhook.services.portal import (
    factors,
    invitations,
    logging_in,
    password_resets,
    passwords,
    people,
    profile,
    sessions,
)
from billhook.services.portal_settings import PortalChange
from billhook.services.second_factor import CodeWrong
from billhook.testing.members import PASSWORD
from billhook.testing.portals import make_client
from billhook.testing.shops import make_customer

from .conftest import ED, EVE, LECH
from .meeting import ORDERS, by_client, by_staff, meet
from .ways_in import ANOTHER, entered, link_in

SEE, MANAGE = PortalRight.SEE, PortalRight.MANAGE
ZOE = "zoe@ann.example"


@pytest.fixture
def zoe(office):
    """A contact of Ann's who was never let in."""
    given = ContactInput(name="Zoe Ann", email=ZOE)
    return contacts.add(office.ctx, office.kept.customers["ann"], given).id


def count(row, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(row).where(*conditions))


def open_links() -> int:
    return count(ClientLink, ClientLink.used_at.is_(None))


def invite(contact_id):
    return by_staff(lambda ctx: client_access.invite(ctx, contact_id, [SEE]))


def token_of(invitation) -> str:
    return invitation.path.removeprefix("/invitation/")


@pytest.fixture
def token(office, zoe):
    return token_of(client_access.invite(office.ctx, zoe, [SEE]))


def accept(token, password=ANOTHER):
    return by_staff(lambda ctx: invitations.accept(ctx, token, password))


# Invitations


def test_of_two_invitations_at_once_one_link_works(office, zoe):
    first, second = meet(office.app, invite(zoe), invite(zoe))
    assert (first.refusal, second.refusal) == (None, None)
    assert open_links() == 1
    with pytest.raises(LinkInvalid):
        invitations.invited(office.ctx, token_of(first.answer))
    assert invitations.invited(office.ctx, token_of(second.answer)).contact_id == zoe


def test_an_invitation_is_accepted_once(office, zoe, token):
    won, lost = meet(office.app, accept(token), accept(token, "a password of somebody else"))
    assert won.refusal is None
    assert isinstance(lost.refusal, LinkInvalid)
    assert logging_in.log_in(office.ctx, ZOE, ANOTHER)


@ORDERS
def test_who_just_came_in_is_not_invited_again(office, zoe, token, is_turned):
    acts = (invite(zoe), accept(token)) if is_turned else (accept(token), invite(zoe))
    won, lost = meet(office.app, *acts)
    assert won.refusal is None
    assert isinstance(lost.refusal, LinkInvalid if is_turned else Conflict)
    assert (open_links(), count(ClientCredential, ClientCredential.contact_id == zoe)) == (
        (1, 0) if is_turned else (0, 1)
    )


@ORDERS
def test_who_is_kept_out_while_they_come_in_is_out(office, zoe, token, is_turned):
    end = by_staff(lambda ctx: client_access.end(ctx, zoe))
    won, lost = meet(office.app, *((end, accept(token)) if is_turned else (accept(token), end)))
    assert won.refusal is None
    assert type(lost.refusal) is (LinkInvalid if is_turned else type(None))
    assert count(ClientCredential, ClientCredential.contact_id == zoe) == 0
    with pytest.raises(LinkInvalid):  # nor does a session begin that a later invitation would wake
        logging_in.begin(office.ctx, zoe, office.kept.customers["ann"])


def test_two_who_invite_in_bulk_make_each_person_once(office):
    customer = make_customer(office.ctx, "bob", email="bob@bob.example")
    every = by_staff(lambda ctx: client_invitations.invite_all(ctx, [customer], [SEE]))
    first, second = meet(office.app, every, every)
    assert first.refusal is None
    assert type(second.refusal) in (type(None), Conflict)
    assert count(Contact, Contact.customer_id == customer) == 1


# Colleagues


def test_a_colleague_who_is_added_twice_at_once_is_one(office):
    given = ContactInput(name="Zoe Ann", email=ZOE)
    add = by_client(office, "eve", lambda eve: people.add(eve, given, [SEE]))
    won, lost = meet(office.app, add, add)
    assert won.refusal is None
    assert isinstance(lost.refusal, ValidationFailed)
    assert [one.code for one in lost.refusal.problems] == ["contact.taken"]
    assert count(Contact, Contact.email == ZOE) == 1


def test_two_companies_that_add_one_address_at_once_are_one_contact(office):
    """Neither learns more than that it did not work."""
    lech = office.at_portal(LECH)
    form = {"name": "Zoë", "email": ZOE, "enters": "y", "csrf_token": lech.token("/people/new")}
    given = ContactInput(name="Zoe Ann", email=ZOE)
    won, lost = meet(
        office.app,
        by_client(office, "eve", lambda eve: people.add(eve, given, [SEE])),
        lambda: lech.post("/people/new", form),
    )
    assert won.refusal is None
    assert lost.answer.status_code in (409, 422)
    assert "Zoe Ann" not in lost.answer.text
    assert count(Contact, Contact.email == ZOE) == 1


def test_of_two_managers_who_end_each_other_one_stays(office):
    max_id = make_client(office.ctx, office.kept.customers["ann"], "max@ann.example")
    eve_id = office.kept.contacts["eve"]
    eve = by_client(office, "eve", lambda eve: people.end(eve, max_id))
    office.kept.contacts["max"] = max_id
    other = by_client(office, "max", lambda other: people.end(other, eve_id))
    del office.kept.contacts["max"]
    won, lost = meet(office.app, eve, other)
    assert won.refusal is None
    assert isinstance(lost.refusal, Forbidden)
    assert db.session.get(Contact, (office.ctx.tenant.id, eve_id)).portal_rights


def test_a_wish_waits_for_nobody_who_holds_its_contact(office, backend):
    """Else the two could wait for each other: whoever holds a contact may need the customer next."""
    portal_settings.change(office.ctx, PortalChange(approvals=("name",)))
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)
    save = by_client(
        office,
        "eve",
        lambda eve: profile.save(
            eve, {**known.wanted, "name": "Ann Group"}, version=known.version, mark=known.mark
        ),
    )
    change = by_staff(
        lambda ctx: client_access.change_rights(ctx, office.kept.contacts["eve"], [MANAGE])
    )
    _first, second = meet(office.app, change, save)
    assert second.answer.waiting == ("name",)
    assert second.has_waited is (backend == "sqlite"), "of which there is one writer"


# Passwords, apps and sessions


def log_in(email, password=PASSWORD):
    return by_staff(lambda ctx: logging_in.log_in(ctx, email, password))


def sessions_of(office, name) -> int:
    return count(ClientSession, ClientSession.contact_id == office.kept.contacts[name])


def test_no_session_begins_by_a_password_that_is_just_reset(office):
    ed = office.kept.contacts["ed"]
    password_resets.send(office.ctx, ed)
    token = link_in(office.paper.memos[-1]).removeprefix("/reset/")
    reset = by_staff(lambda ctx: password_resets.reset(ctx, token, ANOTHER))
    won, lost = meet(office.app, reset, log_in(ED))
    assert won.refusal is None
    assert isinstance(lost.refusal, PasswordWrong)
    assert sessions_of(office, "ed") == 0


def test_no_session_begins_by_a_password_that_is_just_changed(office):
    eve = entered(office.ctx, EVE)

    def change():
        with eve.ctx.acting():
            passwords.change(eve, ANOTHER)

    won, lost = meet(office.app, change, log_in(EVE))
    assert won.refusal is None
    assert isinstance(lost.refusal, PasswordWrong)
    assert sessions_of(office, "eve") == 1


def test_who_logs_in_while_an_app_is_set_up_owes_its_code(office):
    eve = entered(office.ctx, EVE)
    with eve.ctx.acting():
        app = pyotp.TOTP(factors.offer(eve).secret)

    def confirm():
        with eve.ctx.acting():
            return factors.confirm(eve, app.now())

    _won, second = meet(office.app, confirm, log_in(EVE))
    found = sessions.resume(office.ctx, second.answer)
    assert found is None or found.owes_factor


def test_an_app_that_is_offered_twice_at_once_is_one(office):
    eve = entered(office.ctx, EVE)

    def offer():
        with eve.ctx.acting():
            return factors.offer(eve)

    first, second = meet(office.app, offer, offer)
    assert (first.refusal, second.refusal) == (None, None)
    assert count(ClientFactor) == 1
    with eve.ctx.acting():
        assert factors.offered(eve).secret == second.answer.secret


def test_the_first_code_of_an_app_that_was_just_replaced_sets_up_nothing(office):
    eve = entered(office.ctx, EVE)
    with eve.ctx.acting():
        app = pyotp.TOTP(factors.offer(eve).secret)

    def run(act):
        def inside():
            with eve.ctx.acting():
                return act(eve)

        return inside

    _won, lost = meet(
        office.app, run(factors.offer), run(lambda eve: factors.confirm(eve, app.now()))
    )
    assert isinstance(lost.refusal, CodeWrong)
    assert not factors.has_factor(office.kept.contacts["eve"])
    letters = count(Outbox, Outbox.name == "client.letter")
    assert letters == 0
