"""Each side is told once of what the other says: by a notice, and by mail in the reader's language."""

from sqlalchemy import select, update

from billhook.db import db
from billhook.domain.questions import QuestionKind
from billhook.jobs.drainer import drain
from billhook.models.customers import Contact, Customer
from billhook.models.people import Person
from billhook.models.tenants import Tenant
from billhook.models.work import Outbox
from billhook.services import customer_merging, notifications, questions
from billhook.services.portal import notices
from billhook.services.portal import questions as client_questions
from billhook.services.portal.questions import NewQuestion
from billhook.services.questions import telling


def told(somebody) -> list[str]:
    db.session.rollback()
    with somebody.ctx.acting():
        kinds = [one.kind.value for one in notifications.listing(somebody.ctx)]
        return [kind for kind in kinds if kind.startswith("question.")]


def client_told(desk, name: str) -> list[str]:
    client = desk.office.client(name)
    with client.ctx.acting():
        kinds = [one.kind.value for one in notices.listing(client)]
        return [kind for kind in kinds if kind.startswith("question.")]


def mailed(desk) -> list[tuple[str, str]]:
    memos = desk.office.paper.memos
    found = [(memo.to, memo.message.subject) for memo in memos]
    memos.clear()
    return found


def change(desk, row, wanted, **values) -> None:
    with desk.office.ctx.transaction() as session:
        session.execute(update(row).where(wanted).values(**values))


def test_a_question_reaches_those_who_answer_by_notice_and_mail(desk):
    carl = desk.join("carl@office.example")
    sam = desk.join("sam@office.example", role="sales")
    change(desk, Person, Person.id == carl.person_id, language="de")
    change(desk, Tenant, Tenant.id == desk.office.ctx.tenant.id, email="desk@office.example")
    question_id = desk.ask(text="Too <much>")
    drain()
    assert told(carl) == told(desk.admin) == ["question.asked"]
    assert told(sam) == []
    memos = {memo.to: memo for memo in desk.office.paper.memos}
    assert set(memos) == {desk.admin.email, "carl@office.example", "desk@office.example"}
    assert memos["carl@office.example"].language == "de"
    text = memos[desk.admin.email].message.text
    assert "Eve Ann writes:\n\nToo <much>\n\n" in text
    assert f"/questions/{question_id}" in text
    visit = desk.office.visit()
    assert "A client disputes" in visit.get("/notices").text


def test_what_is_said_more_reaches_who_has_the_task_else_the_owner(desk):
    question_id = desk.ask()
    carl, owen = desk.join("carl@office.example"), desk.join("owen@office.example")
    drain()
    mailed(desk)
    change(desk, Customer, Customer.reference == "ann", owner_id=owen.person_id)
    desk.reply(question_id, "And?")
    drain()
    assert [to for to, _subject in mailed(desk)] == ["owen@office.example"]
    with desk.admin.ctx.acting():
        questions.assign(desk.admin.ctx, question_id, carl.person_id)
    assert told(carl)[0] == "question.assigned"
    desk.reply(question_id, "Hello?")
    drain()
    assert [to for to, _subject in mailed(desk)] == ["carl@office.example"]
    assert told(carl)[0] == "question.answered"


def test_an_answer_reaches_who_asked_once(desk):
    question_id = desk.ask()
    drain()
    mailed(desk)
    questions.reply(desk.office.ctx, question_id, "Because")
    drain()
    work = db.session.scalars(select(Outbox).where(Outbox.name == "questions.tell")).all()[-1]
    with desk.office.ctx.transaction():
        telling.tell(desk.office.ctx, "question.answered", work.payload)  # once more
    drain()
    assert client_told(desk, "eve") == ["question.answered"]
    assert client_told(desk, "ed") == []
    assert [to for to, _subject in mailed(desk)] == ["eve@ann.example"]
    questions.close(desk.office.ctx, question_id, "Done")
    drain()
    assert client_told(desk, "eve")[0] == "question.closed"
    ((_to, subject),) = mailed(desk)
    assert subject.endswith("is closed")


def test_what_a_guest_asked_is_told_to_all_who_may_enter(desk):
    guest = desk.guest()
    with guest.ctx.acting():
        new = NewQuestion(document_id=guest.document_id, kind=QuestionKind.QUESTION, text="Why?")
        question_id = client_questions.ask(guest, new)
    drain()
    change(desk, Contact, Contact.id == desk.office.kept.contacts["ed"], portal_rights=[])
    mailed(desk)
    questions.reply(desk.office.ctx, question_id, "Because")
    drain()
    assert [to for to, _subject in mailed(desk)] == ["eve@ann.example"]


def test_what_somebody_asked_who_is_gone_is_told_to_their_colleagues(desk):
    question_id = desk.ask()
    drain()
    change(desk, Contact, Contact.id == desk.office.kept.contacts["eve"], portal_rights=[])
    mailed(desk)
    questions.reply(desk.office.ctx, question_id, "Because")
    drain()
    assert [to for to, _subject in mailed(desk)] == ["ed@ann.example"]


def test_who_asked_is_told_after_their_company_was_merged_into_another(desk):
    office = desk.office
    question_id = desk.ask("lech", "lodz")
    customers = office.kept.customers
    zoe = desk.join("zoe@office.example")
    change(desk, Customer, Customer.id == customers["ann"], owner_id=zoe.person_id)
    customer_merging.merge(office.ctx, duplicate_id=customers["lodz"], kept_id=customers["ann"])
    drain()
    assert told(zoe) == ["question.asked"], "the customer that was kept is hers"
    mailed(desk)
    questions.reply(office.ctx, question_id, "Because")
    drain()
    assert client_told(desk, "lech") == ["question.answered"]
    assert [to for to, _subject in mailed(desk)] == ["lech@lodz.example"]
