"""A contact's own security: changing the password, an app with recovery codes, and sessions."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from billhook.clock import FixedClock, SystemClock
from billhook.db import db
from billhook.errors import Forbidden, NotFound
from billhook.models.audit import Audit
from billhook.models.clients import ClientCredential, ClientFactor, ClientSession
from billhook.models.work import Outbox
from billhook.services import plugins
from billhook.services.passwords import hash_of
from billhook.services.portal import clients, factors, logging_in, passwords, sessions
from billhook.services.second_factor import CodeWrong
from billhook.services.sessions import ProofStale
from billhook.testing.browser import Page
from billhook.testing.members import PASSWORD

from .conftest import ED, EVE, LECH
from .ways_in import ANOTHER, entered, fresh_code, rows, set_up_app


def acts(contact_id) -> list[str]:
    db.session.rollback()
    wanted = select(Audit.action).where(Audit.object_id == str(contact_id)).order_by(Audit.id)
    return list(db.session.scalars(wanted))


def grow_stale(office) -> None:
    """Let every proof be eleven minutes old."""
    with office.ctx.transaction() as session:
        old = SystemClock().now() - timedelta(minutes=11)
        session.execute(update(ClientSession).values(proved_at=old))


def test_the_password_is_changed_after_the_present_one_and_others_are_out(office):
    eve, phone = office.at_portal(EVE), office.at_portal(EVE)
    grow_stale(office)
    asked = eve.get("/security/password")
    assert asked.location == "/portal/office/confirm?next=/portal/office/security/password"
    assert eve.send(asked.location, {"password": "wrong"}).status_code == 401
    before = _session(eve)
    proved = eve.send(asked.location, {"password": PASSWORD})
    assert (proved.status_code, proved.location) == (303, "/portal/office/security/password")
    assert _session(eve) != before
    short = eve.send("/security/password", {"password": "short"})
    assert short.status_code == 422
    assert 'aria-invalid="true"' in short.text
    assert eve.send("/security/password", {"password": ANOTHER}).status_code == 303
    assert "Your password was changed" in eve.get("/security").text
    assert phone.get("/").status_code == 303
    assert office.stranger().log_in(EVE).status_code == 401
    assert office.stranger().log_in(EVE, ANOTHER).status_code == 303
    assert "client.password_set" in acts(office.kept.contacts["eve"])
    letters = db.session.scalars(select(Outbox.payload).where(Outbox.name == "client.letter"))
    assert [one["subject"] for one in letters] == ["Your password was changed"]


def test_an_app_is_set_up_asked_for_and_removed(office):
    eve, phone = office.at_portal(EVE), office.at_portal(EVE)
    assert eve.send("/security/app", page="/security").status_code == 303
    page = eve.get("/security/app").text
    secret = re.search(r"secret=(\w+)", page)[1]
    assert "issuer=" in page
    app = pyotp.TOTP(secret)
    wrong = eve.send("/security/app/confirm", {"code": "000000"}, page="/security/app")
    assert wrong.status_code == 422
    shown = eve.send("/security/app/confirm", {"code": app.now()}, page="/security/app")
    codes = re.findall(r"<code>([\w-]{34})</code>", shown.text)
    assert len(set(codes)) == 10
    assert phone.get("/").status_code == 303  # other sessions ended
    assert eve.send("/security/app", page="/security").status_code == 409
    assert "10 recovery codes are left" in eve.get("/security").text
    again = office.stranger()
    again.log_in(EVE)
    assert again.get("/").location.startswith("/portal/office/second-factor")
    assert again.send("/second-factor", {"code": codes[3]}).status_code == 303
    assert "9 recovery codes are left" in again.get("/security").text
    grow_stale(office)
    assert again.get("/security/app/remove").location.startswith("/portal/office/confirm")
    confirm = "/confirm?next=/portal/office/security/app/remove"
    assert again.send(confirm, {"password": PASSWORD, "code": "1"}).status_code == 401
    code = fresh_code(office.ctx, app, office.kept.contacts["eve"])
    proved = again.send(confirm, {"password": PASSWORD, "code": code})
    assert proved.location == "/portal/office/security/app/remove"
    assert again.send("/security/app/remove").status_code == 303
    assert office.at_portal(EVE).get("/").status_code == 200
    assert rows(ClientFactor, office.kept.contacts["eve"]) == 0
    noted = acts(office.kept.contacts["eve"])
    assert {"client.factor_added", "client.recovery_code_used", "client.factor_removed"} <= {
        *noted
    }


def test_each_change_asks_for_a_fresh_proof(office):
    set_up_app(office.ctx, LECH)
    lech, eve = office.client("lech"), entered(office.ctx, EVE)
    late = FixedClock(SystemClock().now() + timedelta(minutes=10, seconds=1))
    with eve.ctx.acting():
        for change in (
            lambda: passwords.change(eve, ANOTHER, clock=late),
            lambda: factors.offer(eve, clock=late),
            lambda: factors.confirm(eve, "1", clock=late),
            lambda: factors.new_codes(eve, clock=late),
            lambda: factors.remove(eve, clock=late),
        ):
            with pytest.raises(ProofStale):
                change()
    with lech.ctx.acting(), pytest.raises(ProofStale):
        factors.remove(lech)  # without a session there is no proof


def test_a_code_counts_once_and_for_its_contact_alone(office):
    app, codes = set_up_app(office.ctx, EVE)
    set_up_app(office.ctx, LECH)
    token = logging_in.log_in(office.ctx, LECH, PASSWORD)
    lech = sessions.resume(office.ctx, token)
    with lech.ctx.acting():
        for code in (codes[0], app.now(), "", "x" * 5_000, "０００００００"):
            with pytest.raises(CodeWrong):
                logging_in.give_code(lech, code)
    eve = sessions.resume(office.ctx, logging_in.log_in(office.ctx, EVE, PASSWORD))
    code = fresh_code(office.ctx, app, office.kept.contacts["eve"])
    with eve.ctx.acting():
        assert logging_in.give_code(eve, code)
        with pytest.raises(CodeWrong):
            logging_in.give_code(eve, code)


def test_sessions_are_seen_and_ended_each_contact_s_own(office):
    eve, phone, ed = office.at_portal(EVE), office.at_portal(EVE), office.at_portal(ED)
    page = Page(eve.get("/security").text)
    assert page.text.count("This one") == 1
    (key,) = {
        one["action"].split("/")[-2]
        for one in page.all("form")
        if re.search(r"/sessions/[0-9a-f]{64}/end$", one.get("action", ""))
    }
    assert ed.send(f"/security/sessions/{key}/end", page="/security").status_code == 404
    assert ed.send("/security/sessions/zz/end", page="/security").status_code == 404
    assert phone.get("/").status_code == 200
    assert eve.send(f"/security/sessions/{key}/end", page="/security").status_code == 303
    assert phone.get("/").status_code == 303
    office.at_portal(EVE)
    assert eve.send("/security/sessions/end", page="/security").status_code == 303
    assert rows(ClientSession, office.kept.contacts["eve"]) == 1
    assert ed.get("/").status_code == 200


def test_a_member_who_looks_changes_nothing_of_how_a_client_logs_in(office):
    look = clients.looked_at(office.ctx, office.kept.customers["ann"], office.kept.admin.person_id)
    with look.ctx.acting():
        for act in (
            lambda: sessions.listing(look),
            lambda: sessions.end_others(look),
            lambda: passwords.change(look, ANOTHER),
            lambda: factors.offer(look),
            lambda: logging_in.prove_again(look, PASSWORD),
        ):
            with pytest.raises(Forbidden):
                act()


def test_a_weak_hash_is_renewed_at_log_in(office, monkeypatch):
    from argon2 import PasswordHasher

    eve = office.kept.contacts["eve"]
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with office.ctx.transaction() as session:
        session.execute(update(ClientCredential).values(password_hash=weak))
    assert office.stranger().log_in(EVE).status_code == 303
    db.session.rollback()
    stored = select(ClientCredential.password_hash).where(ClientCredential.contact_id == eve)
    assert db.session.scalar(stored) != weak
    assert hash_of(PASSWORD).split("$")[3] == db.session.scalar(stored).split("$")[3]


def test_apps_are_sealed_anew_and_for_one_contact_alone(office):
    app, _codes = set_up_app(office.ctx, EVE)
    before = _sealed(office, "eve")
    assert plugins.rotate_secrets().unreadable == ()
    with office.ctx.acting():
        assert _sealed(office, "eve") != before
        fresh_code(office.ctx, app, office.kept.contacts["eve"])
        with office.ctx.transaction() as session:
            session.execute(update(ClientFactor).values(contact_id=office.kept.contacts["lech"]))
        lost = factors.reseal
        with office.ctx.transaction():
            assert len(lost(office.ctx)[1]) == 1


def _sealed(office, name: str) -> bytes:
    db.session.rollback()
    wanted = select(ClientFactor.sealed).where(
        ClientFactor.contact_id == office.kept.contacts[name]
    )
    return db.session.scalars(wanted).one()


def _session(browser) -> str:
    (found,) = (
        one.value for one in browser.client._cookies.values() if one.key == "billhook_client"
    )
    return found


def test_who_has_no_app_finds_none(office):
    ed = entered(office.ctx, ED)
    with ed.ctx.acting():
        with pytest.raises(NotFound):
            factors.remove(ed)
        with pytest.raises(NotFound):
            factors.offered(ed)
