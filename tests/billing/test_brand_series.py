"""Series of brands: each gapless on its own, none printing another's numbers."""

import pytest

from billhook.db import db
from billhook.domain.numbering import may_collide
from billhook.domain.states import DocumentType, RunMode
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.services import (
    billing,
    brands,
    crediting,
    documents,
    drafting,
    issuing,
    preferences,
    previewing,
    series,
    series_reports,
)
from billhook.services.brand_changes import BrandInput
from billhook.services.preferences import PreferenceChange
from billhook.services.verifying import verify

from .conftest import END

INVOICE, CREDIT_NOTE = DocumentType.INVOICE, DocumentType.CREDIT_NOTE


@pytest.fixture
def north(shop):
    """A brand with a series of its own for invoices."""
    brand = brands.save(shop, BrandInput(code="north", name="North"))
    series.create(shop, "north", INVOICE, pattern="N{yyyy}-{number:3}")
    return brand


def codes(act, *given, **told):
    with pytest.raises(ValidationFailed) as refused:
        act(*given, **told)
    return [(problem.path, problem.code) for problem in refused.value.problems]


def numbers(shop):
    return sorted(entry.number for entry in documents.listing(shop))


def bill_all(shop, customer, charge):
    for reference in ("ann", "bob", "cid", "dot"):
        charge(customer(reference))
    for reference in ("bob", "dot"):
        preferences.save(shop, reference, PreferenceChange(brand="north"))
    billing.run(shop, until=END, issue_on=END)


def test_a_brands_invoices_count_for_themselves_and_leave_no_gap(shop, north, customer, charge):
    bill_all(shop, customer, charge)
    assert numbers(shop) == [
        "INV-2026-00001",
        "INV-2026-00002",
        "N2026-001",
        "N2026-002",
    ]
    assert [(one.series, one.count, one.missing) for one in series_reports.report(shop)] == [
        ("invoices", 2, 0),
        ("north-invoice", 2, 0),
    ]
    assert verify(shop).is_whole


def test_what_a_brand_has_no_series_for_counts_with_the_others(shop, north, customer, charge):
    bill_all(shop, customer, charge)
    entry = next(one for one in documents.listing(shop) if one.number == "N2026-001")
    assert crediting.credit(shop, entry.id, reason="x", issue_on=END).number == "CN-2026-00001"


def test_a_preview_shows_the_number_that_issuing_gives(shop, north, customer, charge):
    charge(customer("bob"))
    preferences.save(shop, "bob", PreferenceChange(brand="north"))
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(shop)
    assert previewing.draft_publication(shop, draft.id).number == "N2026-001"
    assert issuing.issue(shop, draft.id, issue_on=END).number == "N2026-001"


def test_a_document_that_is_refused_takes_no_number(shop, north, customer, charge):
    charge(customer("bob"))
    preferences.save(shop, "bob", PreferenceChange(brand="north"))
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(shop)
    with shop.transaction() as session:
        issuing.issue(shop, draft.id, issue_on=END)
        session.rollback()
    assert series_reports.report(shop) == []
    assert issuing.issue(shop, draft.id, issue_on=END).number == "N2026-001"


def test_no_two_series_print_the_same(shop, north):
    assert codes(series.create, shop, "north", CREDIT_NOTE, pattern="INV-{yyyy}-{number}") == [
        ("pattern", "series.pattern_taken")
    ]
    assert codes(series.change, shop, "invoices", pattern="n{yy}-{number}") == [
        ("pattern", "series.pattern_taken")
    ]
    db.session.rollback()
    assert series.change(shop, "invoices", pattern="INV-{yyyy}-{number:6}").first_number == 1


@pytest.mark.parametrize(
    ("one", "other", "can"),
    [
        ("INV-{yyyy}-{number:5}", "INV-{yy}-{number}", True),
        ("A1{number}", "A{number}", True),  # A11
        ("INV-2026-{number}", "INV-{yyyy}-{number}", True),
        ("INV1-{number}", "INV2-{number}", False),
        ("INV-{yyyy}-{number}", "CN-{yyyy}-{number}", False),
        ("INV-{number}", "INV-{yyyy}-{number}", False),
    ],
)
def test_patterns_that_can_print_the_same(one, other, can):
    assert may_collide(one, other) is can
    assert may_collide(other, one) is can


def test_a_brand_has_one_series_for_a_type(shop, north):
    assert codes(series.create, shop, "north", INVOICE, pattern="M{yyyy}-{number}") == [
        ("brand", "series.brand_has_one")
    ]
    with pytest.raises(NotFound):
        series.create(shop, "south", INVOICE, pattern="S{number}")


def test_of_two_who_change_a_series_at_once_the_second_is_told(shop):
    series.change(shop, "invoices", pattern="A{yyyy}-{number}", version=1)
    with pytest.raises(Conflict):
        series.change(shop, "invoices", pattern="B{yyyy}-{number}", version=1)
