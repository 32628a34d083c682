"""What a portal looks like: its colours can be read whatever a brand chose, and its files are kept."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from tests.web.conftest import LOGO

from billhook.db import db
from billhook.domain.brands import LegalLink
from billhook.models.brands import BrandRow
from billhook.plugins import portal_styles, theming
from billhook.plugins.colours import LEGIBLE, contrast
from billhook.plugins.palettes import SHADE, palette
from billhook.plugins.pictures import PNG
from billhook.plugins.runtime import runtime
from billhook.plugins.theming import ThemeFailed
from billhook.services import brands
from billhook.services.brand_changes import BrandInput

EVE = "eve@ann.example"
FOREVER = "private, max-age=31536000, immutable"
MOST = 100 * 1024
"""Bytes of the first page with all that it loads beside fonts, as gzip sends them."""

TEXTS = ("ink", "soft", "accent-text")
GROUNDS = ("ground", "paper", "accent-tint")
STATES = ("good", "bad", "wait")

colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@settings(suppress_health_check=[HealthCheck.too_slow])  # CI's machines are busy
@given(
    chosen=st.fixed_dictionaries(
        {"accent": colours},
        optional=dict.fromkeys(("ground", "paper", "ink", "soft", "second"), colours),
    )
)
def test_whatever_colours_a_brand_chooses_all_texts_can_be_read_on_all_grounds(chosen):
    made = {"ink": "#1c2430", "soft": "#5a6472", "paper": "#ffffff"} | palette(chosen)
    names = [*chosen, "ink", "soft"]
    texts = {made.get(f"{name}_text", made[name]) for name in names} | {made["ink"], made["soft"]}
    grounds = {made[name] for name in ("ground", "paper") if name in made}
    grounds |= {made[f"{name}_tint"] for name in chosen} | {SHADE}
    shown = [*product(texts, grounds), *((made[f"on_{name}"], made[name]) for name in chosen)]
    assert [pair for pair in shown if contrast(*pair) < LEGIBLE] == []
    assert made["accent"] == chosen["accent"]  # where nothing has to be read, it is as chosen


@pytest.mark.parametrize("name", ["default", "atelier"])
def test_the_colours_of_a_theme_can_be_read_on_each_other(name, office):
    theme = runtime().themes.get(name)
    said = _variables(portal_styles.core_style()) | _variables(theme.portal_style)
    said |= {key.replace("_", "-"): one for key, one in palette(theme.info.colours).items()}
    pairs = [*product(TEXTS, GROUNDS), ("on-accent", "accent")]
    pairs += [
        (state, ground) for state in STATES for ground in (f"{state}-tint", "paper", "ground")
    ]
    pairs += [("ink", f"{state}-tint") for state in STATES]
    assert {pair for pair in pairs if contrast(said[pair[0]], said[pair[1]]) < LEGIBLE} == set()


def _variables(style: str) -> dict[str, str]:
    """Return the colours that a style gives names; #fff as #ffffff."""
    found = re.findall(r"--([\w-]+): (#[0-9a-f]+);", style)
    return {name: one if len(one) == 7 else "#" + 2 * one[1:] for name, one in found}


@pytest.mark.parametrize("theme", ["default", "atelier"])
def test_the_first_page_is_small_and_its_parts_are_kept(office, theme):
    _wear(office, theme=theme, logo=LOGO.read_bytes())
    for browser, path in ((office.stranger(), "/log-in"), (office.at_portal(EVE), "/")):
        page = browser.get(path)
        assert page.status_code == 200
        size = len(gzip.compress(page.data))
        loaded = re.findall(
            r'<(?:link rel="(?:stylesheet|icon)" href|img src)="([^"]+)"', page.text
        )
        assert len(loaded) == 3, "the style, the logo and the icon"
        for address in loaded:
            part = browser.get(address)
            assert (part.status_code, part.headers["Cache-Control"]) == (200, FOREVER)
            assert "Vary" not in part.headers, "cookies change; what is kept by them is lost"
            size += len(gzip.compress(part.data))
            other = browser.get(address.partition("?")[0] + "?v=0")
            assert other.headers["Cache-Control"] == "private, max-age=300"
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert size < MOST, path


def test_all_that_a_style_names_is_there(office):
    _wear(office, theme="atelier")
    browser = office.stranger()
    at = re.search(r'rel="stylesheet" href="([^"]+)"', browser.get("/log-in").text)[1]
    style = browser.get(at).text
    files = re.findall(r"url\((\.\./[^)]+)\)", style)
    assert len(files) >= 13  # of Inter and Source Serif
    for file in files:
        font = browser.get(file.replace("..", "", 1))
        assert (font.status_code, font.content_type) == (200, "font/woff2")
        assert font.headers["Cache-Control"] == FOREVER
    assert browser.get("/font/inter.css").status_code == 404
    assert browser.get("/theme/default/portal.css").status_code == 404


