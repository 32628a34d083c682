"""Drafts on pages: how they would look, and that looking keeps nothing."""

from billhook.ids import new_id
from billhook.services import artefacts, drafting, issuing
from billhook.testing.browser import Page
from billhook.testing.shops import END


def test_lists_the_open_drafts_with_their_sums(office):
    text = " ".join(Page(office.visit().get("/drafts").text).text.split())
    assert "Łódź Software lodz" in text
    assert "5.00" in text


def test_a_preview_is_rendered_each_time_and_kept_nowhere(office):
    browser = office.visit()
    rendered = len(office.paper.rendered)
    answer = browser.get(f"/drafts/{office.draft}/preview")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("inline;")
    browser.get(f"/drafts/{office.draft}/preview")
    assert len(office.paper.rendered) == rendered + 2
    assert artefacts.of_document(office.ctx, office.draft) == []


def test_an_issued_draft_is_said_to_be_one(office):
    issuing.issue(office.ctx, office.draft, issue_on=END)
    answer = office.visit().get(f"/drafts/{office.draft}/preview")
    assert answer.status_code == 409
    assert "was issued" in answer.text


def test_no_draft_is_not_found(office):
    assert office.visit().get(f"/drafts/{new_id()}/preview").status_code == 404


def test_without_drafts_it_is_said_how_to_make_some(office):
    drafting.discard(office.ctx, office.draft, reason="not wanted")
    assert "let a bill run stop at drafts" in office.visit().get("/drafts").text
