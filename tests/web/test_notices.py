"""The bell and the page behind it: what a member is told, in their language, and that they read it."""

from datetime import date

import pytest

from billhook.ids import new_id
from billhook.services import notifications
from billhook.services.notifications import NoticeKind
from billhook.testing.browser import Page
from billhook.testing.members import join

FACTS = {
    NoticeKind.DELIVERY_FAILED: ({"number": "INV-7", "state": "bounced"}, "INV-7 came back."),
    NoticeKind.RUN_FINISHED: (
        {"documents": "1", "parked": "2", "until": str(date(2026, 10, 31)), "mode": "issue"},
        "The bill run is done: 1 document. 2 customers were set aside. See why.",
    ),
    NoticeKind.JOB_GIVEN_UP: ({"name": "audit.link", "plugin": ""}, "named audit.link was given"),
    NoticeKind.PLUGIN_FAILING: ({"plugin": "paper"}, "The plugin “paper” keeps failing."),
    NoticeKind.IMPORT_FINISHED: (
        {"name": "may.csv", "state": "done", "rows": "3"},
        "“may.csv” is imported: 3 rows.",
    ),
    NoticeKind.WEBHOOK_DISABLED: ({"reason": "failing"}, "A webhook has failed for five days"),
    NoticeKind.QUESTION_ASKED: ({"number": "INV-7", "kind": "dispute"}, "A client disputes INV-7"),
    NoticeKind.QUESTION_ANSWERED: ({"number": "INV-7"}, "A client wrote about INV-7"),
    NoticeKind.QUESTION_CLOSED: ({"number": "INV-7"}, "INV-7 is settled, says the client"),
    NoticeKind.QUESTION_ASSIGNED: ({"number": "INV-7"}, "about INV-7 was given to you"),
}


def tell(office, kind=NoticeKind.DELIVERY_FAILED, *, person=None, **about):
    facts, _text = FACTS[kind]
    with office.ctx.acting(), office.ctx.transaction():
        notifications.notify(
            office.ctx,
            [person or office.admin.person_id],
            kind,
            facts=facts,
            key=str(new_id()),
            **about,
        )


def test_says_each_kind_of_message_in_a_sentence(office):
    for kind in NoticeKind:
        tell(office, kind)
    text = " ".join(Page(office.visit().get("/notices").text).text.split())
    missing = [kind for kind, (_facts, sentence) in FACTS.items() if sentence not in text]
    assert missing == []
    assert FACTS.keys() == set(NoticeKind)


def test_the_bell_counts_what_is_new_until_it_is_read(office):
    browser = office.visit()
    tell(office, object_kind="delivery", object_id=office.delivery)
    tell(office, NoticeKind.JOB_GIVEN_UP)
    assert "2 new messages for you" in browser.get("/").text
    assert "2 new messages for you" in browser.get("/notices/bell").text
    links = [one["href"] for one in Page(browser.get("/notices").text).all("a")]
    followed = [
        browser.get(one).location
        for one in links
        if one.startswith("/notices/") and "bell" not in one
    ]
    assert f"/outbox/{office.delivery}" in followed
    assert "0 new messages for you" in browser.get("/notices/bell").text


def test_all_are_read_at_once(office):
    browser = office.visit()
    tell(office)
    assert browser.send("/notices/read", page="/notices").status_code == 303
    assert "0 new messages" in browser.get("/").text


def test_messages_of_others_are_not_found(office):
    clerk = join("office", "cleo@office.example", role="clerk")
    tell(office, person=clerk.person_id)
    with office.ctx.acting():
        (theirs,) = notifications.listing(clerk.ctx)
    browser = office.visit()
    assert browser.get(f"/notices/{theirs.id}").status_code == 404
    assert "INV-7" not in browser.get("/notices").text


@pytest.mark.parametrize("role", ["developer"])
def test_a_message_leads_nowhere_that_the_member_may_not_go(office, role):
    somebody = join("office", "dev@office.example", role=role)
    tell(office, person=somebody.person_id, object_kind="draft", object_id=office.draft)
    browser = office.visit(somebody.email)
    with office.ctx.acting():
        (notice,) = notifications.listing(somebody.ctx)
    assert browser.get(f"/notices/{notice.id}").location == "/notices"
