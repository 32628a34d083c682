"""What every answer tells the browser, and whom the server answers at all."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).parents[2] / "core/billhook/templates").rglob("*.html"))
STYLES = sorted((Path(__file__).parents[2] / "core/billhook/static").glob("*.css"))

EVERYWHERE = ["/", "/log-in", "/health", "/nothing", "/static/billhook.css", "/invitation/wrong"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_is_kept_from_frames_scripts_and_sniffing(browser, path):
    headers = browser.get(path).headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/log-in", "/health", "/nothing"])
def test_no_cache_keeps_a_page(browser, path):
    assert browser.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_policy(template):
    source = template.read_text()
    own = r'<script (?:defer |type="module" )?src="\{\{ asset\('
    source = re.sub(own, "", source)
    assert not re.search(r"<script|<style|\bstyle=|\bon[a-z]+=|javascript:|\|\s*safe", source)
    assert not re.search(r"hx-on|hx-vals=.js:|js:", source)
    assert not re.search(r"https?://|src=\"//|href=\"//", source), "an asset of another host"


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_styles_load_nothing(style):
    assert not re.search(r'url\((?!"data:)|@import', style.read_text())


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "[",
        "evil@localhost",
        "localhost/x",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/log-in", "/static/billhook.css"])
def test_another_host_name_is_not_answered(browser, host, path):
    answer = browser.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "This installation is at http://127.0.0.1:8000" in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_a_local_installation_has_every_local_name(browser, host):
    assert browser.get("/log-in", headers={"Host": host}).status_code == 200


def test_an_installation_has_its_own_name_alone(make_app, config, browse):
    app = make_app(replace(config, base_url="https://billing.example"))
    browser = browse(application=app)
    assert browser.get("https://billing.example/log-in").status_code == 200
    assert browser.get("https://localhost/log-in").status_code == 400


def test_a_proxy_tells_the_name_that_the_browser_used(make_app, config, browse):
    app = make_app(replace(config, base_url="https://billing.example", proxies=1))
    browser = browse(application=app)
    headers = {"X-Forwarded-Host": "billing.example", "X-Forwarded-Proto": "https"}
    assert browser.get("http://10.0.0.5:8000/log-in", headers=headers).status_code == 200
    assert browser.get("http://10.0.0.5:8000/log-in").status_code == 400


@pytest.mark.parametrize(
    ("base_url", "is_strict"),
    [("http://127.0.0.1:8000", False), ("https://billing.example", True)],
)
def test_https_stays_https(make_app, config, browse, base_url, is_strict):
    app = make_app(replace(config, base_url=base_url))
    answer = browse(application=app).get(f"{base_url}/log-in")
    assert ("Strict-Transport-Security" in answer.headers) is is_strict


def test_links_begin_with_the_address_of_the_installation(make_app, config):
    from billhook.services import invitations
    from billhook.testing.members import open_tenant

    app = make_app(replace(config, base_url="https://billing.example/"))
    with app.app_context():
        ctx = open_tenant("shop")
        with ctx.acting():
            link = invitations.invite(ctx, email="ada@shop.example", name="Ada", role="admin").link
    assert link.startswith("https://billing.example/invitation/")
