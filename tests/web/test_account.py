"""One's own account in a browser: the second factor, the password, sessions, and their walls."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from threading import get_ident

import pyotp
import pytest
from sqlalchemy import event, update

from billhook.clock import SystemClock
from billhook.db import db, transaction
from billhook.models.people import LoginSession, SecondFactor
from billhook.services import second_factor, sessions
from billhook.services.contexts import operator_context
from billhook.testing.browser import without_tokens
from billhook.testing.doors import pages
from billhook.testing.members import PASSWORD, join, open_tenant
from billhook.throttling import PER_FACTOR
from billhook.web import password_reset

ANOTHER = "another long password"


def code_of(app: pyotp.TOTP) -> str:
    """Return a code that was not taken yet: all that were are forgotten."""
    with transaction() as session:
        session.execute(update(SecondFactor).values(uses=0))
    return app.now()


@pytest.fixture
def phone(shop) -> pyotp.TOTP:
    """Return the app that the shop's administrator has set up."""
    visit = sessions.resume(sessions.log_in(shop.email, shop.password))
    offer = second_factor.offer_app(visit)
    app = pyotp.TOTP(offer.secret)
    second_factor.confirm_app(visit, offer.factor_id, app.now(), name="Phone")
    sessions.end_all(shop.person_id)
    return app


# The second factor at log-in


def test_the_password_alone_opens_nothing_but_the_second_page(app, shop, phone, browser):
    assert browser.log_in(shop.email, wanted="/people").location == "/people"
    for rule in pages(app):
        if rule.arguments or "GET" not in rule.methods or rule.endpoint.startswith("health."):
            continue
        answer = browser.get(rule.rule)
        if rule.endpoint in ("logging_in.log_in", "proving.second_factor", "password_reset.ask"):
            continue
        assert answer.status_code in (302, 404, 405), rule.rule
        if answer.status_code == 302:
            assert answer.location.startswith("/second-factor"), rule.rule
        assert "Shop Ltd" not in answer.text, rule.rule
    page = browser.get("/second-factor").text
    assert "Shop Ltd" not in page


def test_nothing_is_done_with_the_password_alone(app, shop, phone, browser):
    browser.log_in(shop.email)
    token = browser.token("/second-factor")
    for path in ("/account", "/account/password", "/sessions/end-others", "/people/invite"):
        assert browser.post(path, {"csrf_token": token}).status_code == 401, path


def test_the_code_opens_the_page_that_one_came_for(shop, phone, browser):
    browser.log_in(shop.email, wanted="/people")
    asked = browser.get("/people")
    assert asked.location == "/second-factor?next=/people"
    given = browser.send(asked.location, {"code": code_of(phone)})
    assert (given.status_code, given.location) == (303, "/people")
    assert browser.get("/people").status_code == 200


def test_a_wrong_code_says_so_at_its_field(shop, phone, browser):
    browser.log_in(shop.email)
    answer = browser.send("/second-factor", {"code": "000000"})
    assert answer.status_code == 401
    assert 'aria-invalid="true"' in answer.text


def test_the_cookie_of_the_half_session_is_no_session_afterwards(shop, phone, browser, browse):
    browser.log_in(shop.email)
    planted = browser.client.get_cookie("billhook_login").value
    browser.send("/second-factor", {"code": code_of(phone)})
    other = browse()
    other.client.set_cookie("billhook_login", planted)
    assert other.get("/").location.startswith("/log-in")
    assert browser.get("/").status_code == 200


def test_codes_are_tried_a_few_times_and_a_new_session_or_address_makes_no_more(
    shop, phone, browse
):
    tries = int(PER_FACTOR.split()[0])
    found = []
    for number in range(tries + 1):
        browser = browse(f"192.0.2.{number}")
        browser.client.set_cookie("billhook_login", sessions.log_in(shop.email, shop.password))
        found.append(browser.send("/second-factor", {"code": "000000"}).status_code)
    assert found[:-1] == [401] * tries
    assert found[-1] == 429


