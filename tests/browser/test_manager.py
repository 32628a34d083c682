"""A billing manager: taking back what was wrong, joining and dividing drafts, proving the books."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def test_a_manager_credits_by_quantity_then_bills_anew(walker):
    manager = walker("manager")
    page = manager.page
    manager.room("Documents")
    manager.follow("INV-2026-00001")
    manager.heading("INV-2026-00001")
    manager.follow("Credit")
    manager.heading("Credit INV-2026-00001")
    page.get_by_label("Chosen lines, by quantity or amount").check()
    page.get_by_label("Quantity of line 1 to credit").fill("1")
    manager.sees(page.locator("#preview").get_by_text("12.85 EUR"))  # 12 less 10 %, with 19 %
    page.get_by_label("Quantity of line 1 to credit").fill("2")
    manager.sees(page.locator("#preview").get_by_text("25.70 EUR"))
    manager.press("Issue the credit note")
    manager.sees(page.locator("#reason-error"))  # a credit note says why
    manager.look()
    manager.fill(reason="Two seats too many")
    manager.press("Issue the credit note")
    manager.heading("Credit note CN-")
    manager.follow("INV-2026-00001", page.locator("[aria-labelledby=family]"))
    manager.heading("INV-2026-00001")

    page.get_by_label("More acts").click()
    manager.follow("Credit and bill anew")
    dialog = page.get_by_role("dialog")
    manager.sees(dialog)
    dialog.get_by_label("Reason").fill("Wrong address")
    dialog.locator("button.btn-primary, button.btn-danger").click()
    manager.heading("Draft for Elbe Logistik")


def test_a_manager_merges_two_drafts_and_splits_one(walker):
    manager = walker("manager")
    page = manager.page
    manager.room("Drafts")
    manager.follow("Elbe Logistik")
    manager.heading("Draft for Elbe Logistik")
    page.locator("main summary[aria-label=More]").click()
    manager.follow("Duplicate")
    page.get_by_role("dialog").locator("button.btn-primary").click()
    expect(page.locator("#told")).to_be_visible()
    manager.heading("Draft for Elbe Logistik")

    manager.room("Drafts")
    rows = page.get_by_role("row").filter(has_text="Elbe Logistik")
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.get_by_label("Choose this row").check()
    manager.press("Merge", page.locator("#list-bulk"))
    manager.heading("Merge drafts")
    manager.press("Merge the drafts")
    manager.heading("Draft for Elbe Logistik")

    page.locator("main summary[aria-label=More]").click()
    manager.follow("Split")
    manager.heading("Split")
    page.get_by_label("By percentage").check()
    manager.fill(percents="70 / 30")
    preview = page.locator("#preview")
    manager.sees(preview.get_by_role("rowheader", name=re.compile("^B")))
    manager.look()
    together = preview.get_by_role("row", name="Together").get_by_role("cell").first.inner_text()
    manager.press("Split the draft")
    manager.sees("2 drafts")
    manager.look()
    manager.open("/drafts?customer=elbe")
    rows = page.get_by_role("row").filter(has_text="Elbe Logistik")
    expect(rows).to_have_count(2)
    amounts = [amount.inner_text() for amount in page.locator("td.k-money").all()]
    assert sum(map(_cents, amounts)) == _cents(together)  # no cent is lost


def _cents(amount: str) -> int:
    return int(re.sub(r"\D", "", amount))


def test_a_manager_reads_the_books_down_to_a_document_and_proves_them(walker):
    manager = walker("manager")
    page = manager.page
    manager.room("Ledger")
    manager.follow("Trial balance")
    manager.heading("Trial balance")
    page.get_by_role("link", name="1200").first.click()
    manager.heading("1200")
    page.locator("td.k-head a").first.click()
    manager.heading("Entry")
    page.locator(".facts a").first.click()
    manager.heading("INV-")

    manager.room("Documents")
    page.get_by_text("Export", exact=True).click()
    sheet = manager.downloads(lambda: manager.follow("All that was found, as CSV")).decode()
    assert "INV-2026-00001" in sheet
    assert len(sheet.splitlines()) == 19  # the header, and each document

    manager.room("Ledger")
    manager.follow("Verify")
    manager.heading("Verify")
    manager.press("Verify now")
    manager.sees("The books are whole")
    manager.look()
