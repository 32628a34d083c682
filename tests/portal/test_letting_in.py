"""Who is let into the portal, by which link, and how access ends."""

from datetime import timedelta
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.clients import (
    ClientCredential,
    ClientFactor,
    ClientLink,
    ClientRecoveryCode,
    ClientSession,
)
from billhook.models.customers import Contact
from billhook.models.work import Outbox
from billhook.services import (
    client_access,
    client_invitations,
    contacts,
    customer_merging,
    erasing,
    person_files,
)
from billhook.services.client_access import AccessState
from billhook.services.contacts import ContactInput
from billhook.services.invitations import LinkInvalid
from billhook.services.passwords import PasswordWrong
from billhook.services.portal import invitations, logging_in, password_resets, sessions
from billhook.testing.members import PASSWORD
from billhook.testing.shops import make_customer

from .conftest import EVE, LECH
from .ways_in import ANOTHER, entered, link_in, rows, set_up_app, write_late

ALL_ROWS = (ClientCredential, ClientSession, ClientLink, ClientFactor, ClientRecoveryCode)


@pytest.fixture
def zoe(office):
    """Return a contact of Ann's who was never let in."""
    given = ContactInput(name="Zoe Ann", email="zoe@ann.example")
    return contacts.add(office.ctx, office.kept.customers["ann"], given).id


def token_of(invitation) -> str:
    return invitation.path.removeprefix("/invitation/")


def acts(contact_id) -> list[str]:
    db.session.rollback()
    wanted = select(Audit.action).where(Audit.object_id == str(contact_id)).order_by(Audit.id)
    return list(db.session.scalars(wanted))


def test_an_invitation_is_mailed_in_the_contact_s_language_and_opens_once(office, zoe):
    with office.ctx.transaction() as session:
        session.get(Contact, (office.ctx.tenant.id, zoe)).language = "de"
    assert client_access.get(office.ctx, zoe).state is AccessState.NONE
    made = client_access.invite(office.ctx, zoe, [PortalRight.PAY])
    assert client_access.mail(office.ctx, made).state == "sent"
    (memo,) = office.paper.memos
    assert (memo.to, memo.language) == ("zoe@ann.example", "de")
    assert link_in(memo) == made.path
    assert made.link.endswith(f"/portal/office{made.path}")
    access = client_access.get(office.ctx, zoe)
    assert (access.state, access.rights) == (
        AccessState.INVITED,
        (PortalRight.SEE, PortalRight.PAY),
    )
    assert invitations.invited(office.ctx, token_of(made)).customer_name == "Ann & Sons <b>"
    invitations.accept(office.ctx, token_of(made), ANOTHER)
    assert client_access.get(office.ctx, zoe).state is AccessState.ACTIVE
    assert entered(office.ctx, "zoe@ann.example", ANOTHER).name == "Zoe Ann"
    write_late(office)
    assert client_access.get(office.ctx, zoe).seen_at is not None
    with pytest.raises(LinkInvalid):
        invitations.accept(office.ctx, token_of(made), "a third long password")
    assert acts(zoe) == ["contact.saved", "contact.invited", "client.joined"]


def test_a_link_holds_a_week_and_a_new_one_ends_it(office, zoe):
    first = client_access.invite(office.ctx, zoe, [])
    second = client_access.invite(office.ctx, zoe, [PortalRight.MANAGE])
    with pytest.raises(LinkInvalid):
        invitations.invited(office.ctx, token_of(first))
    now = SystemClock().now()
    late = FixedClock(now + timedelta(days=7, seconds=1))
    with pytest.raises(LinkInvalid):
        invitations.accept(office.ctx, token_of(second), ANOTHER, clock=late)
    found = client_access.of_contacts(office.ctx, [zoe], clock=late)[zoe]
    assert found.state is AccessState.EXPIRED
    early = FixedClock(now + timedelta(days=6, hours=23))
    with pytest.raises(ValidationFailed):
        invitations.accept(office.ctx, token_of(second), "short", clock=early)
    invitations.accept(office.ctx, token_of(second), ANOTHER, clock=early)


