"""What browsers load beside a page: from where it comes, of which type it is, how long it is kept."""

import json
import os
import re
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from billhook.testing.browser import Page
from billhook.web.assets import asset

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "core/billhook/static"
VENDOR = STATIC / "vendor"
ICONS = (STATIC / "icons.txt").read_text().split()
FETCHED = [
    *("tabler.min.css", "tabler.LICENSE.txt", "htmx.min.js", "htmx.LICENSE.txt"),
    *("inter.css", "inter.LICENSE.txt", "icons.svg"),
    *("source-serif-4.css", "source-serif-4.LICENSE.txt"),
]
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def address(app):
    """Return the address that a template gets for a file."""

    def of(filename: str, application=app) -> str:
        with application.test_request_context():
            return asset(filename)

    return of


@pytest.fixture
def get(client):
    """Return a way to load a file to its end."""

    def load(path: str, **headers: str):
        with client.get(path, headers=headers) as answer:
            answer.get_data()
        return answer

    return load


@pytest.fixture
def workshop(make_app, config, tmp_path):
    """Return an application whose only static file a developer changes."""
    app = make_app(config)
    app.static_folder = str(tmp_path)
    (tmp_path / "own.css").write_text("a {}")
    return app


@pytest.mark.parametrize("name", FETCHED)
def test_the_set_up_fetches_what_pages_load(name):
    assert (VENDOR / name).stat().st_size > 500, "Run bin/_install where npm can be reached."


def test_the_set_up_fetches_for_developers_what_checks_pages():
    assert "Deque" in (Path(sys.prefix) / "share/axe.min.js").read_text()
    assert not list(STATIC.rglob("axe*"))


def test_the_lock_knows_contents_and_no_server():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert not [name for name, one in packages.items() if "resolved" in one]


def test_the_lock_has_the_versions_that_are_asked_for():
    wanted = json.loads((ROOT / "package.json").read_text())
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("style", ["tabler.min.css", "inter.css"])
def test_a_style_of_others_loads_nothing_from_elsewhere(style):
    text = (VENDOR / style).read_text()
    assert "sourceMappingURL" not in text
    assert "@import" not in text
    for target in re.findall(r"url\(\s*[\"']?([^\"')]+)", text):
        assert target.startswith(("data:", "inter-"))


def test_each_subset_of_the_font_is_kept_by_browsers(get):
    fonts = re.findall(r"url\(([^)]+)\)", (VENDOR / "inter.css").read_text())
    subsets = {re.sub("inter-(.+)-wght.*", r"\1", font) for font in fonts}
    assert subsets >= {"latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "vietnamese"}
    for font in fonts:
        answer = get(f"/static/vendor/{font}")
        assert (answer.status_code, answer.mimetype) == (200, "font/woff2")
        assert answer.headers["Cache-Control"] == FOREVER


def test_the_sprite_has_each_icon_that_is_listed():
    sprite = (VENDOR / "icons.svg").read_text()
    assert re.findall(r'<symbol id="([^"]+)" viewBox="0 0 24 24"', sprite) == ICONS
    assert len(set(ICONS)) == len(ICONS)
    assert sorted(ICONS) == ICONS


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("billhook.css", "text/css"),
        ("vendor/tabler.min.css", "text/css"),
        ("vendor/htmx.min.js", "text/javascript"),
        ("vendor/inter.css", "text/css"),
        ("vendor/icons.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_kept_for_ever_under_the_hash_of_its_content(get, address, name, type_):
    version = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    assert address(name) == f"/static/{name}?v={version}"
    answer = get(address(name))
    assert (answer.status_code, answer.mimetype) == (200, type_)
    assert answer.headers["Cache-Control"] == FOREVER


def test_a_page_loads_its_style_by_its_hash(get):
    style = Page(get("/log-in").text).all("link")[-1]["href"]
    assert re.fullmatch(r"/static/billhook\.css\?v=[0-9a-f]{12}", style)


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_under_another_address_the_server_is_asked_again(get, query):
    answer = get(f"/static/billhook.css{query}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = get(f"/static/billhook.css{query}", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")


@pytest.mark.parametrize("name", ["nothing.css", "../__init__.py", "%2e%2e/__init__.py"])
def test_what_is_not_there_is_not_kept(get, name):
    version = sha256((STATIC.parent / "__init__.py").read_bytes()).hexdigest()[:12]
    answer = get(f"/static/{name}?v={version}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-cache")


def test_a_page_is_there_before_its_style_is(workshop):
    answer = workshop.test_client().get("/log-in")
    assert answer.status_code == 200
    assert Page(answer.text).all("link")[-1]["href"] == "/static/billhook.css"


@pytest.mark.parametrize(("debug", "is_new"), [(True, True), (False, False)])
def test_a_developer_sees_a_change_at_once(workshop, address, tmp_path, debug, is_new):
    workshop.debug = debug
    before = address("own.css", workshop)
    (tmp_path / "own.css").write_text("b {}")
    os.utime(tmp_path / "own.css", ns=(1, 1))
    assert (address("own.css", workshop) != before) is is_new