def test_a_brand_s_choices_win_over_the_theme_s(office):
    _wear(office, theme="atelier", colours={"accent": "#00ff00"}, font="inter")
    style = _style(office)
    assert style.startswith("@layer core, theme, brand;")
    brand = re.search(r"@layer brand \{\n:root\{(.*)\}\n\}", style)[1]
    assert "--accent:#00ff00;" in brand
    assert "--on-accent:#000000;" in brand
    assert '--font:"Inter Variable", ' in brand
    assert "--heading-font:var(--font);" in brand
    assert style.index("@layer brand {") < style.index("@layer theme {")


def test_a_style_is_made_once_and_anew_when_the_brand_changes(office, monkeypatch):
    first = _style(office)
    made = []
    written = portal_styles.written
    monkeypatch.setattr(
        portal_styles, "written", lambda *told: made.append(told) or written(*told)
    )
    assert _style(office) == first
    assert made == []
    _wear(office, colours={"accent": "#123456"})
    assert "--accent:#123456;" in _style(office)
    assert len(made) == 1


def _style(office) -> str:
    page = office.stranger().get("/log-in").text
    at = re.search(r'rel="stylesheet" href="([^"]+)"', page)[1]
    return office.stranger().get(at).text


def test_the_icon_is_the_favicon_else_the_logo_else_none(office):
    def icon() -> bytes | None:
        page = office.stranger().get("/log-in").text
        at = re.search(r'rel="icon" href="([^"]+)"', page)
        return None if at[1] == "data:," else office.stranger().get(at[1]).data

    assert icon() is None
    assert office.stranger().get("/icon/default").status_code == 404
    _wear(office, logo=LOGO.read_bytes())
    assert icon() == LOGO.read_bytes()
    _wear(office, favicon=_icon())
    assert icon() == _icon()


def _icon() -> bytes:
    """Return an ICO of one picture, which is a PNG as newer ones are."""
    picture = PNG + b"IHDR"
    entry = bytes((16, 16, 0, 0)) + (1).to_bytes(2, "little") + (32).to_bytes(2, "little")
    place = len(picture).to_bytes(4, "little") + (22).to_bytes(4, "little")
    return b"\x00\x00\x01\x00\x01\x00" + entry + place + picture


def test_pages_have_the_brand_s_legal_links_and_texts(office):
    links = (
        LegalLink(label="Imprint & <b>", address="https://office.example/imprint?a=1&b=2"),
        LegalLink(label="Privacy", address="mailto:privacy@office.example"),
    )
    _wear(office, legal_links=links, legal_text="Register\nHRB <1>")
    page = office.stranger().get("/log-in").text
    assert (
        'href="https://office.example/imprint?a=1&amp;b=2" rel="noopener">Imprint &amp; &lt;b&gt;<'
        in page
    )
    assert 'href="mailto:privacy@office.example"' in page
    assert "HRB &lt;1&gt;" in page


@pytest.mark.parametrize("reason", ["fails", "is gone", "has no frame"])
def test_a_page_comes_whatever_becomes_of_the_theme(office, monkeypatch, reason):
    _wear(office, theme="atelier")
    theme = runtime().themes.get("atelier")
    match reason:
        case "fails":
            original = theming.Theme.portal_page

            def failing(self, view, look):
                if self.name == "atelier":
                    raise ThemeFailed("atelier", "portal/frame.html, line 1: no")
                return original(self, view, look)

            monkeypatch.setattr(theming.Theme, "portal_page", failing)
        case "is gone":
            with office.ctx.transaction() as session:
                session.execute(
                    update(BrandRow)
                    .where(BrandRow.tenant_id == office.ctx.tenant.id)
                    .values(theme="gone")
                )
            db.session.rollback()
        case "has no frame":
            monkeypatch.setitem(theme.__dict__, "has_portal", False)
    page = office.stranger().get("/log-in")
    assert page.status_code == 200
    assert 'class="band"' not in page.text
    assert 'name="password"' in page.text


def _wear(office, **changes) -> None:
    brands.save(office.ctx, BrandInput(**changes))
    db.session.rollback()


def test_no_style_fixes_what_is_left_and_right():
    root = Path(__file__).parents[2]
    sheets = [root / "core/billhook/static/portal.css", *root.glob("themes/*/*/static/portal.css")]
    assert len(sheets) == 3
    physical = re.compile(r"(margin|padding|border)-(left|right)|[{;] *(left|right|float|clear):")
    assert [one.name for one in sheets if physical.search(one.read_text())] == []