def test_an_idempotency_key_gives_the_same_link_twice(office, zoe):
    first = client_access.invite(office.ctx, zoe, [], key="one")
    again = client_access.invite(office.ctx, zoe, [], key="one")
    assert (again.link, again.is_repeated) == (first.link, True)


def test_who_is_in_is_not_invited_and_who_is_not_active_neither(office, zoe):
    with pytest.raises(Conflict, match="account already"):
        client_access.invite(office.ctx, office.kept.contacts["eve"], [])
    contacts.change(office.ctx, zoe, ContactInput(is_active=False))
    with pytest.raises(Conflict, match="not active"):
        client_access.invite(office.ctx, zoe, [])
    with pytest.raises(NotFound):
        client_access.invite(office.ctx, new_id(), [])
    with pytest.raises(Conflict, match="Invite them first"):
        client_access.change_rights(office.ctx, zoe, [])


def test_rights_change_from_the_next_request_on(office):
    ed = office.kept.contacts["ed"]
    assert not office.client("ed").may("client.manage")
    client_access.change_rights(office.ctx, ed, [PortalRight.MANAGE])
    assert office.client("ed").may("client.manage")
    assert not office.client("ed").may("client.pay")
    assert acts(ed) == ["contact.rights_changed"]


def test_ending_access_leaves_nothing_that_opens_a_door(office):
    eve = office.kept.contacts["eve"]
    set_up_app(office.ctx, EVE)
    browser = office.stranger()
    password_resets.send(office.ctx, eve)
    reset = link_in(office.paper.memos[-1])
    assert all(rows(kind, eve) for kind in ALL_ROWS)
    client_access.end(office.ctx, eve)
    assert not any(rows(kind, eve) for kind in ALL_ROWS)
    assert browser.get(reset).status_code == 404
    assert browser.log_in(EVE).status_code == 401
    assert client_access.get(office.ctx, eve).state is AccessState.NONE
    assert acts(eve)[-1] == "contact.access_ended"
    made = client_access.invite(office.ctx, eve, [])
    invitations.accept(office.ctx, token_of(made), ANOTHER)
    assert browser.log_in(EVE, ANOTHER).status_code == 303


def test_access_ends_with_the_contact_s_being_active(office):
    eve, browser = office.kept.contacts["eve"], office.at_portal(EVE)
    contacts.change(office.ctx, eve, ContactInput(is_active=False))
    assert browser.get("/").status_code == 303
    contacts.change(office.ctx, eve, ContactInput(is_active=True))
    assert office.stranger().log_in(EVE).status_code == 401


def test_links_to_an_address_of_before_end_with_it(office, zoe):
    made = client_access.invite(office.ctx, zoe, [])
    contacts.change(office.ctx, zoe, ContactInput(email="zoe@new.example"))
    with pytest.raises(LinkInvalid):
        invitations.invited(office.ctx, token_of(made))


def test_who_is_merged_goes_on_as_the_customer_that_was_kept(office):
    lech = office.at_portal(LECH)
    kept = office.kept.customers["yamada"]
    customer_merging.merge(office.ctx, duplicate_id=office.kept.customers["lodz"], kept_id=kept)
    assert lech.get("/").status_code == 200
    client = office.client("lech")
    assert client.customer_id == kept
    db.session.rollback()
    assert set(db.session.scalars(select(ClientSession.customer_id))) == {kept}


def test_erasing_takes_all_that_lets_anybody_in(office, tmp_path):
    lech = office.kept.contacts["lech"]
    set_up_app(office.ctx, LECH)
    entered(office.ctx, LECH)
    write_late(office)
    path = tmp_path / "lech.zip"
    with path.open("wb") as file:
        person_files.write_contact(office.ctx, lech, file)
    with ZipFile(path) as archive:
        told = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "seen_at" in told["portal_sessions.json"]
    assert "logged_in" in told["portal_visits.json"]
    written = "".join(told.values())
    for secret in ("password_hash", "token_hash", "sealed", "argon2"):
        assert secret not in written, secret
    erasing.forget_contact(office.ctx, lech)
    assert not any(rows(kind, lech) for kind in ALL_ROWS)
    eve = office.kept.contacts["eve"]
    entered(office.ctx, EVE)
    erasing.erase(office.ctx, office.kept.customers["ann"])
    assert not any(rows(kind, eve) for kind in ALL_ROWS)


