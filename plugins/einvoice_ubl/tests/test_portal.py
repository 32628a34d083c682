"""The panel beside a document at the portal: which e-invoices there are, and how to know them."""

import re

import pytest
from flask import current_app

from billhook.services import artefacts, billing, customers, documents, preferences
from billhook.services.preferences import PreferenceChange
from billhook.testing import applications
from billhook.testing.portals import PortalBrowser, make_client
from billhook.testing.shops import END, make_charge, make_customer, opened

KEY = "einvoice_ubl.en16931"


@pytest.fixture
def shop(app):
    with opened("shop") as ctx:
        for who in ("ann", "bob"):
            make_client(ctx, make_customer(ctx, who), f"{who}@client.example")
            make_charge(ctx, customers.get(ctx, who).id)
        preferences.save(ctx, "ann", PreferenceChange(formats=KEY))
        billing.run(ctx, until=END, issue_on=END)
        yield ctx


def document_of(ctx, who: str):
    (entry,) = documents.listing(ctx, customer=who)
    return entry


def page(ctx, who: str) -> tuple[PortalBrowser, str]:
    browser = PortalBrowser(applications.fresh_client(current_app), "shop")
    assert browser.log_in(f"{who}@client.example").status_code == 303
    answer = browser.get(f"/documents/{document_of(ctx, who).id}")
    assert answer.status_code == 200
    return browser, answer.text


def test_a_client_learns_which_e_invoice_there_is_and_loads_it(shop):
    kept = artefacts.e_invoice(shop, document_of(shop, "ann").id)
    browser, text = page(shop, "ann")
    panel = text.partition('class="card plugin-einvoice_ubl"')[2].partition("</section>")[0]
    assert "EN 16931 (UBL 2.1)" in panel
    assert "accounting software" in panel
    assert kept.sha256 in panel
    address = re.search(r'href="([^"]+)" download', panel)[1]
    file = browser.get(address)
    assert (file.status_code, file.mimetype) == (200, "application/xml")
    assert file.data == artefacts.content(shop, kept.id).content


def test_where_no_e_invoice_is_offered_there_is_no_panel(shop):
    _browser, text = page(shop, "bob")
    assert "plugin-einvoice_ubl" not in text
