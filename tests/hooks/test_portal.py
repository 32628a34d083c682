"""What plugins show at the portal: pages and panels, each behind its own fence."""

import threading
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import current_app

from billhook.domain.states import DocumentType, PortalRight
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.sdk.portal import (
    Facts,
    FileLink,
    Grid,
    GridColumn,
    PageLink,
    Panel,
    PortalDocument,
    PortalFile,
    PortalPage,
    Text,
)
from billhook.services import plugins
from billhook.services.portal import slots
from billhook.services.portal.clients import Client
from billhook.testing import applications
from billhook.testing.plugins import plugin_module
from billhook.testing.portals import PortalBrowser, client_of, make_client
from billhook.testing.shops import make_customer

EVE, ED, LECH = "eve@ann.example", "ed@ann.example", "lech@lodz.example"
INVOICE = PortalDocument(
    id=UUID(int=5),
    number="R-5",
    type=DocumentType.INVOICE,
    issue_on=date(2026, 11, 20),
    files=(PortalFile(format="parking.xml"),),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A tenant with two customers, whose people have accounts at its portal."""

    ctx: Context
    eve: Client

    def at_portal(self, email: str = "") -> PortalBrowser:
        browser = PortalBrowser(applications.fresh_client(current_app), "shop")
        assert not email or browser.log_in(email).status_code == 303
        return browser


@pytest.fixture
def shop_with(tenant_with):
    """Open a shop whose clients see what a plugin shows."""

    def make(plugin) -> Shop:
        ctx = tenant_with(plugin)
        ann = make_customer(ctx, "ann", name="Ann & Sons <b>")
        lodz = make_customer(ctx, "lodz", name="Łódź Software")
        eve = make_client(ctx, ann, EVE)
        make_client(ctx, ann, ED, rights=[PortalRight.SEE])
        make_client(ctx, lodz, LECH)
        return Shop(ctx=ctx, eve=client_of(ctx, eve))

    return make


def parking(**changes):
    """Return a plugin with a page, and a panel in each slot."""
    hooks = {"register_portal_pages": pages, "portal_panels": panels} | changes
    return plugin_module("parking", *named(hooks))


def named(hooks):
    for name, hook in hooks.items():
        hook.__name__ = name
        yield hook


def pages():
    return [
        PortalPage(name="places", title="Parking", permission="client.see", show=places),
        PortalPage(name="people", title="Drivers", permission="client.manage", show=places),
    ]


def no_pages():
    return []


def places(ctx, visitor):
    grid = Grid(
        caption="Places & <b>", columns=(GridColumn("Place"),), rows=((visitor.customer_name,),)
    )
    return [Panel(title="Your places", blocks=(grid, PageLink(label="More", page="people")))]


def panels(ctx, slot, visitor, document):
    facts = Facts((("Slot", slot), ("Number", document.number if document else "none")))
    return [Panel(title=f"Parking of {visitor.customer_name}", blocks=(Text("<b>"), facts))]


def test_register_portal_pages(shop_with):
    shop = shop_with(parking())
    eve, ed = shop.at_portal(EVE), shop.at_portal(ED)
    assert '/portal/shop/x/parking/places"' in eve.get("/").text
    page = eve.get("/x/parking/places")
    assert page.status_code == 200
    assert "Ann &amp; Sons &lt;b&gt;" in page.text
    assert "Places &amp; &lt;b&gt;" in page.text
    assert 'aria-current="page"' in page.text.partition("/x/parking/places")[2][:30]
    assert "Łódź" in shop.at_portal(LECH).get("/x/parking/places").text
    assert eve.get("/x/parking/people").status_code == 200
    assert "Drivers" not in ed.get("/").text
    assert ed.get("/x/parking/people").status_code == 403
    assert eve.get("/x/parking/nothing").status_code == 404
    assert shop.at_portal().get("/x/parking/places").status_code == 303
    plugins.disable(shop.ctx, "parking")
    assert eve.get("/x/parking/places").status_code == 404
    assert "Parking" not in eve.get("/").text


def test_portal_panels(shop_with):
    shop = shop_with(parking())
    eve = shop.at_portal(EVE)
    home = eve.get("/").text
    assert "Parking of Ann &amp; Sons &lt;b&gt;" in home
    assert "<p>&lt;b&gt;</p>" in home
    with shop.eve.ctx.acting():
        ((shown,),) = [slots.panels(shop.eve, "document", INVOICE)]
    assert shown.panel.blocks[1] == Facts((("Slot", "document"), ("Number", "R-5")))
    plugins.disable(shop.ctx, "parking")
    assert "Parking" not in eve.get("/").text


def raising(ctx, slot, visitor, document):
    raise RuntimeError("boom")


def nonsense(ctx, slot, visitor, document):
    return ["<script>"]


def misleading(ctx, slot, visitor, document):
    away = PageLink(label="Parking", page="https://evil.example")
    no_file = FileLink(label="Parking", format="parking.pdf")
    return [Panel(title="Parking", blocks=(link,)) for link in (away, no_file)]


@pytest.mark.parametrize("hook", [raising, nonsense, misleading])
def test_a_page_goes_on_without_a_panel_that_fails(shop_with, hook):
    shop = shop_with(parking(register_portal_pages=no_pages, portal_panels=hook))
    page = shop.at_portal(EVE).get("/")
    assert page.status_code == 200
    assert "Parking" not in page.text
    assert "boom" not in page.text
    with shop.eve.ctx.acting():
        assert slots.panels(shop.eve, "document", INVOICE) == []


def test_a_page_does_not_wait_for_a_panel_that_hangs(shop_with, monkeypatch):
    go_on = threading.Event()

    def hanging(ctx, slot, visitor, document):
        go_on.wait(20)

    monkeypatch.setattr("billhook.services.portal.slots.WAITING", timedelta(milliseconds=50))
    shop = shop_with(parking(register_portal_pages=no_pages, portal_panels=hanging))
    try:
        assert shop.at_portal(EVE).get("/").status_code == 200
    finally:
        go_on.set()


def test_a_page_of_a_plugin_that_fails_is_an_error_and_the_portal_stays(shop_with):
    def broken():
        return [
            PortalPage(name="places", title="Parking", permission="client.see", show=lambda *_: 7)
        ]

    shop = shop_with(parking(register_portal_pages=broken))
    eve = shop.at_portal(EVE)
    assert eve.get("/x/parking/places").status_code == 502
    assert eve.get("/").status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda: Text(7),
        lambda: Facts((("one",),)),
        lambda: Grid(caption="", columns=(GridColumn("A"),), rows=(("1", "2"),)),
        lambda: Grid(caption="", columns=(), rows=()),
        lambda: Panel(title="A", blocks=("<b>",)),
        lambda: Text("x" * 5_000),
    ],
)
def test_what_no_page_could_show_is_refused_where_it_is_made(make):
    with pytest.raises((TypeError, ValueError)):
        make()


@pytest.mark.parametrize(
    "page", [{"name": "../evil"}, {"name": "Places"}, {"permission": "documents.view"}]
)
def test_a_plugin_with_a_page_that_clients_could_not_open_is_refused(tenant_with, page):
    told = {"name": "places", "title": "Parking", "permission": "client.see", "show": places}

    def odd():
        return [PortalPage(**told | page)]

    tenant_with(parking(register_portal_pages=odd))
    assert runtime().host.refused["parking"].code == "plugin.portal_page_malformed"
