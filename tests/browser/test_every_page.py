"""Every page that the navigation leads to, looked at: wide and narrow, light and dark, to the left."""

import re
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.slow

PHONE = 390
NOT_PAGES = re.compile(
    r"/pdf|\.pdf|/xml|/preview|/files/|/static/|/logo|/message|\.csv|\.xlsx|\.zip|\.json|/attachments/"
)
MAIN_PAGES = (
    *("/", "/customers", "/products", "/charges", "/drafts", "/drafts/new", "/documents"),
    *("/ledger/trial-balance", "/settings/company", "/plugins"),
)
FOR_CLIENTS = {
    *("/questions", "/questions/*", "/settings/portal", "/portal-visits", "/brands/*"),
    *(
        "/client-changes/*",
        "/customers/*/contacts",
        "/documents/*/links",
        "/settings/portal/look/*",
    ),
}
"""What the portal needs of the company: found because clients asked, wished and have links."""
ENOUGH = 140
"""More pages than this are not looked at: something makes addresses without end."""


def _route(path: str) -> str:
    """Return what pages of one kind have in common."""
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", path.partition("?")[0])
    path = re.sub(r"(/ledger/accounts)/.+", r"\1/*", path)
    return re.sub(r"(/plugins|/roles|/series|/brands)/[^/]+", r"\1/*", path)


def test_every_page_is_fit_for_people(walker):
    admin = walker("admin")
    seen, to_see = {"/"}, ["/"]
    while to_see:
        assert len(admin.looked_at) < ENOUGH
        admin.open(to_see.pop(0))
        for link in admin.page.locator("a[href^='/']:not([download])").evaluate_all(
            "links => links.map(one => one.getAttribute('href'))"
        ):
            path = urlsplit(link).path
            if NOT_PAGES.search(path) or _route(path) in seen:
                continue
            seen.add(_route(path))
            to_see.append(path)
    assert len(admin.looked_at) > 50
    rooms = {_route(urlsplit(where).path) for where in admin.looked_at}
    assert rooms >= FOR_CLIENTS


@pytest.mark.parametrize("width", [PHONE], ids=["phone"])
def test_main_pages_are_fit_in_the_dark(walker):
    admin = walker("admin", color_scheme="dark")
    for path in MAIN_PAGES:
        admin.open(path)
    assert admin.page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_lists_and_the_editor_turn_round_for_scripts_that_run_to_the_left(walker):
    admin = walker("admin")
    for path in ("/documents", "/drafts/new"):
        admin.page.goto(path)
        channel = admin.page.context.new_cdp_session(admin.page)
        channel.send("Runtime.evaluate", {"expression": "document.documentElement.dir = 'rtl'"})
        admin.look()
        first = admin.page.locator("h1").bounding_box()
        assert first["x"] + first["width"] > admin.page.viewport_size["width"] / 2
