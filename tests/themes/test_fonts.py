"""Typefaces that a theme brings: read from its theme.toml, served, and refused where they are odd."""

from uuid import UUID

import pytest

from billhook.domain.brands import Brand, Sender
from billhook.plugins import themes
from billhook.plugins.portal_styles import choices, from_portal, inline, written
from billhook.plugins.themes import _Refused

TOML = """name = "plain"
title = "Plain"
version = "1"
[colours]
accent = "#123456"
[fonts.garamond]
title = "EB Garamond"
file = "fonts/garamond.woff2"
licence = "fonts/OFL.txt"
kind = "serif"
"""


@pytest.fixture
def theme(tmp_path):
    """Write a theme with a typeface, and read it."""

    def make(toml: str = TOML, font: bytes = b"wOF2font"):
        for name in ("document.html", "mail/document.html", "mail/document.txt"):
            path = tmp_path / "templates" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        fonts = tmp_path / "static" / "fonts"
        fonts.mkdir(parents=True, exist_ok=True)
        (fonts / "garamond.woff2").write_bytes(font)
        (fonts / "OFL.txt").write_text("Free to use.")
        (tmp_path / "static" / "portal.css").write_text(
            "h1 { background: url('fonts/garamond.woff2') }"
        )
        (tmp_path / "theme.toml").write_text(toml)
        return themes.read("plain", tmp_path)

    return make


def test_a_theme_s_typeface_can_be_chosen_and_is_loaded_from_the_portal(theme):
    plain = theme()
    assert choices(plain)["garamond"].stack.startswith('"EB Garamond", Georgia')
    look = plain.look(_brand(), {}, (10, 10))
    style = written(plain, look, "garamond", from_portal("north"))
    assert '--font:"EB Garamond", ' in style
    assert style.count("url(../theme/north/fonts/garamond.woff2?v=") == 2
    assert "font-display:swap" in style
    assert "url(data:font/woff2;base64," in written(plain, look, "garamond", inline)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fonts/garamond.woff2", "../theme.toml"),
        ("fonts/OFL.txt", "fonts/none.txt"),
        ("EB Garamond", 'EB"; } body { display: none'),
        ('kind = "serif"', 'kind = "comic"'),
        ("[fonts.garamond]", "[fonts.'Big One']"),
    ],
)
def test_a_typeface_that_is_not_all_there_refuses_its_theme(theme, old, new):
    with pytest.raises(_Refused, match="typeface"):
        theme(TOML.replace(old, new.replace('"', '\\"') if old.startswith("EB") else new))


def test_what_is_no_font_refuses_its_theme(theme):
    with pytest.raises(_Refused, match="garamond"):
        theme(font=b"<html>")


def _brand():
    return Brand(
        id=UUID(int=1),
        code="north",
        name="North",
        theme="plain",
        renderer="",
        sender=Sender(name="", email=""),
    )
