"""The outbox: each message as it went out, what became of it, and another try."""

import html
import re

import pytest

from billhook.errors import Rejected
from billhook.problems import Problem
from billhook.services import delivering
from billhook.testing.browser import Page
from billhook.testing.members import join


@pytest.fixture
def olga(office):
    return office.visit()


@pytest.fixture
def refused(office):
    """A delivery that the other side refused for good."""
    problem = Problem(code="paper.refused", message="The pigeon knows no such roof.")
    delivery = delivering.send(office.ctx, office.note).id
    office.paper.errors.append(Rejected([problem]))
    delivering.attempt(office.ctx, delivery)
    return delivery


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def test_lists_what_went_to_whom_and_why_it_failed(olga, office, refused):
    text = words(olga.get("/outbox"))
    assert "ann@client.example" in text
    assert "The pigeon knows no such roof." in text
    failed = olga.get("/outbox?state=failed").text
    assert str(refused) in failed
    assert str(office.delivery) not in failed
    assert "Nothing is like this" in words(olga.get("/outbox?state=opened"))


def test_leads_to_older_messages(olga, office, refused, monkeypatch):
    monkeypatch.setattr("billhook.web.list_routes.PAGE", 1)
    first = olga.get("/outbox").text
    assert str(office.delivery) not in first
    (older,) = {
        html.unescape(path) for path in re.findall(r'href="(/outbox\?after=[^"]+)"', first)
    }
    assert str(office.delivery) in olga.get(older).text


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("search=ann@client", True),
        ("search=inv-2026", True),
        ("search=Sons", True),
        ("search=nobody", False),
        ("channel=paper.pigeon", True),
        ("channel=fax.line", False),
        ("customer=ann", True),
        ("customer=bob", False),
        ("since=2026-11-20&until=2099-01-01", True),
        ("until=2026-01-01", False),
    ],
)
def test_finds_messages_by_what_people_know_of_them(olga, office, query, is_found):
    assert (str(office.delivery) in olga.get(f"/outbox?{query}").text) is is_found


def test_tries_chosen_messages_again_after_a_question(olga, office, refused):
    fields = {"id": [str(refused), str(office.delivery)]}
    asked = olga.send("/outbox/bulk/retry", fields, page="/outbox")
    assert "2 messages are tried again now" in words(asked)
    assert delivering.get(office.ctx, refused).entry.state == "failed"
    answer = olga.send("/outbox/bulk/retry", {**fields, "confirmed": "yes"}, page="/outbox")
    text = words(olga.get(answer.location))
    assert "1 message is tried again now" in text
    assert "This was sent" in text


def test_shows_a_message_with_all_who_get_it_and_every_step(olga, office):
    text = words(olga.get(f"/outbox/{office.delivery}"))
    assert "Ann & Sons <script>alert(1)</script> ann@client.example" in text
    assert "INV-2026-00001.pdf" in text
    assert "1,481.40" in text  # in the text of the message
    assert "Taken by the other side" in text


def test_the_message_runs_and_loads_nothing(olga, office):
    page = olga.get(f"/outbox/{office.delivery}")
    (frame,) = Page(page.text).all("iframe")
    assert frame["sandbox"] == ""
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    message = olga.get(frame["src"])
    policy = message.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert message.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<script" not in message.text
    assert "Work &amp; &lt;b&gt;more&lt;/b&gt;" in message.text


def test_pictures_of_a_message_are_inside_of_it(olga, office):
    message = olga.get(f"/outbox/{office.delivery}/message").text
    assert 'src="data:image/png;base64,iVBORw0KGgo' in message
    assert "cid:" not in message


def test_what_failed_is_tried_again(olga, office, refused):
    answer = olga.send(f"/outbox/{refused}/retry", page=f"/outbox/{refused}")
    assert answer.location == f"/outbox/{refused}"
    assert "It is tried again now" in words(olga.get(answer.location))
    delivering.attempt(office.ctx, refused)
    assert "Taken by the other side" in words(olga.get(answer.location))


def test_what_was_sent_is_not_tried_again(olga, office):
    token = olga.token(f"/outbox/{office.delivery}")
    answer = olga.post(f"/outbox/{office.delivery}/retry", {"csrf_token": token})
    assert answer.status_code == 409


def test_without_the_forms_token_nothing_is_tried(olga, office, refused):
    assert olga.post(f"/outbox/{refused}/retry").status_code == 400
    assert delivering.get(office.ctx, refused).entry.state == "failed"


def test_who_may_not_send_sees_no_button_and_has_no_way_around(office, refused):
    auditor = office.visit(join("office", "otto@office.example", role="auditor").email)
    page = auditor.get(f"/outbox/{refused}")
    assert page.status_code == 200
    assert "/retry" not in page.text
    answer = auditor.post(f"/outbox/{refused}/retry", {"csrf_token": auditor.token("/outbox")})
    assert answer.status_code == 403


def test_what_failed_reaches_a_person_where_everybody_begins(office, refused):
    page = office.visit().get("/")
    assert "1 message did not go out." in page.text
    assert 'href="/outbox?state=failed"' in page.text
    delivering.retry(office.ctx, refused)
    delivering.attempt(office.ctx, refused)
    assert "This waits for you" not in office.visit().get("/").text
