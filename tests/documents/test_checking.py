"""The rules of a document's formats are run before a number is used."""

import pytest

from billhook.domain.states import RunMode
from billhook.errors import ValidationFailed
from billhook.problems import Problem, Severity
from billhook.services import (
    billing,
    crediting,
    documents,
    drafting,
    issuing,
    plugins,
    preferences,
    series_reports,
)
from billhook.services.contexts import operator_context
from billhook.services.preferences import PreferenceChange
from billhook.testing.outward import FORMAT, Paper
from billhook.testing.shops import END, make_charge, make_customer

BROKEN = Problem(code="paper.crack", path="BT-10", message="The tablet cracks. Add a reference.")
WARNING = Problem(code="paper.dust", path="BT-22", message="Dusty.", severity=Severity.WARNING)


@pytest.fixture
def two(paper_shop):
    """Ann, whose documents must be tablets, and Bob, who wants none; a charge for each."""
    for reference in ("ann", "bob"):
        make_charge(paper_shop, make_customer(paper_shop, reference))
    preferences.save(paper_shop, "ann", PreferenceChange(formats=FORMAT))
    return paper_shop


def numbers(ctx):
    return {entry.customer: entry.number for entry in documents.listing(ctx)}


def test_a_finding_parks_the_customer_and_uses_no_number(two, paper: Paper):
    paper.findings["ann"] = (BROKEN,)
    summary = billing.run(two, until=END, issue_on=END).as_json()
    assert numbers(two) == {"bob": "INV-2026-00001"}
    (parked,) = summary["parked"]
    assert (parked["customer"], parked["code"]) == ("ann", "paper.crack")
    assert "Add a reference" in parked["reason"]
    paper.findings.clear()
    billing.run(two, until=END, issue_on=END)
    assert numbers(two) == {"bob": "INV-2026-00001", "ann": "INV-2026-00002"}
    assert series_reports.report(two)[0].missing == 0


def test_only_what_the_customer_must_pass_is_written(two, paper: Paper):
    billing.run(two, until=END, issue_on=END)
    assert {one.document.buyer.party.reference for one in paper.written} == {"ann"}
    assert {one.stage for one in paper.written} == {"draft"}


def test_a_warning_stops_nothing(two, paper: Paper):
    paper.findings["ann"] = (WARNING,)
    billing.run(two, until=END, issue_on=END)
    assert set(numbers(two)) == {"ann", "bob"}


def test_a_draft_tells_its_findings_and_is_not_issued(two, paper: Paper):
    billing.run(two, until=END, issue_on=END, mode=RunMode.DRAFT)
    paper.findings["ann"] = (BROKEN,)
    draft = next(one for one in drafting.listing(two) if one.customer == "ann")
    view = drafting.get(two, draft.id)
    assert view.outcome.refused.problems == (BROKEN,)
    with pytest.raises(ValidationFailed, match="cracks"):
        issuing.issue(two, draft.id)
    paper.findings.clear()
    assert issuing.issue(two, draft.id, issue_on=END).number == "INV-2026-00001"


def test_a_credit_note_is_checked_and_names_what_it_credits(two, paper: Paper):
    billing.run(two, until=END, issue_on=END)
    ann = next(one for one in documents.listing(two) if one.customer == "ann")
    paper.findings["ann"] = (BROKEN,)
    with pytest.raises(ValidationFailed, match="cracks"):
        crediting.credit(two, ann.id, reason="Late", issue_on=END)
    paper.findings.clear()
    crediting.credit(two, ann.id, reason="Late", issue_on=END)
    assert paper.written[-1].credited.number == ann.number
    assert paper.written[-1].number == "CN-2026-00001"


def test_a_format_that_is_off_stops_the_document(two):
    """What could not be checked is not issued."""
    plugins.disable(two, "paper")
    off = operator_context("shop")
    summary = billing.run(off, until=END, issue_on=END).as_json()
    assert [one["customer"] for one in summary["parked"]] == ["ann"]
    assert set(numbers(two)) == {"bob"}


def test_a_format_that_fails_names_its_plugin(two, paper: Paper):
    paper.errors = [RuntimeError("no clay")] * 5
    summary = billing.run(two, until=END, issue_on=END).as_json()
    assert "no clay" in summary["parked"][0]["reason"]
    assert set(numbers(two)) == {"bob"}
