"""Themes made of a few files, installed as pip would have left them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from billhook.plugins.themes import Themes

TOML = """\
name = "{name}"
title = "Plain"
version = "1.0"

[colours]
accent = "#336699"
"""


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """Return a folder that Python finds packages in."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def install(site) -> Callable[..., Path]:
    """Return a way to install a theme of a name, with files instead of the usual ones."""

    def make(name: str = "plain", *, distribution: str = "", **files: str) -> Path:
        package = site / f"billhook_theme_{name}"
        usual = {
            "__init__.py": '"""Data alone."""\n',
            "theme.toml": TOML.format(name=name),
            "templates/document.html": "<h1>{{ view.title }}</h1>",
            "templates/mail/document.html": "<p>{{ view.greeting }}</p>",
            "templates/mail/document.txt": "{{ view.greeting }}",
        }
        for path, text in {**usual, **files}.items():
            place = package / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        _register(site, distribution or f"billhook-theme-{name}", name, package.name)
        return package

    yield make
    for module in [one for one in sys.modules if one.startswith("billhook_theme_")]:
        del sys.modules[module]


def _register(site: Path, distribution: str, name: str, package: str) -> None:
    info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[billhook.themes]\n{name} = {package}\n")


@pytest.fixture
def themes() -> Themes:
    """Return the themes as an application finds them."""
    return Themes()
