"""Members answer, close and give away what clients ask; two at once do not talk past each other."""

import io
from uuid import UUID

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.questions import QuestionKind, QuestionState
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.models.customers import Customer
from billhook.models.people import Member
from billhook.services import questions
from billhook.services.disputes import open_disputes
from billhook.services.portal import questions as client_questions
from billhook.services.portal.questions import NewQuestion
from billhook.services.questions import QuestionFilter, QuestionIsClosed, QuestionMoved, Taken


def acts(desk) -> list[str]:
    wanted = select(Audit.action).where(Audit.object_kind == "question").order_by(Audit.id)
    return list(db.session.scalars(wanted))


def found(desk, ctx=None, **wanted) -> list[UUID]:
    page = questions.search(ctx or desk.office.ctx, QuestionFilter(**wanted))
    return [one.id for one in page.rows]


def test_who_answers_first_has_the_task_and_each_act_is_noted(desk):
    question_id = desk.ask()
    ctx = desk.admin.ctx
    with ctx.acting():
        questions.reply(ctx, question_id, "We look")
        thread = questions.get(ctx, question_id)
        assert (thread.entry.state, thread.entry.assignee_id) == (
            QuestionState.ANSWERED,
            desk.admin.person_id,
        )
        assert [one.side for one in thread.said] == ["client", "company"]
        questions.close(ctx, question_id, "Corrected")
        questions.reopen(ctx, question_id, "Not quite")
        questions.assign(ctx, question_id, None)
    assert acts(desk) == [
        "question.replied",
        "question.closed",
        "question.reopened",
        "question.assigned",
    ]
    thread = questions.get(desk.office.ctx, question_id)
    assert thread.entry.state is QuestionState.ANSWERED
    assert open_disputes([thread.entry.document_id])


def test_the_second_of_two_answers_is_told_what_was_said_meanwhile(desk):
    question_id = desk.ask()
    ctx = desk.office.ctx
    version = questions.get(ctx, question_id).entry.version
    questions.reply(ctx, question_id, "First", version=version)
    for act in (questions.reply, questions.close):
        with pytest.raises(QuestionMoved):
            act(ctx, question_id, "Second", version=version)
    with pytest.raises(QuestionMoved):
        questions.assign(ctx, question_id, None, version=version)
    desk.reply(question_id, "And?")
    with pytest.raises(QuestionMoved):
        questions.reply(ctx, question_id, "Second", version=version + 1)
    assert [one.text for one in questions.get(ctx, question_id).said] == ["Why?", "First", "And?"]


def test_what_is_closed_takes_no_answer_and_what_is_open_no_opening(desk):
    question_id, ctx = desk.ask(), desk.office.ctx
    with pytest.raises(Conflict):
        questions.reopen(ctx, question_id, "x")
    for act in (questions.reply, questions.close, questions.reopen):
        with pytest.raises(ValidationFailed):
            act(ctx, question_id, " ")
    questions.close(ctx, question_id, "Done")
    for act in (questions.reply, questions.close):
        with pytest.raises(QuestionIsClosed):
            act(ctx, question_id, "x")
    with pytest.raises(NotFound):
        questions.reply(ctx, new_id(), "x")


def test_an_answer_with_a_key_is_given_once(desk):
    question_id, ctx = desk.ask(), desk.office.ctx
    first = questions.reply(ctx, question_id, "One", key="k")
    assert questions.reply(ctx, question_id, "One", key="k") == first
    assert len(questions.get(ctx, question_id).said) == 2


def test_a_list_is_narrowed_as_finance_works(desk):
    dispute = desk.ask()
    question = desk.ask("lech", "lodz", kind=QuestionKind.QUESTION, reason="")
    ctx = desk.admin.ctx
    with ctx.acting():
        assert found(desk, ctx) == [question, dispute]
        questions.reply(ctx, question, "Because")
        assert found(desk, ctx, state=QuestionState.OPEN) == [dispute]
        assert found(desk, ctx, kind=QuestionKind.DISPUTE) == [dispute]
        assert found(desk, ctx, customer="lodz") == [question]
        assert found(desk, ctx, text="ann & s") == [dispute]
        assert found(desk, ctx, taken=Taken.MINE) == [question]
        assert found(desk, ctx, taken=Taken.NOBODY) == [dispute]
        assert found(desk, ctx, older_than_days=1) == []
        questions.close(ctx, dispute, "Done")
        assert found(desk, ctx, is_unsettled=True) == [question]
        assert questions.waiting(ctx) == 0
        first = questions.search(ctx, QuestionFilter(), limit=1)
        second = questions.search(ctx, QuestionFilter(), limit=1, after=first.next)
        assert [one.id for one in (*first.rows, *second.rows)] == [question, dispute]


