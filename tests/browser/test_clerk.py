"""A clerk's day: writing an invoice, billing the month, setting charges aside, bringing in a file."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_a_clerk_writes_an_invoice_and_sends_it(walker):
    clerk = walker("clerk")
    page = clerk.page
    clerk.heading("Nimbus Cloud GmbH")
    page.get_by_label("Search everything").first.fill("elbe")
    clerk.follow("Elbe Logistik", page.locator("#search-results"))
    clerk.heading("Elbe Logistik")

    clerk.room("Drafts")
    clerk.follow("New invoice")
    clerk.heading("New invoice")
    page.get_by_role("combobox", name="Customer", exact=True).press_sequentially("elb")
    page.get_by_role("option", name="Elbe Logistik").click()
    page.get_by_role("combobox", name="Product of line 1").press_sequentially("TEAM")
    page.get_by_role("option", name="Team plan").first.click()
    clerk.fill(**{"lines-0-quantity": "10"})
    clerk.sees(page.locator("#sums").get_by_text("142.80"))  # 10 × 12 with 19 %
    page.locator('[name="lines-0-quantity"]').press("Enter")
    expect(page.locator('[name="lines-1-sku"]')).to_be_focused()
    clerk.fill(
        **{
            "lines-1-description": "Set-up by hand",
            "lines-1-quantity": "2",
            "lines-1-unit_price": "100",
        }
    )
    page.locator(".line-more summary").nth(1).click()
    page.locator('[name="lines-1-adjustments-0-kind"]').select_option(label="Discount in %")
    clerk.fill(
        **{"lines-1-adjustments-0-value": "10", "lines-1-adjustments-0-reason": "First order"}
    )
    clerk.sees(page.locator("#sums").get_by_text("357.00"))  # 120 and 180, with 19 %
    clerk.look()

    with page.expect_response(lambda answer: answer.url.endswith("/preview")) as drawing:
        clerk.press("Save", page.locator(".editor-acts"))
    clerk.heading("Draft for Elbe Logistik")
    assert drawing.value.headers["content-type"] == "application/pdf"
    clerk.press("Issue and send")
    clerk.heading("Issue INV-")
    clerk.press("Issue and send")
    clerk.heading("Invoice INV-")
    clerk.sees("357.00")
    clerk.sees(page.locator("#sums ~ dl").get_by_text("357.00 EUR").first)
    clerk.sees("Set-up by hand")


def test_a_clerk_bills_what_waits_and_follows_it(walker):
    clerk = walker("clerk")
    page = clerk.page
    clerk.room("Charges")
    for customer, price in (("elbe", "100"), ("wien", "50")):
        clerk.follow("New charge")
        clerk.heading("New charge")
        clerk.fill(customer=customer, description="Extra hours", quantity="2", unit_price=price)
        clerk.press("Add the charge")
        clerk.sees("Extra hours")
        clerk.room("Charges")

    clerk.follow("Bill them")
    clerk.heading("New bill run")
    clerk.press("Look at what it would do")
    clerk.heading("What would be billed")
    clerk.sees(page.get_by_role("cell", name="357.00"))  # 200 and 100, with 19 %
    clerk.press("Issue 2 documents")
    clerk.heading("Bill run of")
    clerk.sees(page.get_by_role("cell", name="357.00"))
    clerk.sees("2 charges were billed.")


def test_a_clerk_holds_charges_in_bulk_and_imports_others(walker, tmp_path):
    clerk = walker("clerk")
    page = clerk.page
    clerk.open("/charges/new")
    clerk.fill(customer="elbe", description="Disputed", quantity="1", unit_price="9")
    clerk.press("Add the charge")
    clerk.sees("Disputed")
    clerk.open("/charges?state=open")
    page.get_by_label("Choose this row").first.check()
    clerk.press("Hold", page.locator("#list-bulk"))
    clerk.heading("Hold")
    clerk.press("Hold", page.locator("main"))
    clerk.heading("Charges")
    clerk.open("/charges?state=held")
    clerk.sees("Disputed")

    sheet = tmp_path / "charges.csv"
    sheet.write_text(
        "customer,reference,date,description,quantity,unit_price\n"
        "elbe,one,2026-10-01,Cables,3,4.50\n"
        "nobody,two,2026-10-01,Plugs,1,2\n"
    )
    clerk.room("Imports")
    clerk.follow("Import a file")
    clerk.heading("Import a file")
    page.get_by_label("Charges", exact=True).check()
    page.locator('[name="file"]').set_input_files(sheet)
    clerk.press("Go on to the columns")
    clerk.heading("Match the columns")
    clerk.press("Check the rows")
    clerk.sees(page.get_by_role("button", name="Import the 1 good row"))
    clerk.sees(page.get_by_role("row", name=re.compile("3.*customer.*nobody")))
    clerk.look()
    clerk.press("Import the 1 good row")
    clerk.sees("Bill them now")
    clerk.look()
