"""The example of “Add to the portal” is a plugin that works."""

import re
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from billhook.services.contexts import operator_context
from billhook.testing import applications
from billhook.testing.members import open_tenant
from billhook.testing.plugins import plugin_module
from billhook.testing.portals import PortalBrowser, make_client
from billhook.testing.shops import make_customer

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "add-to-the-portal.md"
Place = namedtuple("Place", "name price")


@pytest.fixture
def written() -> dict[str, Any]:
    """Run the page's code, with places for the function that it leaves to the plugin."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"places_of": lambda _ctx, _id: [Place("A 12", "40.00")]}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102
    return names


def test_clients_see_the_page_and_the_panel(make_app, config, written):
    module = plugin_module("parking")
    for hook in ("register_portal_pages", "portal_panels"):
        setattr(module, hook, written[hook])
    app = make_app(config, plugins=[module])
    with app.app_context():
        open_tenant("shop", pack=("parking",))
        ctx = operator_context("shop")
        with ctx.acting():
            make_client(ctx, make_customer(ctx, "ann", name="Ann"), "eve@ann.example")
    browser = PortalBrowser(applications.fresh_client(app), "shop")
    browser.log_in("eve@ann.example")
    home = browser.get("/").text
    assert "<dd><bdi>1</bdi></dd>" in home
    address = re.search(r'href="([^"]+)">See them<', home)[1]
    page = browser.get(address)
    assert page.status_code == 200
    assert "Places of Ann" in page.text
    assert re.search(r'data-label="Price a month"[^>]*>40.00 \w+<', page.text)
