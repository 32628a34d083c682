"""Jobs on a page: what was given up, and another try."""

import pytest

from billhook.db import db
from billhook.models.work import Outbox
from billhook.services import outbox
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
