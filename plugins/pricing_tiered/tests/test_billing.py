"""From a file with tiers in a cell to an issued document with a line per tier."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from billhook.sdk.context import Context
from billhook.services import billing, contexts, documents, importing, products
from billhook.services.verifying import verify
from billhook.testing.members import open_tenant

END = date(2026, 10, 31)

PRODUCTS = """sku,name,model,currency,parameter_tiers,parameter_package_price,parameter_package_size,parameter_free_units
CALLS,API calls,pricing_tiered.graduated,GBP,0-100: 10; 101-500: 8 + 25; 501-: 6,,,
SEATS,Seats,pricing_tiered.volume,GBP,1-5: 7; 6-10: 6.5; 11-: 6,,,
SPACE,Storage,pricing_tiered.stairstep,GBP,1-100: 50; 101-500: 200; 501-: 400,,,
SMS,Messages,pricing_tiered.package,GBP,,5,100,100
MAIL,Letters,pricing_tiered.tiered_package,GBP,0-1000: 5; 1001-: 4,,100,
"""
CUSTOMERS = "customer,name,country\nann,Ann Lee,GB\nbob,Bob Ray,GB\n"
CHARGES = """customer,reference,date,product,quantity
ann,1,2026-10-05,CALLS,150
ann,2,2026-10-06,SEATS,6
ann,3,2026-10-07,SPACE,101
ann,4,2026-10-08,SMS,201
ann,5,2026-10-09,MAIL,1001
bob,6,2026-10-10,CALLS,-150
"""


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant with tiered prices switched on, acting."""
    with opened("shop", pack=("pricing_tiered", "tax_rules")) as ctx:
        yield ctx


@contextmanager
def opened(slug: str, **wanted: object) -> Iterator[Context]:
    open_tenant(slug, **wanted)
    ctx = contexts.operator_context(slug)
    with ctx.acting():
        yield ctx


def load(ctx: Context, kind: str, text: str):
    return importing.run(ctx, kind, io.BytesIO(text.encode()))


def bill(ctx: Context):
    return billing.run(ctx, until=END, issue_on=END).as_json()


def lines(ctx: Context, customer: str) -> list[tuple[str, ...]]:
    (entry,) = [one for one in documents.listing(ctx) if one.customer == customer]
    return [
        tuple(line[name] for name in ("description", "quantity", "unit_price", "net"))
        for line in documents.get(ctx, entry.id).content["lines"]
    ]


def test_a_document_shows_a_line_for_each_tier(shop):
    for kind, text in (("products", PRODUCTS), ("customers", CUSTOMERS), ("charges", CHARGES)):
        assert not load(shop, kind, text).errors
    run = bill(shop)
    assert not run["parked"]
    assert run["currencies"]["GBP"]["net"] == "303.00"  # 1425 + 39 + 200 + 10 + 54 − 1425
    assert lines(shop, "ann") == [
        ("API calls – units 0 to 100", "100", "10", "1000.00"),
        ("API calls – units 101 to 500", "50", "8", "400.00"),
        ("API calls – fixed fee for units 101 to 500", "1", "25", "25.00"),
        ("Seats – units 6 to 10", "6", "6.5", "39.00"),
        ("Storage – units 101 to 500", "1", "200", "200.00"),
        ("Messages – first 100 units, free", "100", "0", "0.00"),
        ("Messages – packages of 100", "200", "5", "10.00"),
        ("Letters – packages of 100, units 0 to 1000", "1000", "5", "50.00"),
        ("Letters – packages of 100, units from 1001 on", "100", "4", "4.00"),
    ]
    assert verify(shop).is_whole


def test_a_return_becomes_a_credit_note_of_the_same_sum(shop):
    for kind, text in (("products", PRODUCTS), ("customers", CUSTOMERS), ("charges", CHARGES)):
        load(shop, kind, text)
    bill(shop)
    assert [line[3] for line in lines(shop, "bob")] == ["1000.00", "400.00", "25.00"]
    (note,) = [one for one in documents.listing(shop) if one.customer == "bob"]
    assert note.number == "CN-2026-00001"


def test_lines_say_how_their_price_was_found(shop):
    for kind, text in (("products", PRODUCTS), ("customers", CUSTOMERS), ("charges", CHARGES)):
        load(shop, kind, text)
    bill(shop)
    (entry,) = [one for one in documents.listing(shop) if one.customer == "ann"]
    content = documents.get(shop, entry.id).content
    assert content["lines"][0]["explanation"] == "100 × 10 + 50 × 8 + 1 × 25 = 1425 GBP"
    assert "pricing_tiered" in content["plugins"]


def test_a_fixed_discount_on_a_charge_is_taken_once_and_a_percentage_of_every_line(shop):
    load(shop, "products", PRODUCTS)
    load(shop, "customers", CUSTOMERS)
    load(
        shop,
        "charges",
        "customer,reference,date,product,quantity,discount_amount,discount_percent\n"
        "ann,1,2026-10-05,CALLS,150,50,\n"
        "bob,2,2026-10-05,CALLS,150,,10\n",
    )
    bill(shop)
    nets = {customer: [line[3] for line in lines(shop, customer)] for customer in ("ann", "bob")}
    assert nets == {
        "ann": ["964.91", "385.97", "24.12"],  # 35.09 + 14.03 + 0.88 = 50, by 1000 : 400 : 25
        "bob": ["900.00", "360.00", "22.50"],
    }


def test_tiers_that_leave_a_gap_are_a_bad_row_that_names_its_cell(shop):
    bad = PRODUCTS.replace("101-500: 8 + 25", "150-500: 8")
    report = load(shop, "products", bad)
    (error,) = report.errors
    assert (error.line, error.column, error.code) == (
        2,
        "parameter_tiers",
        "pricing_tiered.tier_gap",
    )
    assert "Let it begin at 101." in error.message
    assert not report.is_written


def test_a_file_whose_table_lets_more_cost_less_is_taken_with_a_warning(shop):
    report = load(shop, "products", PRODUCTS)
    assert (report.new, report.bad, report.errors) == (5, 0, ())
    assert {(one.line, one.column, one.code) for one in report.warnings} == {
        (3, "parameter_tiers", "pricing_tiered.more_costs_less")
    }
    assert "5 cost 35, a little more than 5 cost 32.5." in report.warnings[0].message
    assert load(shop, "products", PRODUCTS).warnings == ()  # nothing new is stored


def test_a_tenant_without_the_plugin_can_store_no_such_price(app):
    with opened("other", pack=("tax_rules",)) as ctx:
        report = load(ctx, "products", PRODUCTS)
        assert {error.field for error in report.errors} == {"model"}
        assert products.listing(ctx) == []
