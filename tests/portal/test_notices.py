"""Notices: what a client is told, once, and sees alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from billhook.clock import SystemClock
from billhook.db import db
from billhook.domain.states import DraftState
from billhook.errors import Forbidden
from billhook.ids import first_id_of
from billhook.jobs.drainer import drain
from billhook.models.clients import ClientNotice
from billhook.models.customers import Contact
from billhook.models.drafts import Draft
from billhook.models.work import Outbox
from billhook.services import crediting, issuing, preferences
from billhook.services.portal import announcing, clients, letters, notices
from billhook.services.portal.notices import ClientNoticeKind
from billhook.testing.outward import CHANNEL
from billhook.testing.shops import END

from .conftest import EVE


def tell(office, *names, key="one", number="R-1"):
    with office.ctx.transaction():
        notices.tell(
            office.ctx,
            [office.kept.contacts[name] for name in names],
            ClientNoticeKind.DOCUMENT_ISSUED,
            facts={"number": number, "type": "invoice"},
            object_kind="document",
            object_id=office.kept.invoices["ann"],
            key=key,
        )


def test_a_contact_is_told_once_by_one_key(office):
    tell(office, "eve", "ed")
    tell(office, "eve")
    tell(office, "eve", key="two")
    eve, ed = office.client("eve"), office.client("ed")
    with eve.ctx.acting():
        assert notices.unread(eve) == 2
        assert [one.facts["number"] for one in notices.listing(eve)] == ["R-1", "R-1"]
    with ed.ctx.acting():
        assert notices.unread(ed) == 1


def test_reading_is_each_one_s_own(office):
    tell(office, "eve", "ed", "lech")
    eve, lech = office.client("eve"), office.client("lech")
    with eve.ctx.acting():
        [mine] = notices.listing(eve)
    with lech.ctx.acting():
        notices.mark_read(lech, [mine.id])
    with eve.ctx.acting():
        assert notices.unread(eve) == 1
        notices.mark_read(eve, [mine.id])
        assert notices.unread(eve) == 0
    unread = select(func.count()).select_from(ClientNotice).where(ClientNotice.read_at.is_(None))
    assert db.session.scalar(unread) == 2


def test_the_first_page_shows_what_is_unread_however_old(office):
    tell(office, "eve", key="old", number="R-OLD")
    for number in range(3):
        tell(office, "eve", key=f"new {number}", number=f"R-{number}")
    eve = office.client("eve")
    with eve.ctx.acting():
        newer = [one.id for one in notices.listing(eve, limit=3)]
        notices.mark_read(eve, newer)
    home = office.at_portal(EVE).get("/").text
    assert "R-OLD" in home
    assert "R-0" not in home


def test_a_member_who_looks_sees_no_person_s_notices_and_marks_none(office):
    tell(office, "eve")
    looking = clients.looked_at(
        office.ctx, office.kept.customers["ann"], office.kept.admin.person_id
    )
    with looking.ctx.acting():
        assert notices.listing(looking) == []
        assert notices.unread(looking) == 0
        with pytest.raises(Forbidden):
            notices.mark_all_read(looking)


def told(office, name):
    """Return the ids of the documents of which somebody was told."""
    client = office.client(name)
    with client.ctx.acting():
        return [one.object_id for one in notices.listing(client)]


def issue_draft(office):
    """Issue Łódź's open draft; return the document's id."""
    draft = db.session.scalars(select(Draft.id).where(Draft.state == DraftState.OPEN.value)).one()
    return issuing.issue(office.ctx, draft, issue_on=END, key="test").id


def test_the_people_of_customer_and_payer_are_told_of_documents_once(office):
    drain()
    assert set(told(office, "eve")) == {office.kept.invoices["ann"], office.kept.note}
    assert told(office, "ed") == told(office, "eve")
    assert told(office, "lech") == [office.kept.invoices["lodz"]]
    batches = db.session.scalars(select(Outbox.batch_id).where(Outbox.name == "document.issued"))
    with office.ctx.transaction():
        for batch in set(batches):
            announcing.announce(office.ctx, batch)
    assert len(told(office, "lech")) == 1


def test_nobody_hears_of_a_document_that_is_void(office):
    drain()
    first = issue_draft(office)
    crediting.void(office.ctx, first, reason="Wrong", issue_on=END)
    drain()
    assert told(office, "lech") == [office.kept.invoices["lodz"]]


def test_what_was_told_of_a_document_goes_when_it_is_voided(office):
    first = issue_draft(office)
    drain()
    assert first in told(office, "lech")
    crediting.void(office.ctx, first, reason="Wrong", issue_on=END)
    drain()
    assert told(office, "lech") == [office.kept.invoices["lodz"]]


def test_mail_goes_to_whom_wants_it_and_is_not_sent_the_document(office):
    drain()
    with office.ctx.transaction() as session:
        lech = session.get(Contact, (office.ctx.tenant.id, office.kept.contacts["lech"]))
        lech.mails = [ClientNoticeKind.DOCUMENT_ISSUED.value]
    document = issue_draft(office)
    drain()
    [letter] = queued()
    assert letter["contact_id"] == str(office.kept.contacts["lech"])
    assert letter["path"] == f"/documents/{document}"


def test_who_is_sent_the_document_is_not_written_to_about_it(office):
    drain()
    preferences.save(office.ctx, "lodz", preferences.PreferenceChange(channels=CHANNEL))
    with office.ctx.transaction() as session:
        lech = session.get(Contact, (office.ctx.tenant.id, office.kept.contacts["lech"]))
        lech.mails = [ClientNoticeKind.DOCUMENT_ISSUED.value]
        lech.receives = "cc"
    issue_draft(office)
    drain()
    assert queued() == []


def queued():
    """Return the payloads of all letters that were asked for."""
    return db.session.scalars(select(Outbox.payload).where(Outbox.name == letters.JOB)).all()


def test_old_notices_are_forgotten(office):
    tell(office, "eve", key="old")
    with office.ctx.transaction() as session:
        session.execute(
            update(ClientNotice)
            .values(id=first_id_of(SystemClock().now() - notices.KEPT - timedelta(days=1)))
            .execution_options(synchronize_session=False)
        )
    tell(office, "eve", key="new")
    assert notices.tidy(office.ctx) == 1
    assert notices.tidy(office.ctx) == 0
    eve = office.client("eve")
    with eve.ctx.acting():
        assert [one.kind for one in notices.listing(eve)] == [ClientNoticeKind.DOCUMENT_ISSUED]
