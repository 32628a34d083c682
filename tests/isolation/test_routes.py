"""Acme's administrator opens every page with the shop's ids, and sees nothing of the shop's."""

import random
import re
from uuid import UUID

import pytest

from billhook.ids import new_id
from billhook.testing.browser import Browser
from billhook.testing.doors import Door, doors, form_token, pages
from billhook.throttling import limiter

SAFE = {"GET", "HEAD"}


@pytest.fixture
def eve(world, app, client, monkeypatch) -> Browser:
    """Return a browser in which acme's administrator has logged in, and may try as often as she likes."""
    monkeypatch.setattr(limiter, "enabled", False)
    browser = Browser(client)
    assert browser.log_in(world.eve.email).status_code == 303
    assert "<h1>Acme GmbH</h1>" in browser.get("/").text
    return browser


def paths(app, key: object) -> list[tuple[str, str]]:
    """Build the address of every route, with the key in each of its places."""
    return [(door.method, address(door, key)) for door in doors(app)]


def address(door: Door, key: object) -> str:
    return door.path(lambda _name, kind: "x" if type(kind).__name__ == "PathConverter" else key)


def ask(browser: Browser, method: str, path: str):
    token = {} if method in SAFE else {"csrf_token": form_token(browser.client)}
    return browser.client.open(path, method=method, data=token or None, buffered=True)


def look(answer, path: str) -> None:
    assert answer.status_code < 500, path
    assert "zebra" not in answer.text.lower(), path


def plain(html: str, key: object) -> str:
    """Leave out what differs from request to request."""
    return re.sub(r'value="[^"]+"|"X-CSRFToken": "[^"]+"', "", html).replace(str(key), "…")


@pytest.mark.slow
def test_every_route_hides_the_shop(world, app, eve):
    for method, path in paths(app, world.shop.tenant.id):
        if path != "/log-out":
            look(ask(eve, method, path), path)
    assert "<h1>Acme GmbH</h1>" in eve.get("/").text


@pytest.mark.slow
def test_a_foreign_id_is_answered_as_one_that_nobody_has(world, app, eve):
    nobodys = new_id()
    for door in doors(app):
        unknown = address(door, nobodys)
        if str(nobodys) not in unknown:
            continue
        expected = ask(eve, door.method, unknown)
        for key in world.ids.values():
            path = address(door, key)
            found = ask(eve, door.method, path)
            look(found, path)
            assert found.status_code == expected.status_code, path
            assert plain(found.text, key) == plain(expected.text, nobodys), path
    assert "<h1>Acme GmbH</h1>" in eve.get("/").text


def test_the_tenant_of_a_request_is_the_sessions_whatever_it_says(world, eve):
    theirs = str(world.shop.tenant.id)
    answer = eve.get(
        f"/?tenant={theirs}&tenant_id={theirs}&slug=shop",
        headers={"X-Tenant": theirs, "X-Tenant-Id": theirs, "Billhook-Tenant": "shop"},
    )
    assert "<h1>Acme GmbH</h1>" in answer.text
    assert "zebra" not in answer.text.lower()


@pytest.mark.slow
def test_nonsense_in_the_place_of_an_id_is_not_found(world, app, eve):
    """Neighbours of real ids, and texts that other programs choke on."""
    randomly = random.Random(20261120)
    real = [key.int for key in world.ids.values()]
    neighbours = [
        str(UUID(int=randomly.choice(real) ^ (1 << randomly.randrange(128)))) for _ in range(100)
    ]
    nonsense = [
        "0",
        "-1",
        "null",
        "%00",
        "..%2f..%2f",
        "' OR '1'='1",
        "1e400",
        "NaN",
        "{{7*7}}",
        "\u202e",
        "a" * 2_000,
        str(world.document).upper(),
        world.document.hex,
        f"{{{world.document}}}",
        f"urn:uuid:{world.document}",
    ]
    places = [
        rule
        for rule in pages(app)
        if rule.arguments and rule.endpoint not in ("static", "logging_in.invitation")
    ]
    token = eve.token("/")
    asked = [(text, places[number % 8 :: 8]) for number, text in enumerate(neighbours)]
    asked += [(text, places) for text in nonsense]
    for text, rules in asked:  # a route gets a dozen of the neighbours, and all of the nonsense
        for rule in rules:
            path = rule.rule.split("<")[0] + text + rule.rule.rpartition(">")[2]
            answer = eve.post(path, {"csrf_token": token})
            assert answer.status_code in (308, 404, 405, 410), (path, answer.status_code)
            assert "zebra" not in answer.text.lower()