def test_who_sees_some_customers_sees_their_questions_alone(desk):
    ann, lodz = desk.ask(), desk.ask("lech", "lodz")
    carl = desk.join("carl@office.example")
    ctx = desk.office.ctx
    with ctx.transaction() as session:
        member = session.scalars(select(Member).where(Member.person_id == carl.person_id)).one()
        member.scope = "own"
        customer = session.scalars(select(Customer).where(Customer.reference == "ann")).one()
        customer.owner_id = carl.person_id
    theirs = carl.ctx
    with theirs.acting():
        assert found(desk, theirs) == [ann]
        assert questions.waiting(theirs) == 1
        for act in (questions.get, lambda c, i: questions.reply(c, i, "x")):
            with pytest.raises(NotFound):
                act(theirs, lodz)
        questions.reply(theirs, ann, "Mine")
    with pytest.raises(ValidationFailed):
        questions.assign(ctx, lodz, carl.person_id)
    assert carl.person_id not in {one.person_id for one in questions.answerers(ctx, lodz)}


def test_who_may_not_answer_gets_no_task(desk):
    question_id = desk.ask()
    sam = desk.join("sam@office.example", role="sales")
    with pytest.raises(ValidationFailed):
        questions.assign(desk.office.ctx, question_id, sam.person_id)
    with sam.ctx.acting():
        questions.get(sam.ctx, question_id)
        with pytest.raises(Forbidden):
            questions.reply(sam.ctx, question_id, "x")


def test_the_pages_answer_close_and_open_again(desk):
    question_id = desk.ask()
    visit = desk.office.visit()
    page = f"/questions/{question_id}"
    assert "Dispute of" in visit.get(page).text
    assert 'class="side-count">1<' in visit.get("/questions").text

    def say(act: str, text: str, version: int, **files: object):
        data = {"act": act, "text": text, "version": str(version), **files}
        return visit.send(f"{page}/say", data, page=page)

    assert say("reply", "", 1).status_code == 422
    sheet = {"files": (io.BytesIO(b"a;b"), "count €.csv")}
    assert say("reply", "See the file", 1, **sheet).status_code == 303
    moved = say("close", "Too late", 1)
    assert moved.status_code == 409
    assert "Too late" in moved.text
    assert 'name="version" type="hidden" value="2"' in moved.text
    assert say("close", "Done", 2).status_code == 303
    assert say("reopen", "Again", 3).status_code == 303
    db.session.rollback()
    thread = questions.get(desk.office.ctx, question_id)
    assert [one.text for one in thread.said] == ["Why?", "See the file", "Done", "Again"]
    file = visit.get(f"{page}/files/{thread.said[1].files[0].id}")
    named = file.headers["Content-Disposition"]  # a server writes headers in Latin-1
    assert named.startswith("attachment;")
    assert named.endswith("filename*=UTF-8''count%20%E2%82%AC.csv")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    given = {"assignee_id": "", "version": "4"}
    assert visit.send(f"{page}/assign", given, page=page).status_code == 303
    assert "Nobody" in visit.get("/questions?state=all&taken=nobody&age=1&kind=dispute").text


def test_a_guest_sees_the_one_document_and_the_threads_of_their_link(desk):
    guest, other = desk.guest(), desk.guest()
    invoices = desk.office.kept.invoices

    def new(customer: str) -> NewQuestion:
        return NewQuestion(document_id=invoices[customer], kind=QuestionKind.QUESTION, text="Why?")

    hidden = desk.ask()
    with guest.ctx.acting():
        with pytest.raises(NotFound):
            client_questions.ask(guest, new("lodz"))
        asked = client_questions.ask(guest, new("ann"))
        client_questions.reply(guest, asked, "And?")
        assert [one.id for one in client_questions.listing(guest).rows] == [asked]
        with pytest.raises(NotFound):
            client_questions.thread(guest, hidden)
    with other.ctx.acting():
        assert client_questions.listing(other).rows == ()
        for act in (client_questions.thread, client_questions.settle):
            with pytest.raises(NotFound):
                act(other, asked)
    eve = desk.office.client("eve")
    with eve.ctx.acting():  # who may enter sees what guests of theirs asked
        assert client_questions.thread(eve, asked).entry.guest_link_id == guest.guest_link_id
