"""The page “Your prices” at the portal: what the client buys, its own prices first, nobody else's."""

import io
import re
from decimal import Decimal

import pytest
from flask import current_app

from billhook.errors import NotFound
from billhook.services import contexts, customers, importing, prices
from billhook.services.prices import PriceInput
from billhook.testing import applications
from billhook.testing.members import open_tenant
from billhook.testing.portals import PortalBrowser, client_of, make_client
from billhook_pricing_tiered import portal
from billhook_pricing_tiered.pricing import MODELS

PRODUCTS = """sku,name,model,currency,parameter_tiers,parameter_package_price,parameter_package_size,parameter_free_units
CALLS,API calls,pricing_tiered.graduated,GBP,0-100: 10; 101-500: 8 + 25; 501-: 0.0125,,,
SEATS,Seats,pricing_tiered.volume,GBP,1-5: 7; 6-10: 6.5; 11-: 6,,,
SPACE,Storage,pricing_tiered.stairstep,GBP,1-100: 50; 101-500: 200; 501-: 400,,,
SMS,Messages,pricing_tiered.package,GBP,,5,100,100
MAIL,Letters,pricing_tiered.tiered_package,GBP,0-1000: 5; 1001-: 4,,100,
SECRET,Not bought,pricing_tiered.volume,GBP,1-: 7,,,
"""
CUSTOMERS = "customer,name,country\nann,Ann Lee,GB\nbob,Bob Ray,GB\n"
BOUGHT = ("CALLS", "SPACE", "SMS", "MAIL")
OWN = (
    ("CALLS", "graduated", "bob", "0-: 3"),
    ("SEATS", "volume", "ann", "1-5: 5; 6-: 4.5"),
)


@pytest.fixture
def shop(app):
    open_tenant("shop", pack=("pricing_tiered", "tax_rules"))
    ctx = contexts.operator_context("shop")
    with ctx.acting():
        charges = [
            f"{who},{place}{who},{ctx.today()},{sku},1"
            for place, sku in enumerate(BOUGHT)
            for who in ("ann", "bob")
        ]
        head = "customer,reference,date,product,quantity"
        sheets = {
            "products": PRODUCTS,
            "customers": CUSTOMERS,
            "charges": "\n".join((head, *charges)),
        }
        for kind, text in sheets.items():
            assert not importing.run(ctx, kind, io.BytesIO(text.encode())).errors, kind
        for sku, model, who, tiers in OWN:
            key = f"pricing_tiered.{model}"
            told = {"currency": "GBP", "parameters": {"tiers": tiers}}
            prices.add_price(ctx, PriceInput(sku=sku, model=key, customer=who, **told))
        yield ctx


def at_portal(ctx, who: str) -> PortalBrowser:
    make_client(ctx, customers.get(ctx, who).id, f"{who}@client.example")
    browser = PortalBrowser(applications.fresh_client(current_app), "shop")
    assert browser.log_in(f"{who}@client.example").status_code == 303
    return browser


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_client_finds_its_prices_and_those_of_all_that_it_buys(shop):
    ann = at_portal(shop, "ann")
    assert "/x/pricing_tiered/prices" in ann.get("/").text
    page = ann.get("/x/pricing_tiered/prices")
    said = words(page.text)
    assert "Seats Your whole quantity costs" in said
    assert "1 to 5 5.00 GBP 6 or more 4.50 GBP Your own price" in said.replace(
        "from 6", "6 or more"
    )
    assert "up to 100 10.00 GBP 101 to 500 8.00 GBP 25.00 GBP from 501 0.0125 GBP" in said
    assert "3.00 GBP" not in said  # which is Bob's
    assert "Not bought" not in said
    assert [name for name in ("Storage", "Messages", "Letters") if name not in said] == []
    bob = words(at_portal(shop, "bob").get("/x/pricing_tiered/prices").text)
    assert "up to" not in bob.partition("API calls")[2].partition("Your own price")[0]
    assert "3.00 GBP" in bob
    assert "Seats" not in bob
    assert "100,00" not in said
    german = words(ann.get("/x/pricing_tiered/prices?language=de").text)
    assert "0,0125 GBP" in german


def test_nobody_asks_for_the_prices_of_another_customer(shop):
    ann, bob = (customers.get(shop, who).id for who in ("ann", "bob"))
    client = client_of(shop, make_client(shop, ann, "eve@client.example"))
    with client.ctx.acting(), pytest.raises(NotFound):
        shop.ports.prices.of_customer(
            client.ctx, customer_id=bob, on=shop.today(), models={"pricing_tiered.volume"}
        )


def test_each_model_is_shown():
    assert portal._SHOWN.keys() == {model.key for model in MODELS.values()}
    assert portal._money(Decimal("0.123456789012"), "JPY") == "0.123456789012 JPY"
