"""Pages that everybody can read: with a keyboard, a screen reader, a phone, without scripts."""

import itertools
import re
from pathlib import Path

import pytest

from billhook.testing.browser import Page
from billhook.testing.members import invite, join, open_tenant

STYLE = Path(__file__).parents[2] / "core/billhook/static/billhook.css"
AA = 4.5
AA_OF_EDGES = 3.0


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
        assert page.all("html") == [{"lang": "en"}], path
        assert len(page.all("h1")) == 1, path
        assert len(page.all("title")) == 1, path
        assert len(page.all("main")) == 1, path
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all(
            "meta"
        ), path


def test_headings_come_in_their_order(pages):
    for path, html in pages.items():
        levels = [int(tag[1]) for tag, _ in Page(html).elements if re.fullmatch("h[1-6]", tag)]
        steps = itertools.pairwise(levels)
        assert levels[0] == 1, path
        assert all(after - before <= 1 for before, after in steps), path


def test_every_field_has_a_label(pages):
    for path, html in pages.items():
        page = Page(html)
        labelled = {label["for"] for label in page.all("label")}
        fields = [
            field
            for tag in ("input", "select")
            for field in page.all(tag)
            if field.get("type") != "hidden" and "hidden" not in field
        ]
        assert all(field["id"] in labelled for field in fields), path


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


def test_every_image_and_button_says_what_it_is(pages):
    for path, html in pages.items():
        assert all("alt" in image for image in Page(html).all("img")), path
        assert not re.search(r"<button[^>]*>\s*</button>", html), path


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


def test_pages_need_no_script(pages):
    assert not any("<script" in html for html in pages.values())


# Colours: WCAG 2.2, success criteria 1.4.3 and 1.4.11


def palettes() -> list[dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.DOTALL)[:2]
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", text)) for text in (light, dark)]
    return [found[0], {**found[0], **found[1]}]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_largest_contrast():
    assert round(contrast("#000000", "#ffffff")) == 21


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "ground", AA),
        ("ink", "paper", AA),
        ("ink", "tint", AA),
        ("quiet", "paper", AA),
        ("quiet", "ground", AA),
        ("quiet", "tint", AA),
        ("accent", "paper", AA),
        ("accent", "ground", AA),
        ("accent-strong", "paper", AA),
        ("accent-strong", "tint", AA),
        ("on-accent", "accent", AA),
        ("on-accent", "accent-strong", AA),
        ("wrong", "paper", AA),
        ("wrong", "wrong-tint", AA),
        ("notice", "notice-tint", AA),
        ("sandbox", "sandbox-tint", AA),
        ("edge", "paper", AA_OF_EDGES),
    ],
)
def test_text_stands_out(palette, text, ground, least):
    assert contrast(palette[text], palette[ground]) >= least
