"""The rules stand before the number: who breaks them is parked, who does not is billed and kept."""

import pytest

from billhook.services import artefacts, billing, documents, parking, preferences, series_reports
from billhook.services.preferences import PreferenceChange
from billhook.testing.shops import END, make_charge, make_customer, opened
from billhook_einvoice_ubl.reading import read


@pytest.fixture
def shop(app):
    with opened("shop") as ctx:
        yield ctx


def wanting(ctx, reference, key):
    """Make a customer whose documents must pass a format, with a charge that waits."""
    customer_id = make_customer(ctx, reference)
    preferences.save(ctx, reference, PreferenceChange(formats=key))
    make_charge(ctx, customer_id)


def test_who_breaks_a_rule_is_parked_before_a_number_is_used(shop):
    wanting(shop, "ann", "einvoice_ubl.en16931")
    wanting(shop, "bob", "einvoice_ubl.peppol_bis3")
    billing.run(shop, until=END, issue_on=END)
    assert [entry.customer for entry in documents.listing(shop)] == ["ann"]
    (parked,) = parking.listing(shop)
    assert (parked.customer, parked.code) == ("bob", "einvoice_ubl.peppol_en16931_r003")
    assert "buyer_reference" in parked.reason
    assert [(one.count, one.missing) for one in series_reports.report(shop)] == [(1, 0)]


def test_what_was_issued_is_kept_with_the_rules_that_it_passed(shop):
    wanting(shop, "ann", "einvoice_ubl.en16931")
    billing.run(shop, until=END, issue_on=END)
    (entry,) = documents.listing(shop)
    kept = artefacts.e_invoice(shop, entry.id)
    assert (kept.provider, kept.content_type) == ("einvoice_ubl.en16931", "application/xml")
    assert "EN 16931 UBL" in kept.rules
    assert kept.findings == ()
    file = artefacts.content(shop, kept.id)
    assert read(file.content).number == entry.number
    assert artefacts.e_invoice(shop, entry.id).id == kept.id