def test_one_leaves_from_the_second_page(shop, phone, browser):
    browser.log_in(shop.email)
    assert browser.send("/log-out", page="/second-factor").status_code == 303
    assert browser.get("/second-factor").location.startswith("/log-in")


# A company that asks for one


def test_who_has_no_factor_sees_nothing_of_a_company_that_asks_for_one(shop, browser):
    ctx = operator_context("shop")
    with ctx.acting():
        second_factor.require_of_members(ctx, is_required=True)
    browser.log_in(shop.email)
    for path in ("/", "/people", "/documents", "/plugins"):
        answer = browser.get(path)
        assert answer.location == "/account/security", path
        assert "Shop Ltd" not in answer.text
    led = browser.get("/account/security").text
    assert "asks for a second factor" in led
    assert "Shop Ltd" not in led


# Setting up


def test_an_app_is_set_up_and_ten_codes_are_shown_once(at_shop):
    made = at_shop.send("/account/apps", page="/account/security")
    page = at_shop.get(made.location).text
    assert "<svg" in page
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    code = pyotp.TOTP(secret).now()
    done = at_shop.send(made.location, {"code": code, "name": "My phone"})
    assert done.location == "/account/codes"
    shown = at_shop.send("/account/codes")
    codes = re.findall(r"<code>([0-9a-z-]{34})</code>", shown.text)
    assert len(set(codes)) == 10
    assert all(one in shown.text.partition("data:text/plain")[2] for one in codes)
    assert codes[0] not in at_shop.get("/account/security").text
    assert "My phone" in at_shop.get("/account/security").text


def test_a_factor_is_removed_after_a_question(shop, phone, browser):
    browser.log_in(shop.email)
    browser.send("/second-factor", {"code": code_of(phone)})
    (factor,) = second_factor.listing(shop.person_id)
    asked = browser.get(f"/account/factors/{factor.id}/remove")
    assert "your last one" in asked.text
    assert browser.send(f"/account/factors/{factor.id}/remove").status_code == 303
    db.session.rollback()
    assert second_factor.listing(shop.person_id) == []


def test_nobody_removes_the_factor_of_another(shop, phone, browse):
    bob = join("shop", "bob@shop.example")
    (factor,) = second_factor.listing(shop.person_id)
    browser = browse()
    browser.log_in(bob.email)
    assert browser.get(f"/account/factors/{factor.id}/remove").status_code == 404
    token = browser.token("/account/security")
    answer = browser.post(f"/account/factors/{factor.id}/remove", {"csrf_token": token})
    assert answer.status_code == 404


def test_what_is_to_be_signed_comes_as_json_and_needs_the_forms_token(make_app, config, browse):
    app = make_app(replace(config, base_url="http://localhost:8000"))
    with app.app_context():
        open_tenant("shop")
        ada = join("shop", "ada@shop.example")
        browser = browse(application=app)
        browser.log_in(ada.email)
        assert browser.post("/account/keys/challenge").status_code == 400
        token = browser.token("/account/security")
        answer = browser.post("/account/keys/challenge", {"csrf_token": token})
        wanted = json.loads(answer.text)
        assert wanted["rp"]["id"] == "localhost"
        assert len(wanted["challenge"]) > 40


# Proving it again


def grow_old(email: str) -> None:
    with transaction() as session:
        session.execute(
            update(LoginSession).values(proved_at=SystemClock().now() - timedelta(minutes=11))
        )


@pytest.mark.parametrize("path", ["/account/password", "/account/codes", "/account/keys/new"])
def test_what_changes_how_one_logs_in_asks_for_the_password_again(shop, at_shop, path):
    assert at_shop.get(path).status_code == 200
    grow_old(shop.email)
    assert at_shop.get(path).location == f"/account/confirm?next={path}"


