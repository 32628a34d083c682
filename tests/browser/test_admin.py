"""An administrator sets the company up: its data, looks and numbers, its people, its plugins."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import expect

from billhook.cli.demo_tenants import PASSWORD

pytestmark = pytest.mark.slow


def test_an_admin_sets_up_the_company_its_looks_and_numbers(walker):
    admin = walker("admin")
    page = admin.page
    admin.room("Settings")
    admin.follow("Company", page.locator("main"))
    admin.heading("Company")
    admin.fill(name="")
    admin.press("Save")
    admin.sees(page.locator("#name-error"))
    expect(page.locator("#name")).to_have_attribute("aria-describedby", re.compile("name-error"))
    admin.look()
    admin.fill(name="Nimbus Cloud SE")
    admin.press("Save")
    admin.heading("Company")
    admin.lacks(page.locator("#name-error"))

    admin.open("/brands")
    admin.follow("Nimbus Cloud")
    admin.heading("Nimbus Cloud")
    sheet = page.frame_locator(".preview-sheet iframe:not([data-coming])")
    expect(sheet.locator("body")).not_to_contain_text("Registered in Atlantis")
    admin.fill(legal_text="Registered in Atlantis")
    expect(sheet.locator("body")).to_contain_text("Registered in Atlantis", timeout=20_000)
    admin.press("Save")
    admin.heading("Nimbus Cloud")

    admin.open("/series")
    admin.follow("Invoice", page.locator("main table"))
    admin.heading("Invoice")
    admin.fill(pattern="NC-{yyyy}-{number:4}")
    admin.sees(page.locator("#examples").get_by_text(re.compile(r"NC-\d{4}-0017")))
    admin.press("Save")
    admin.heading("Number series")
    admin.sees(re.compile(r"NC-\d{4}-0017"))

    admin.open("/own-fields")
    page.locator("[aria-labelledby=of-document]").get_by_role("link", name="Add a field").click()
    admin.heading("New field")
    admin.fill(label="Project code")
    admin.press("Add")
    admin.heading("Own fields")
    admin.open("/drafts/new")
    page.get_by_label("Project code").fill("P-7")

    admin.open("/guide")
    admin.sees("All steps")


def test_an_admin_invites_people_and_guards_the_log_in(walker):
    admin = walker("admin")
    page = admin.page
    admin.room("People")
    admin.follow("Invite")
    admin.heading("Invite somebody")
    admin.fill(email="nina@nimbus.example", name="Nina New")
    page.get_by_label("Role").select_option(label="Billing clerk")
    admin.press("Invite")
    admin.sees(re.compile("nina@nimbus.example|/invitation/"))
    admin.look()

    admin.open("/roles")
    admin.follow("New role")
    admin.heading("New role")
    admin.fill(title="Dunning", summary="Reminds of what is due.")
    admin.press("Make the role")
    admin.sees(page.locator("#told"))
    admin.open("/roles")
    box = page.get_by_label(re.compile("^Dunning: ")).and_(page.locator(":not(:checked)")).first
    box_name = box.get_attribute("aria-label")
    box.check()
    admin.press("Save")
    admin.heading("Roles")
    expect(page.get_by_label(box_name, exact=True)).to_be_checked()

    admin.open("/account/security")
    admin.press("Set up an authenticator app")
    admin.sees(page.get_by_role("heading", level=2, name="Set up an authenticator app"))
    admin.look()
    secret = page.locator("main code").first.inner_text().replace(" ", "")
    code = pyotp.TOTP(secret)
    admin.fill(code=code.now(), name="Phone")
    admin.press("Finish")
    admin.heading("Make recovery codes")
    admin.press("Show ten codes")
    admin.sees(page.locator(".codes code"))
    admin.look()

    page.locator(".top-who").click()
    admin.press("Log out")
    admin.log_in("admin@nimbus.example", PASSWORD)
    admin.heading("Second factor")
    admin.fill(code="no code")
    admin.press("Log in")
    admin.sees(page.locator("#code-error, .alert-danger"))
    admin.look()
    admin.fill(code=code.at(datetime.now(UTC), counter_offset=1))  # the last was taken
    admin.press("Log in")
    admin.heading("Nimbus Cloud")


def test_an_admin_sets_a_plugin_up_and_switches_it_off_and_on(walker):
    admin = walker("admin")
    page = admin.page
    admin.room("Plugins")
    admin.follow("E-mail", page.locator("main"))
    admin.heading("E-mail")
    page.get_by_label("Port", exact=True).first.fill("many")
    admin.press("Save settings")
    admin.sees(page.locator("#setting-port-error"))
    admin.look()

    admin.open("/plugins/pricing_tiered")
    admin.follow("Disable")
    dialog = page.get_by_role("dialog")
    admin.sees(dialog.locator("li, p").first)  # what follows from it
    admin.look()
    dialog.locator("button.btn-danger, button.btn-primary").click()
    admin.heading("Tiered prices")
    admin.follow("Enable")
    dialog.locator("button.btn-danger, button.btn-primary").click()
    admin.heading("Tiered prices")
    admin.sees(page.get_by_role("link", name="Disable"))
