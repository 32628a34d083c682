"""Both themes in Chromium: at a desk and on a phone, in both directions, axe-core finds nothing."""

import pytest

from billhook.db import db
from billhook.services import brands
from billhook.services.brand_changes import BrandInput
from billhook.testing import chromium
from billhook.testing.members import PASSWORD
from billhook.testing.walking import Walker

PAGES = ("", "profile")


@pytest.fixture(scope="module")
def browser_program():
    with chromium.running() as browser:
        yield browser


@pytest.mark.slow
@pytest.mark.parametrize(
    ("theme", "accent"),
    [("default", "#ffee00"), ("atelier", "#8a2f3b")],
    ids=["default", "atelier"],
)
def test_a_portal_can_be_used_by_everybody(office, browser_program, backend, theme, accent):
    if backend != "sqlite":
        pytest.skip("pages look the same on every database; they are looked at on SQLite")
    brands.save(office.ctx, BrandInput(theme=theme, colours={"accent": accent}))
    db.session.rollback()
    with chromium.serving(office.app) as address:
        for width in (1360, 390):
            context = browser_program.new_context(
                viewport={"width": width, "height": 844}, base_url=f"{address}/portal/office/"
            )
            eve = Walker(context.new_page())
            eve.open("log-in")
            eve.fill(email="eve@ann.example", password=PASSWORD)
            eve.press("Log in")
            for page in PAGES:
                eve.open(page)
            eve.page.evaluate("document.documentElement.dir = 'rtl'")
            eve.look()
            nav = eve.page.locator("nav .rooms a[aria-current]")
            box = nav.bounding_box()
            assert box["height"] >= 44
            assert 0 <= box["x"] < width, "where one is can be seen without scrolling"
            context.close()
