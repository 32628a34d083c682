"""Pages that everybody can read: with a keyboard, a screen reader, a phone, without scripts.

Contrast, and what else takes a browser to see, is looked at in tests/browser.
"""

import itertools
import re

import pytest

from billhook.testing.browser import Page
from billhook.testing.members import invite, join, open_tenant


@pytest.fixture
def pages(shop, browse, office) -> dict[str, str]:
    """Return every page, by the path that shows it."""
    acme = open_tenant("acme", country="DE", currency="EUR", vat_id="DE136695976", is_sandbox=True)
    join("acme", shop.email, password=shop.password)
    link = f"/invitation/{invite('shop', 'bob@shop.example', role='clerk')}"
    proving = f"/invitation/{invite('shop', join('acme', 'cleo@acme.example').email)}"
    anybody, ada = browse(), browse()
    found = {path: anybody.get(path).text for path in ("/log-in", link, proving, "/nothing")}
    found["wrong password"] = anybody.log_in(shop.email, "wrong").text
    ada.log_in(shop.email)
    found["/workplaces"] = ada.get("/workplaces").text
    ada.send(f"/workplaces/{acme.tenant.id}", page="/workplaces")
    lists = ("/documents", "/drafts", "/outbox", "/jobs")
    found |= {path: ada.get(path).text for path in ("/", "/sessions", *lists)}
    return found | _filled_pages(office)


def _filled_pages(office) -> dict[str, str]:
    """Return the pages of a tenant that has something to show."""
    olga = office.visit()
    paths = (
        "/documents?search=Ann",
        "/documents?search=nobody",
        f"/documents/{office.invoice}",
        f"/documents/{office.note}",
        "/drafts?",
        "/outbox?",
        f"/outbox/{office.delivery}",
        "/jobs?state=waiting",
    )
    found = {path: olga.get(path).text for path in paths}
    refused = olga.send(f"/documents/{office.invoice}/send", {"bcc": "x@y.example"}, page=paths[2])
    assert refused.status_code == 422
    return found | {"a form that was refused": refused.text}


def test_each_page_has_a_language_a_title_and_one_heading(pages):
    for path, html in pages.items():
        page = Page(html)
        assert page.all("html") == [{"lang": "en", "dir": "ltr"}], path
        assert len(page.all("h1")) == 1, path
        assert len(page.all("title")) == 1, path
        assert len(page.all("main")) == 1, path
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all(
            "meta"
        ), path


def test_headings_come_in_their_order(pages):
    for path, html in pages.items():
        content = Page(html.partition("<main")[2].partition("</main>")[0])
        levels = [int(tag[1]) for tag, _ in content.elements if re.fullmatch("h[1-6]", tag)]
        steps = itertools.pairwise(levels)
        assert levels[0] == 1, path
        assert all(after - before <= 1 for before, after in steps), path


def test_no_id_stands_twice_and_what_is_named_is_there(pages):
    for path, html in pages.items():
        page = Page(html)
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        named = [
            name
            for _, attributes in page.elements
            for name in attributes.get("aria-describedby", "").split()
        ]
        assert set(named) <= set(ids), path


def test_a_keyboard_skips_to_the_content(pages):
    for path, html in pages.items():
        page = Page(html)
        assert page.all("a")[0]["href"] == "#content", path
        assert page.all("main")[0]["id"] == "content", path


def test_password_managers_find_their_fields(pages):
    wanted = {field.get("autocomplete") for field in Page(pages["/log-in"]).all("input")}
    assert wanted >= {"username", "current-password"}


def test_a_sandbox_says_so_on_every_page(pages):
    assert "This is a sandbox" in pages["/"]
    assert "This is a sandbox" not in pages["/log-in"]
