"""What is exported is complete, streamed, and reads back."""

import csv
import io
from datetime import date

import pytest

from billhook.errors import Forbidden
from billhook.services import audit, billing, customers, exporting, importing
from billhook.services.customers import CustomerInput


@pytest.fixture
def shop(ctx):
    """A tenant with two customers, a priced product and three charges, two of them billed."""
    customers.save(ctx, CustomerInput(reference="boss", name="=Boss()", country="DE"))
    customers.save(
        ctx, CustomerInput(reference="ann", name="Ann", country="DE", payer="boss", city="Köln")
    )
    _import(
        ctx,
        "products",
        "sku,name,price,currency,valid_from,valid_until\n"
        "API,Requests,2,EUR,2020-01-01,2020-12-31\nAPI,Requests,3,EUR,2021-01-01,\nBARE,Bare,,,,\n",
    )
    _import(
        ctx,
        "charges",
        "customer,reference,date,product,quantity,unit_price,discount_percent,description\n"
        "boss,r1,2026-01-01,API,4,,,\n"
        'boss,r2,2026-01-01,,-1,5.25,10,"Back, sadly"\n'
        "ann,r3,2026-02-01,,1,7,,Later\n",
    )
    billing.run(ctx, until=date(2026, 1, 31), issue_on=date(2026, 1, 31))
    return ctx


def _import(ctx, kind, text):
    report = importing.run(ctx, kind, io.BytesIO(text.encode()))
    assert report.errors == ()


def exported(ctx, kind):
    out = io.BytesIO()
    count = exporting.run(ctx, kind, out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode(), newline="")))
    assert len(rows) == count
    return rows


def test_customers_come_with_their_payers_first(shop):
    rows = exported(shop, "customers")
    assert [(row["reference"], row["payer"]) for row in rows] == [("boss", ""), ("ann", "boss")]
    assert rows[0]["name"] == "'=Boss()"
    assert rows[1]["city"] == "Köln"


def test_products_have_a_row_for_each_price_version(shop):
    rows = exported(shop, "products")
    assert [
        (row["sku"], row["parameter_unit_price"], row["valid_from"], row["valid_until"])
        for row in rows
    ] == [
        ("API", "2", "2020-01-01", "2020-12-31"),
        ("API", "3", "2021-01-01", ""),
        ("BARE", "", "", ""),
    ]


def test_charges_say_where_they_stand(shop):
    rows = {row["reference"]: row for row in exported(shop, "charges")}
    assert {reference: row["state"] for reference, row in rows.items()} == {
        "r1": "billed",
        "r2": "billed",
        "r3": "open",
    }
    assert rows["r1"]["document"] == rows["r2"]["document"] != ""
    assert (rows["r2"]["quantity"], rows["r2"]["unit_price"]) == ("-1", "5.25")
    assert (rows["r2"]["discount_percent"], rows["r2"]["description"]) == ("10", "Back, sadly")
    assert (rows["r1"]["product"], rows["r3"]["document"]) == ("API", "")


def test_documents_have_signed_sums(shop):
    _import(
        shop,
        "charges",
        "customer,reference,date,amount,description\nboss,r4,2026-01-02,-10,Back\n",
    )
    billing.run(shop, until=date(2026, 1, 31), issue_on=date(2026, 1, 31))
    rows = exported(shop, "documents")
    assert [(row["type"], row["net"], row["tax"], row["gross"]) for row in rows] == [
        ("credit_note", "-10", "-1.9", "-11.9"),
        ("invoice", "7.27", "1.38", "8.65"),  # 12.00 − 4.725, which rounds to 4.73
    ]
    assert rows[1]["customer"] == "boss"
    assert rows[1]["is_void"] == "no"


@pytest.mark.parametrize("kind", ["customers", "products"])
@pytest.mark.parametrize("sheet_format", exporting.FORMATS)
def test_what_is_exported_reads_back_without_a_change(shop, kind, sheet_format):
    out = io.BytesIO()
    count = exporting.run(shop, kind, out, sheet_format=sheet_format)
    report = importing.run(shop, kind, out)
    assert (report.unchanged, report.errors) == (count, ())


@pytest.mark.parametrize("kind", exporting.KINDS)
@pytest.mark.parametrize("sheet_format", exporting.FORMATS)
def test_an_empty_list_has_its_header(ctx, kind, sheet_format):
    out = io.BytesIO()
    assert exporting.run(ctx, kind, out, sheet_format=sheet_format) == 0
    assert out.getvalue()


@pytest.mark.parametrize("kind", exporting.KINDS)
def test_nothing_of_another_tenant_is_exported(shop, other_ctx, kind):
    assert exported(shop, kind)
    with other_ctx.acting():
        assert exported(other_ctx, kind) == []


def test_an_export_is_noted(shop):
    exported(shop, "customers")
    [act] = audit.listing(shop, action="export.finished")
    assert act.details == {"kind": "customers", "rows": "2"}


def test_it_needs_the_permission_and_that_of_what_it_shows(ctx, with_permissions):
    for permissions in (["exports.create"], ["customers.view"]):
        with pytest.raises(Forbidden):
            exporting.run(with_permissions(ctx, *permissions), "customers", io.BytesIO())


def test_progress_reaches_the_end(shop):
    told = []
    exporting.run(shop, "charges", io.BytesIO(), progress=lambda *steps: told.append(steps))
    assert told[-1] == (3, 3)