def test_a_form_that_is_sent_late_is_not_taken(shop, at_shop):
    token = at_shop.token("/account/password")
    grow_old(shop.email)
    sent = at_shop.post("/account/password", {"password": ANOTHER, "csrf_token": token})
    assert sent.location == "/account/confirm?next=/account/password"
    assert sessions.log_in(shop.email, shop.password)


def test_the_password_leads_back_and_a_wrong_one_does_not(shop, at_shop):
    grow_old(shop.email)
    path = "/account/confirm?next=/account/password"
    assert at_shop.send(path, {"password": "wrong"}).status_code == 401
    assert at_shop.send(path, {"password": PASSWORD}).location == "/account/password"
    assert at_shop.get("/account/password").status_code == 200


def test_who_has_a_factor_gives_it_again_too(shop, phone, browser):
    browser.log_in(shop.email)
    browser.send("/second-factor", {"code": code_of(phone)})
    grow_old(shop.email)
    path = "/account/confirm"
    assert browser.send(path, {"password": PASSWORD}).status_code == 401
    assert browser.send(path, {"password": PASSWORD, "code": "000000"}).status_code == 401
    done = browser.send(path, {"password": PASSWORD, "code": code_of(phone)})
    assert done.location == "/account/security"


# Password, profile, sessions


def test_another_password_ends_the_other_sessions(shop, at_shop, browse):
    other = browse()
    other.log_in(shop.email)
    assert at_shop.send("/account/password", {"password": ANOTHER}).status_code == 303
    assert other.get("/").location.startswith("/log-in")
    assert at_shop.get("/").status_code == 200
    assert browse().log_in(shop.email, ANOTHER).status_code == 303


def test_a_password_that_will_not_do_is_refused_at_its_field(at_shop):
    answer = at_shop.send("/account/password", {"password": "short"})
    assert answer.status_code == 422
    assert "at least" in answer.text.lower()


def test_name_and_language_are_saved(at_shop):
    saved = at_shop.send("/account", {"name": "Ada Lovelace", "language": "de"})
    assert saved.status_code == 303
    page = at_shop.get("/account").text
    assert 'value="Ada Lovelace"' in page
    assert '<option selected value="de">' in page
    assert at_shop.send("/account", {"name": "Ada", "language": "tlh"}).status_code == 422


def test_sessions_say_where_they_are_from_and_end_together(shop, browse):
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    other = browse("192.0.2.9")
    token = other.token("/log-in")
    other.post(
        "/log-in",
        {"email": shop.email, "password": PASSWORD, "csrf_token": token},
        headers={"User-Agent": firefox},
    )
    here = browse()
    here.log_in(shop.email)
    page = here.get("/sessions").text
    assert "Firefox on Linux" in page
    assert "192.0.2.9" in page
    assert here.send("/sessions/end-others", page="/sessions").status_code == 303
    assert other.get("/").location.startswith("/log-in")
    assert here.get("/").status_code == 200


# Another password by mail


@pytest.fixture
def settled():
    """Return a way to wait until what was asked by forms is looked up."""
    return lambda: password_reset.desk.submit(lambda: None).result(timeout=30)


def test_who_asks_for_another_password_cannot_tell_who_is_known(app, shop, browse, settled):
    """The same answer, and not one statement that looks for the address before it is given."""
    said: list[str] = []
    answers = []
    for email in (shop.email, "nobody@nowhere.example"):
        browser = browse()
        token = browser.token("/password-reset")
        here = get_ident()

        def listen(_c, _u, statement, *_rest, here=here):
            if get_ident() == here:
                said.append(statement)

        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            answer = browser.post("/password-reset", {"email": email, "csrf_token": token})
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        settled()
        answers.append((answer.status_code, without_tokens(answer.text)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert [one for one in said if "person" in one.lower()] == []


def test_a_mailbox_is_not_flooded_known_or_not(shop, browse, settled):
    for email in (shop.email, "nobody@nowhere.example"):
        found = [
            browse(f"192.0.2.{number}").send("/password-reset", {"email": email}).status_code
            for number in range(4)
        ]
        assert found == [200, 200, 200, 429]
    settled()
