"""Who gets in, who does not, and what the browser and the database keep of it."""

import time
from hashlib import sha256

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.models.audit import Audit
from billhook.models.people import LoginSession
from billhook.services import tokens
from billhook.testing.browser import without_tokens
from billhook.testing.members import join, open_tenant

LOGIN = "billhook_login"


def test_whoever_logs_in_sees_who_and_where_they_are(shop, browser):
    answer = browser.log_in(shop.email)
    assert (answer.status_code, answer.location) == (303, "/")
    page = browser.get("/").text
    assert "<h1>Shop Ltd</h1>" in page
    assert "ada@shop.example" in page


def test_the_address_is_read_in_any_case(shop, browser):
    assert browser.log_in(" ADA@Shop.example ").status_code == 303


def test_a_page_that_needs_log_in_comes_after_it(shop, browser):
    asked = browser.get("/sessions")
    assert asked.location == "/log-in?next=/sessions"
    answer = browser.log_in(shop.email, wanted="/sessions")
    assert answer.location == "/sessions"


def test_a_wrong_password_and_an_unknown_address_get_one_answer(shop, browser):
    wrong = browser.log_in(shop.email, "not the password")
    unknown = browser.log_in("eve@nowhere.example", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    said = without_tokens(wrong.text).replace(shop.email, "…")
    assert said == without_tokens(unknown.text).replace("eve@nowhere.example", "…")


def test_an_unknown_address_takes_as_long_as_a_wrong_password(slow_hashes, shop, browser, browse):
    browse().log_in(shop.email)  # makes a slow hash of the one that tests begin with

    def seconds(email: str) -> int:
        token = browser.token()
        began = time.perf_counter_ns()
        browser.post("/log-in", {"csrf_token": token, "email": email, "password": "x" * 20})
        return time.perf_counter_ns() - began

    pairs = [(seconds(shop.email), seconds("eve@nowhere.example")) for _ in range(3)]
    wrong, unknown = (min(tries) for tries in zip(*pairs, strict=True))
    assert wrong < 3 * unknown
    assert unknown < 3 * wrong


def test_someone_who_was_invited_but_never_came_cannot_log_in(shop, browser):
    from billhook.testing.members import invite

    invite("shop", "bob@shop.example", role="clerk")
    assert browser.log_in("bob@shop.example", "").status_code == 422
    assert browser.log_in("bob@shop.example", "anything at all").status_code == 401


def test_the_token_is_new_at_each_log_in_and_the_one_before_ends(shop, browser, browse):
    planted = "a token that somebody planted before"
    browser.client.set_cookie(LOGIN, planted)
    browser.log_in(shop.email)
    first = browser.client.get_cookie(LOGIN).value
    assert first != planted
    browser.post("/log-in", {"csrf_token": ""})
    browser.client.delete_cookie("billhook_page")
    token = browser.token("/")  # a form of the page that is logged in carries the same token
    browser.post("/log-in", {"csrf_token": token, "email": shop.email, "password": shop.password})
    second = browser.client.get_cookie(LOGIN).value
    assert second != first
    thief = browse()
    thief.client.set_cookie(LOGIN, first)
    assert thief.get("/").status_code == 302
    assert browser.get("/").status_code == 200


def test_the_database_has_the_hash_of_the_token_alone(at_shop):
    token = at_shop.client.get_cookie(LOGIN).value
    stored = db.session.scalars(select(LoginSession.token_hash)).one()
    assert stored == sha256(token.encode()).digest()
    assert len(token) >= 22  # 128 bits in base64


def test_who_stole_the_cookie_is_out_after_log_out(at_shop, browse):
    token = at_shop.client.get_cookie(LOGIN).value
    assert at_shop.send("/log-out", page="/").location == "/log-in"
    assert at_shop.client.get_cookie(LOGIN) is None
    thief = browse()
    thief.client.set_cookie(LOGIN, token)
    assert thief.get("/").status_code == 302
    assert db.session.scalars(select(LoginSession)).all() == []


def test_log_out_is_no_link(at_shop):
    assert at_shop.get("/log-out").status_code == 405
    assert at_shop.get("/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nLocation: //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_host_after_log_in(shop, browser, elsewhere):
    token = browser.token()
    answer = browser.client.post(
        "/log-in",
        query_string={"next": elsewhere},
        data={"csrf_token": token, "email": shop.email, "password": shop.password},
    )
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_log_in_is_noted_where_it_enters(at_shop, shop):
    with shop.ctx.acting():
        noted = db.session.execute(
            select(Audit.actor_id, Audit.address).where(Audit.action == "person.entered")
        ).one()
    assert noted == (shop.person_id, "127.0.0.1")


@pytest.mark.parametrize(
    ("base_url", "prefix", "is_secure"),
    [("http://127.0.0.1:8000", "", False), ("https://billing.example", "__Host-", True)],
)
def test_cookies_are_kept_from_scripts_and_other_hosts(
    make_app, config, browse, shop, base_url, prefix, is_secure
):
    from dataclasses import replace

    app = make_app(replace(config, base_url=base_url))
    browser = browse(application=app)
    address = f"{base_url}/log-in"
    token = browser.token(address)
    answer = browser.post(
        address,
        {"csrf_token": token, "email": shop.email, "password": shop.password},
        headers={"Referer": address},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {f"{prefix}billhook_login"}
    for cookie in cookies:
        assert cookie.startswith(f"{prefix}billhook_")
        assert "; HttpOnly" in cookie
        assert "; SameSite=Lax" in cookie
        assert "; Path=/" in cookie
        assert "Domain=" not in cookie
        assert ("; Secure" in cookie) is is_secure


def test_a_person_of_two_tenants_picks_one(shop, browser):
    open_tenant("acme", country="DE", currency="EUR", vat_id="DE136695976")
    join("acme", shop.email, role="auditor", password=shop.password)
    browser.log_in(shop.email)
    assert browser.get("/").location == "/workplaces"
    page = browser.get("/workplaces").text
    assert "Acme Ltd" in page
    assert "Shop Ltd" in page
    with_acme = browser.send(_enter("acme"), page="/workplaces")
    assert with_acme.location == "/"
    assert "<h1>Acme Ltd</h1>" in browser.get("/").text
    browser.send(_enter("shop"), page="/workplaces")
    assert "<h1>Shop Ltd</h1>" in browser.get("/").text


def _enter(slug: str) -> str:
    from billhook.services.contexts import operator_context

    return f"/workplaces/{operator_context(slug).tenant.id}"


def test_nobody_picks_a_tenant_where_they_have_no_seat(at_shop):
    open_tenant("acme", country="DE", currency="EUR", vat_id="DE136695976")
    foreign = at_shop.send(_enter("acme"), page="/workplaces")
    unknown = at_shop.send("/workplaces/01980000-0000-7000-8000-000000000000", page="/workplaces")
    assert foreign.status_code == unknown.status_code == 404
    assert "<h1>Shop Ltd</h1>" in at_shop.get("/").text


def test_a_session_can_be_ended_from_another(shop, browse):
    here, there = browse(), browse()
    here.log_in(shop.email)
    there.log_in(shop.email)
    ended = tokens.hash_of(there.client.get_cookie(LOGIN).value).hex()
    assert ended in here.get("/sessions").text
    assert here.send(f"/sessions/{ended}/end", page="/sessions").status_code == 303
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_nobody_ends_the_session_of_another(shop, browse):
    join("shop", "bob@shop.example", role="clerk")
    ada, bob = browse(), browse()
    ada.log_in(shop.email)
    bob.log_in("bob@shop.example")
    theirs = tokens.hash_of(ada.client.get_cookie(LOGIN).value).hex()
    assert bob.send(f"/sessions/{theirs}/end", page="/sessions").status_code == 404
    assert bob.send("/sessions/nonsense/end", page="/sessions").status_code == 404
    assert ada.get("/").status_code == 200