def test_sessions_and_links_are_tidied(office, zoe):
    client_access.invite(office.ctx, zoe, [])
    entered(office.ctx, EVE)
    late = FixedClock(SystemClock().now() + timedelta(hours=13))
    sessions.tidy(office.ctx)
    assert rows(ClientSession, office.kept.contacts["eve"]) == 1
    sessions.tidy(office.ctx, clock=late)
    assert rows(ClientSession, office.kept.contacts["eve"]) == 0


# Another password


def test_a_reset_ends_all_sessions_and_says_so_by_mail(office):
    eve = office.kept.contacts["eve"]
    browser = office.at_portal(EVE)
    password_resets.ask(office.ctx, " Eve@Ann.example ")
    db.session.rollback()
    (job,) = db.session.scalars(select(Outbox).where(Outbox.name == password_resets.JOB)).all()
    assert job.payload == {"contact_id": str(eve)}
    password_resets.send(office.ctx, eve)
    password_resets.send(office.ctx, eve)
    first, second = (link_in(memo).removeprefix("/reset/") for memo in office.paper.memos)
    with pytest.raises(LinkInvalid):
        password_resets.resets(first)
    late = FixedClock(SystemClock().now() + timedelta(hours=1, seconds=1))
    with pytest.raises(LinkInvalid):
        password_resets.reset(office.ctx, second, ANOTHER, clock=late)
    password_resets.reset(office.ctx, second, ANOTHER)
    with pytest.raises(LinkInvalid):
        password_resets.reset(office.ctx, second, "a third long password")
    assert browser.get("/").status_code == 303
    with pytest.raises(PasswordWrong):
        logging_in.log_in(office.ctx, EVE, PASSWORD)
    assert logging_in.log_in(office.ctx, EVE, ANOTHER)
    letter = db.session.scalars(select(Outbox).where(Outbox.name == "client.letter")).one()
    assert letter.payload["subject"] == "Your password was changed"
    assert second not in str(letter.payload)


def test_nothing_is_mailed_to_who_has_no_account(office, zoe):
    for email in ("nobody@nowhere.example", "zoe@ann.example", office.kept.admin.email, ""):
        password_resets.ask(office.ctx, email)
    db.session.rollback()
    jobs = select(Outbox).where(Outbox.name == password_resets.JOB)
    assert db.session.scalars(jobs).all() == []
    password_resets.send(office.ctx, zoe)
    assert office.paper.memos == []


# Many at once


def test_each_customer_s_people_who_get_documents_are_invited(office):
    ctx, kept = office.ctx, office.kept
    paul = contacts.add(
        ctx,
        kept.customers["lodz"],
        ContactInput(name="Paul", email="paul@lodz.example", receives="cc"),
    ).id
    silent = make_customer(ctx, "silent", email="")
    ids = [*kept.customers.values(), silent]
    planned = client_invitations.plan(ctx, ids)
    assert planned.contact_ids == (paul,)
    assert [one.email for one in planned.new] == ["ann@client.example", "yamada@client.example"]
    assert (planned.unreachable, planned.with_account) == (("silent",), 0)
    batch = client_invitations.invite_all(ctx, ids, [PortalRight.PAY])
    progress = client_invitations.progress(ctx, batch)
    assert (progress.total, progress.done, progress.is_over) == (3, 0, False)
    jobs = db.session.scalars(
        select(Outbox.payload).where(Outbox.name == client_invitations.JOB)
    ).all()
    for payload in jobs:
        assert "invitation" not in str(payload)
        client_invitations.send(ctx, UUID(payload["contact_id"]))
    assert {memo.to for memo in office.paper.memos} == {
        "paul@lodz.example",
        "ann@client.example",
        "yamada@client.example",
    }
    token = link_in(office.paper.memos[0]).removeprefix("/invitation/")
    invitations.accept(ctx, token, ANOTHER)
    assert client_invitations.plan(ctx, ids).count == 2
    with pytest.raises(NotFound):
        client_invitations.progress(ctx, new_id())
