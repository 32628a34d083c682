"""Guessing passwords is slow, from one address as for one account."""

from dataclasses import replace

import pytest

from billhook.testing.browser import Browser

TRIES_PER_ACCOUNT = 6
TRIES_PER_ADDRESS = 20


def guess(browser: Browser, email: str, password: str = "wrong wrong wrong") -> int:
    """Send one guess with a form that was loaded once, as a program does."""
    if not hasattr(browser, "form"):
        browser.form = browser.token()
    data = {"csrf_token": browser.form, "email": email, "password": password}
    return browser.post("/log-in", data).status_code


def test_an_account_cannot_be_guessed_from_many_addresses(shop, browse):
    guesses = [
        guess(browse(f"198.51.100.{number}"), shop.email) for number in range(TRIES_PER_ACCOUNT)
    ]
    assert guesses == [401] * TRIES_PER_ACCOUNT
    assert guess(browse("198.51.100.99"), shop.email, shop.password) == 429


def test_an_address_cannot_guess_at_many_accounts(shop, browse):
    attacker = browse("198.51.100.1")
    for number in range(TRIES_PER_ADDRESS):
        assert guess(attacker, f"somebody{number}@shop.example") == 401
    assert guess(attacker, "ada@shop.example") == 429
    assert guess(browse("198.51.100.2"), shop.email, shop.password) == 303


def test_an_account_that_does_not_exist_is_throttled_alike(shop, browse):
    attacker = browse()
    statuses = [guess(attacker, "eve@nowhere.example") for _ in range(TRIES_PER_ACCOUNT + 1)]
    assert statuses == [401] * TRIES_PER_ACCOUNT + [429]


def test_the_page_says_when_to_come_back(shop, browse):
    attacker = browse()
    for _ in range(TRIES_PER_ACCOUNT):
        guess(attacker, shop.email)
    answer = attacker.post(
        "/log-in", {"csrf_token": attacker.form, "email": shop.email, "password": "x"}
    )
    assert "<h1>Too many tries</h1>" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_links_cannot_be_guessed(shop, browse):
    attacker = browse()
    statuses = [
        attacker.get(f"/invitation/{number}").status_code
        for number in range(TRIES_PER_ADDRESS + 1)
    ]
    assert statuses == [410] * TRIES_PER_ADDRESS + [429]


def test_a_browser_cannot_choose_the_address_it_is_counted_by(shop, browse):
    attacker = browse("198.51.100.1")
    form = attacker.token()
    for number in range(TRIES_PER_ADDRESS):
        attacker.post(
            "/log-in",
            {"csrf_token": form, "email": f"{number}@shop.example", "password": "x"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
    assert guess(attacker, shop.email) == 429


def test_behind_a_proxy_the_browser_is_counted_and_not_the_proxy(shop, make_app, config, browse):
    app = make_app(replace(config, proxies=1))

    def try_from(address: str, number: int) -> int:
        browser = browse("10.0.0.1", application=app)
        data = {
            "csrf_token": browser.token(),
            "email": f"{number}@shop.example",
            "password": "x",
        }
        headers = {"X-Forwarded-For": f"203.0.113.9, {address}"}
        return browser.post("/log-in", data, headers=headers).status_code

    assert [try_from("198.51.100.1", n) for n in range(TRIES_PER_ADDRESS)] == [401] * 20
    assert try_from("198.51.100.1", 21) == 429
    assert try_from("198.51.100.2", 22) == 401


@pytest.mark.redis
def test_several_servers_count_together(shop, make_app, config, redis_url, browse):
    servers = [make_app(replace(config, redis_url=redis_url)) for _ in range(2)]
    browsers = [browse(application=server) for server in servers]
    statuses = [guess(browsers[number % 2], shop.email) for number in range(TRIES_PER_ACCOUNT)]
    assert statuses == [401] * TRIES_PER_ACCOUNT
    assert [guess(browser, shop.email) for browser in browsers] == [429, 429]


@pytest.mark.redis
def test_without_redis_each_server_counts_for_itself(shop, make_app, config, browse):
    app = make_app(replace(config, redis_url="redis://127.0.0.1:1/0"))
    browser = browse(application=app)
    statuses = [guess(browser, shop.email) for _ in range(TRIES_PER_ACCOUNT + 1)]
    assert statuses == [401] * TRIES_PER_ACCOUNT + [429]
