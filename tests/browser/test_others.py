"""An auditor changes nothing, sales see their own, a developer follows the plugins."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

ROOMS_TO_READ = ("Customers", "Products", "Charges", "Drafts", "Documents", "Outbox", "Ledger")


def test_an_auditor_sees_and_exports_all_and_changes_nothing(walker):
    auditor = walker("auditor")
    page = auditor.page
    for room in (*ROOMS_TO_READ, "Exports", "Audit"):
        auditor.room(room)
        auditor.lacks(page.locator("#list-bulk"))
        auditor.lacks(page.locator("main .headline .btn-primary"))
    auditor.open("/documents")
    auditor.follow("INV-2026-00001")
    auditor.heading("INV-2026-00001")
    for act in ("Credit", "Send again", "Void", "Split"):
        auditor.lacks(page.locator("main").get_by_role("link", name=act, exact=True))
    auditor.lacks(page.locator("main form[method=post]"))
    auditor.open("/documents")
    page.get_by_text("Export", exact=True).click()
    sheet = auditor.downloads(lambda: auditor.follow("All that was found, as Excel"))
    assert sheet.startswith(b"PK")


def test_sales_see_their_own_customers_alone(walker):
    sales = walker("sales")
    page = sales.page
    sales.room("Customers")
    expect(page.locator("#list-form tbody tr")).to_have_count(1)
    sales.sees("Elbe Logistik")
    sales.room("Documents")
    for row in page.locator("#list-form tbody tr").all():
        expect(row).to_contain_text("Elbe Logistik")
    page.get_by_label("Search everything").first.fill("Anna")
    sales.sees(page.locator("#search-results").get_by_text("Nothing begins like"))
    sales.room("Drafts")
    sales.follow("Elbe Logistik")
    sales.heading("Draft for Elbe Logistik")
    sales.lacks(page.get_by_role("button", name="Issue", exact=True))


def test_a_developer_follows_jobs_and_plugins(walker):
    developer = walker("developer")
    page = developer.page
    developer.room("Jobs")
    developer.room("Plugins")
    developer.follow("E-mail")
    developer.heading("E-mail")
    developer.sees(page.get_by_role("button", name="Save settings"))
    developer.lacks(page.locator("#navigation").get_by_role("link", name="Bill runs"))
