"""Attacks on sessions of the portal: on their cookies, their second factor and their forms."""

import re
from dataclasses import replace

from sqlalchemy import select

from billhook.db import db
from billhook.models.clients import ClientSession
from billhook.services.portal import password_resets
from billhook.testing.members import PASSWORD, join

from .conftest import EVE, LECH
from .ways_in import ANOTHER, fresh_code, link_in, session_of, set_up_app

# Sessions and cookies


def test_a_log_in_makes_a_new_session_and_ends_the_one_before(office):
    eve = office.at_portal(EVE)
    planted = session_of(eve)
    again = {"email": LECH, "password": PASSWORD, "csrf_token": eve.token("/")}
    assert eve.post("/log-in", again).status_code == 303
    assert session_of(eve) != planted
    eve.client.set_cookie("billhook_client", planted, path="/portal/office/")
    assert eve.get("/").status_code == 303


def test_a_token_that_was_planted_is_never_taken_over(office):
    victim = office.stranger()
    victim.client.set_cookie("billhook_client", "planted", path="/portal/office/")
    assert victim.log_in(EVE).status_code == 303
    assert session_of(victim) != "planted"
    thief = office.stranger()
    thief.client.set_cookie("billhook_client", "planted", path="/portal/office/")
    assert thief.get("/").status_code == 303


def test_cookies_are_kept_to_one_portal_and_from_scripts(office):
    eve = office.at_portal(EVE)
    answer = office.stranger()
    done = answer.log_in(EVE)
    for cookie in done.headers.getlist("Set-Cookie"):
        assert "Path=/portal/office/" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Domain" not in cookie
    assert session_of(eve) not in eve.get("/").text


def test_by_https_cookies_are_secure_and_named_so(office, make_app, config):
    app = make_app(replace(config, base_url="https://bills.example"))
    page = "https://bills.example/portal/office/log-in"
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).text)
    data = {"email": EVE, "password": PASSWORD, "csrf_token": token[1]}
    done = client.post(page, data=data, headers={"Referer": page})
    assert done.status_code == 303
    cookies = done.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Secure-billhook_client")
        assert "; Secure" in cookie
    assert (
        client.post(page, data=data, headers={"Referer": "https://evil.example/"}).status_code
        == 400
    )


def test_a_session_of_one_portal_opens_no_other(office, other):
    eve = office.at_portal(EVE)
    thief = other()
    thief.client.set_cookie("billhook_client", session_of(eve), path="/portal/other/")
    assert thief.get("/").location == "/portal/other/log-in"
    assert other().log_in(EVE).status_code == 303


def test_people_s_passwords_open_no_portal_and_the_reverse(office):
    assert office.stranger().log_in(office.kept.admin.email).status_code == 401
    browser = office.stranger()
    browser.root = ""
    assert browser.log_in(EVE).status_code == 401


def test_a_person_and_a_contact_of_one_address_stay_two(office):
    join("office", EVE, role="admin")
    assert office.stranger().log_in(EVE, ANOTHER).status_code == 401
    password_resets.send(office.ctx, office.kept.contacts["eve"])
    token = link_in(office.paper.memos[-1]).removeprefix("/reset/")
    password_resets.reset(office.ctx, token, ANOTHER)
    browser = office.stranger()
    browser.root = ""
    assert browser.log_in(EVE, ANOTHER).status_code == 401
    assert browser.log_in(EVE, PASSWORD).status_code == 303


# The second factor


def test_the_password_alone_opens_no_page_of_who_has_a_factor(office):
    app, codes = set_up_app(office.ctx, EVE)
    thief = office.stranger()
    assert thief.log_in(EVE).status_code == 303
    for path in ("/", "/security", "/security/password", "/confirm"):
        asked = thief.get(path)
        assert asked.status_code == 303, path
        assert asked.location.startswith("/portal/office/second-factor"), path
    token = thief.token("/second-factor")
    for path in ("/security/password", "/security/app", "/security/sessions/end"):
        assert thief.post(path, {"csrf_token": token}).status_code == 401, path
    before = session_of(thief)
    code = fresh_code(office.ctx, app, office.kept.contacts["eve"])
    given = thief.send("/second-factor?next=/portal/office/security", {"code": code})
    assert (given.status_code, given.location) == (303, "/portal/office/security")
    assert session_of(thief) != before
    again = office.stranger()
    again.log_in(EVE)
    assert again.send("/second-factor", {"code": code}).status_code == 401  # taken already
    assert again.send("/second-factor", {"code": codes[0].upper()}).status_code == 303
    third = office.stranger()
    third.log_in(EVE)
    assert third.send("/second-factor", {"code": codes[0]}).status_code == 401
    db.session.rollback()
    assert (
        len(db.session.scalars(select(ClientSession)).all()) == 4
    )  # and that of the app's making


# Forms


def test_a_form_of_another_portal_or_session_is_refused(office, other):
    eve, theirs = office.at_portal(EVE), other()
    assert theirs.log_in(EVE).status_code == 303
    for token in ("", "x", theirs.token("/security"), office.at_portal(LECH).token("/security")):
        answer = eve.post("/security/sessions/end", {"csrf_token": token})
        assert answer.status_code == 400, token
    old = eve.token("/security")
    eve.post("/log-in", {"email": EVE, "password": PASSWORD, "csrf_token": old})
    assert eve.post("/security/sessions/end", {"csrf_token": old}).status_code == 400
    assert eve.post("/log-out", {}).status_code == 400
    assert eve.get("/").status_code == 200
    assert (
        office.stranger().post("/log-in", {"email": EVE, "password": PASSWORD}).status_code == 400
    )
    for cookie in list(theirs.client._cookies.values()):
        if cookie.key == "billhook_client_page":  # what signs forms, carried over
            eve.client.set_cookie(cookie.key, cookie.value, path="/portal/office/")
    token = theirs.token("/security")
    assert eve.post("/security/sessions/end", {"csrf_token": token}).status_code == 400
