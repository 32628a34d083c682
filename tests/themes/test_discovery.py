"""Themes are found where they are installed; what is wrong with one is said and stops nothing."""

import sys

import pytest

from billhook.plugins.themes import ThemeMissing


def test_the_themes_of_this_repository_can_be_used(themes):
    assert {"atelier", "default"} <= themes.installed.keys()
    assert themes.refused == {}


def test_an_installed_theme_is_found_and_its_package_never_imported(install, themes):
    install("plain")
    found = themes.get("plain")
    assert (found.info.title, found.version) == ("Plain", "1.0")
    assert found.distribution == "billhook-theme-plain 1.0"
    assert "billhook_theme_plain" not in sys.modules


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"theme.toml": "name = "}, "cannot be read"),
        ({"theme.toml": 'name = "other"'}, "Say “plain”"),
        ({"theme.toml": 'name = "plain"\nversion = "1"\n[colours]\naccent = "#000000"'}, "title"),
        ({"theme.toml": 'name = "plain"\ntitle = "P"\nversion = "1"'}, "[colours]"),
        (
            {
                "theme.toml": 'name = "plain"\ntitle = "P"\nversion = "1"\n[colours]\naccent = "red"'
            },
            "“accent”",
        ),
        (
            {
                "theme.toml": 'name = "plain"\ntitle = "P"\nversion = "1"\npreview = "a.png"\n'
                '[colours]\naccent = "#000000"'
            },
            "“a.png” is not in the folder static",
        ),
        (
            {
                "theme.toml": 'name = "plain"\ntitle = "P"\nversion = "1"\n'
                'preview = "../theme.toml"\n[colours]\naccent = "#000000"'
            },
            "“../theme.toml” is not in the folder static",
        ),
        ({"__init__.py": "import os"}, "has no code"),
        ({"helper.py": "x = 1"}, "“helper.py” is some"),
        ({"templates/document.html": "{% if %}"}, "document.html, line 1"),
        ({"templates/mail/document.txt": "\n{{ 'a' * 3 }}"}, "mail/document.txt, line 2"),
    ],
)
def test_a_theme_that_is_malformed_is_refused_with_the_reason(install, themes, files, reason):
    install("plain", **files)
    assert "plain" not in themes.installed
    assert reason in themes.refused["plain"].reason
    assert "default" in themes.installed
    with pytest.raises(ThemeMissing, match="cannot be used"):
        themes.get("plain")


def test_a_theme_brings_no_file_of_the_server_by_a_link(install, themes, tmp_path):
    (tmp_path / "secret.png").write_text("secret")
    folder = install("plain") / "static"
    folder.mkdir(exist_ok=True)
    (folder / "logo.png").symlink_to(tmp_path / "secret.png")
    assert "“static/logo.png” is a link" in themes.refused["plain"].reason


def test_a_template_that_is_missing_is_named(install, themes):
    (install("plain") / "templates" / "mail" / "document.txt").unlink()
    assert "mail/document.txt" in themes.refused["plain"].reason


def test_two_themes_of_one_name_are_both_refused(install, themes):
    install("plain", distribution="billhook-theme-plain")
    install("plain", distribution="another-plain")
    assert "another-plain 1.0" in themes.refused["plain"].reason


def test_a_theme_that_is_not_installed_is_asked_for_by_its_distribution(themes):
    with pytest.raises(ThemeMissing, match="Install its distribution billhook-theme-nowhere"):
        themes.get("nowhere")
