"""A shop with an administrator, and browsers to visit it with."""

from collections.abc import Callable

import pytest

from billhook.testing.browser import Browser
from billhook.testing.members import Somebody, join, open_tenant


@pytest.fixture
def shop(app) -> Somebody:
    """Return the administrator of the tenant “shop”."""
    open_tenant("shop")
    return join("shop", "ada@shop.example")


@pytest.fixture
def browse(app, client) -> Callable[..., Browser]:
    """Return a way to open further browsers, each with cookies of its own."""

    def open_browser(address: str = "127.0.0.1", application=app) -> Browser:
        return Browser(type(client)(application, application.response_class), address=address)

    return open_browser


@pytest.fixture
def browser(browse) -> Browser:
    return browse()


@pytest.fixture
def at_shop(shop, browser) -> Browser:
    """Return a browser in which the shop's administrator has logged in."""
    assert browser.log_in(shop.email).status_code == 303
    return browser
