"""Jobs on a page: what was given up, and another try."""

import pytest

from billhook.db import db
from billhook.models.work import Outbox
from billhook.services import outbox, schedules
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.working import enqueued


@pytest.fixture
def dead(office):
    work = enqueued(office.ctx, "test.note")
    with office.ctx.transaction() as session:
        row = session.scalars(db.select(Outbox).where(Outbox.id == work)).one()
        row.state, row.last_error = "dead", "The disk is full."
    return work


def test_shows_what_was_given_up_and_why(office, dead):
    browser = office.visit()
    text = " ".join(Page(browser.get("/jobs").text).text.split())
    assert "test.note" in text
    assert "The disk is full." in text
    assert "test.note" not in browser.get("/jobs?state=done").text


def test_lets_it_be_tried_again(office, dead):
    browser = office.visit()
    answer = browser.send(f"/jobs/{dead}/retry", page="/jobs")
    assert answer.location == "/jobs?state=waiting"
    assert "test.note" in browser.get(answer.location).text
    assert [one.id for one in outbox.listing(office.ctx, state="dead")] == []


def test_needs_the_permission_and_the_forms_token(office, dead):
    auditor = office.visit(join("office", "otto@office.example", role="auditor").email)
    assert "/retry" not in auditor.get("/jobs").text
    refused = auditor.post(f"/jobs/{dead}/retry", {"csrf_token": auditor.token("/jobs")})
    assert refused.status_code == 403
    assert office.visit().post(f"/jobs/{dead}/retry").status_code == 400
    clerk = office.visit(join("office", "cleo@office.example", role="clerk").email)
    assert clerk.get("/jobs").status_code == 403


def test_several_are_tried_again_after_a_question(office, dead):
    browser = office.visit()
    token = browser.token("/jobs")
    asked = browser.post("/jobs/bulk/retry", {"csrf_token": token, "id": str(dead)})
    assert "1 job is tried again now, with all its attempts." in asked.text
    assert "test.note" in browser.get("/jobs").text
    sent = {"csrf_token": token, "id": str(dead), "confirmed": "yes"}
    assert browser.post("/jobs/bulk/retry", sent).status_code == 303
    assert "1 job is tried again." in browser.get("/jobs").text
    assert outbox.listing(office.ctx, state="dead") == []


def test_a_job_tells_why_it_failed_and_not_what_it_carries(office):
    work = enqueued(office.ctx, "test.note", payload={"of": "a secret"})
    page = office.visit().get(f"/jobs/{work}").text
    assert "test.note" in page
    assert "a secret" not in page


def test_what_recurs_is_listed(office):
    with office.ctx.transaction():
        schedules.run_due(office.ctx)
    assert "audit.link" in office.visit().get("/jobs/schedules").text
