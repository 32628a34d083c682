"""Attacks on the log-in of the portal: by addresses to go to, by asking who is known, by trying."""

import re
from threading import get_ident
from urllib.parse import urlencode

import pytest
from sqlalchemy import event, select

from billhook.db import db
from billhook.domain.states import PortalRight
from billhook.models.customers import Contact
from billhook.models.work import Outbox
from billhook.services import client_access, passwords
from billhook.services.portal import logging_in, password_resets
from billhook.testing.browser import without_tokens
from billhook.testing.members import PASSWORD
from billhook.throttling import PER_ACCOUNT, PER_ADDRESS, PER_FACTOR, PER_MAILBOX

from .conftest import ED, EVE, LECH
from .ways_in import newcomer_of, set_up_app, settle

# Where it leads


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/portal/office\\..\\x",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/customers",
        "/portal/other/",
        "/portal/officer/",
        "/portal/office/../../customers",
        "/portal/office/%2e%2e/%2e%2e/customers",
        "/portal/office/..%2f..%2fcustomers",
        "/portal/office/%0d%0aSet-Cookie:x=1\r\n",
        "http:/portal/office/",
        " /portal/office/",
        "/portal/office/\t//evil.example",
        "@evil.example",
        "",
    ],
)
def test_after_log_in_one_stays_in_this_portal(office, wanted):
    stranger = office.stranger()
    page = f"/log-in?{_query(wanted)}"
    done = stranger.send(page, {"email": EVE, "password": PASSWORD})
    assert done.status_code == 303
    assert re.fullmatch(r"/portal/office/(%0d%0aSet-Cookie:x=1)?", done.location), done.location


def _query(wanted: str) -> str:
    return urlencode({"next": wanted})


# Who is known


@pytest.fixture
def tried(office, monkeypatch):
    """Return what a try to log in says, and how many hashes and statements it took."""
    hashes: list[str] = []
    fits = passwords._fits
    monkeypatch.setattr(
        passwords, "_fits", lambda text, stored: hashes.append("") or fits(text, stored)
    )

    def attempt(email: str) -> tuple[int, str, int, int]:
        stranger = office.stranger()
        token = stranger.token()
        said: list[str] = []

        def listen(_c, _u, statement, *_rest):
            said.append(statement)

        hashes.clear()
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            answer = stranger.post(
                "/log-in", {"email": email, "password": "wrong password", "csrf_token": token}
            )
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return answer.status_code, _plain(answer.text, email), len(hashes), len(said)

    return attempt


def _plain(text: str, email: str) -> str:
    """Return a page without the address that was typed and the tokens of its forms."""
    return without_tokens(text).replace(email, "")


def test_log_in_tells_nobody_who_is_known(office, tried):
    """Known, unknown, without an account, ended, not active: one answer after the same work."""
    newcomer = newcomer_of(office)
    client_access.invite(office.ctx, newcomer, [PortalRight.SEE])
    client_access.end(office.ctx, office.kept.contacts["ed"])
    with office.ctx.transaction() as session:
        lech = (office.ctx.tenant.id, office.kept.contacts["lech"])
        session.get(Contact, lech).is_active = False
    told = {
        email: tried(email)
        for email in (EVE, "nobody@nowhere.example", "zoe@ann.example", ED, LECH)
    }
    assert len(set(told.values())) == 1, told
    status, page, hashes, _statements = told[EVE]
    assert (status, hashes) == (401, 1)
    assert "do not belong together" in page
    assert office.stranger().log_in(LECH).status_code == 401  # with the right password
    with office.ctx.transaction() as session:
        row = session.get(Contact, (office.ctx.tenant.id, office.kept.contacts["lech"]))
        row.is_active, row.portal_rights = True, []
    assert office.stranger().log_in(LECH).status_code == 401


def test_who_asks_for_another_password_cannot_tell_who_is_known(office):
    """The same answer, and not one statement that looks for the address before it is given."""
    answers, said = [], []
    here = get_ident()

    def listen(_c, _u, statement, *_rest):
        if get_ident() == here and re.search(r"\bcontact\b", statement):
            said.append(statement)

    for email in (EVE, "nobody@nowhere.example"):
        stranger = office.stranger()
        token = stranger.token("/reset")
        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            answer = stranger.post("/reset", {"email": email, "csrf_token": token})
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        answers.append((answer.status_code, _plain(answer.text, email)))
    settle()
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert said == []
    db.session.rollback()
    jobs = select(Outbox).where(Outbox.name == password_resets.JOB)
    assert len(db.session.scalars(jobs).all()) == 1


# Trying


def per_minute(limits: str) -> int:
    return int(limits.split(" per ", 1)[0])


def test_an_account_is_tried_a_few_times_a_minute_from_wherever(office, other):
    most = per_minute(PER_ACCOUNT)
    answers = [
        office.stranger(address=f"10.0.0.{i}").log_in(f" {EVE.upper()}", "wrong").status_code
        for i in range(most + 1)
    ]
    assert answers == [401] * most + [429]
    stopped = office.stranger(address="10.0.0.99").log_in(EVE)
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert "Wait a few minutes" in stopped.text
    assert office.stranger(address="10.0.0.99").log_in(LECH).status_code == 303
    assert other().log_in(EVE).status_code == 303  # another tenant's account of the address


def test_an_address_tries_a_few_accounts_a_minute(office):
    stranger = office.stranger()
    token, most = stranger.token(), per_minute(PER_ADDRESS)
    answers = {
        stranger.post(
            "/log-in", {"email": f"a{i}@x.example", "password": "x", "csrf_token": token}
        ).status_code
        for i in range(most)
    }
    assert answers == {401}
    data = {"email": "b@x.example", "password": "x", "csrf_token": token}
    assert stranger.post("/log-in", data).status_code == 429


def test_a_mailbox_gets_few_mails(office):
    most = per_minute(PER_MAILBOX)
    answers = [
        office.stranger(address=f"10.0.1.{i}").send("/reset", {"email": EVE}).status_code
        for i in range(most + 1)
    ]
    settle()
    assert answers == [200] * most + [429]


def test_codes_are_tried_a_few_times_a_minute_whatever_session(office):
    set_up_app(office.ctx, EVE)
    most = per_minute(PER_FACTOR)
    answers = []
    for i in range(most + 1):
        thief = office.stranger(address=f"10.0.2.{i}")
        token = logging_in.log_in(office.ctx, EVE, PASSWORD)
        thief.client.set_cookie("billhook_client", token, path="/portal/office/")
        answers.append(thief.send("/second-factor", {"code": "000000"}).status_code)
    assert answers == [401] * most + [429]
