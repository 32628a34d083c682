"""Both sides of a question at the same moment: one stands just before its commit when the other comes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from tests.portal.meeting import ORDERS, by_client, by_staff, meet

from billhook.clock import FixedClock
from billhook.db import db
from billhook.domain.questions import QuestionKind
from billhook.errors import Conflict, Forbidden, NotFound
from billhook.models.clients import DocumentSeen, GuestLink
from billhook.models.documents import DocumentEvent
from billhook.models.questions import Question, QuestionMessage
from billhook.services import billing, client_access, crediting, document_links, erasing
from billhook.services import documents as staff_documents
from billhook.services import questions as staff
from billhook.services.portal import guest_links, guests, questions
from billhook.services.portal.questions import NewQuestion
from billhook.services.portal.settings import LINK_DAYS
from billhook.services.questions import QuestionIsClosed, QuestionMoved, Upload
from billhook.testing.shops import END, make_charge

FILE = Upload(name="count.txt", content=b"one, two")


def count(row) -> int:
    return db.session.scalar(select(func.count()).select_from(row))


def thread(question_id) -> tuple[str, list[str]]:
    """Return the state, and what was done, in order."""
    db.session.rollback()
    state = db.session.scalars(select(Question.state)).one()
    acts = select(QuestionMessage.act).order_by(QuestionMessage.id)
    return state, list(db.session.scalars(acts))


def new(document_id, text="Why?") -> NewQuestion:
    return NewQuestion(document_id=document_id, kind=QuestionKind.QUESTION, text=text)


def ask(desk, name="eve", key="once", **given):
    """Ask about Ann's invoice, in a thread of its own."""
    wanted = new(desk.office.kept.invoices["ann"], **given)
    wanted = replace(wanted, uploads=[FILE])
    return by_client(desk.office, name, lambda client: questions.ask(client, wanted, key=key))


def test_a_form_that_is_sent_twice_at_once_asks_once(desk):
    first, second = meet(desk.office.app, ask(desk), ask(desk))
    assert first.answer == second.answer is not None
    assert (count(Question), count(QuestionMessage)) == (1, 1)


def test_colleagues_who_ask_at_once_ask_two_questions(desk):
    first, second = meet(desk.office.app, ask(desk), ask(desk, "ed"))
    assert (first.refusal, second.refusal) == (None, None)
    assert count(Question) == 2


def test_two_members_who_answer_at_once_answer_once(desk):
    """Who answers second reads first what the first said."""
    question_id = desk.ask()

    def reply(text):
        return by_staff(lambda ctx: staff.reply(ctx, question_id, text, version=1))

    won, lost = meet(desk.office.app, reply("We look."), reply("We look, too."))
    assert won.refusal is None
    assert isinstance(lost.refusal, QuestionMoved)
    assert thread(question_id) == ("answered", ["", ""])


@ORDERS
def test_nothing_is_said_about_what_is_just_closed(desk, is_turned):
    question_id = desk.ask()
    close = by_staff(lambda ctx: staff.close(ctx, question_id, "Settled.", version=1))
    say = by_client(
        desk.office, "eve", lambda eve: questions.reply(eve, question_id, "One more thing")
    )
    won, lost = meet(desk.office.app, *((say, close) if is_turned else (close, say)))
    assert won.refusal is None
    assert isinstance(lost.refusal, QuestionMoved if is_turned else QuestionIsClosed)
    assert thread(question_id) == (("open", ["", ""]) if is_turned else ("closed", ["", "closed"]))


def test_both_sides_who_open_it_again_at_once_open_it_once(desk):
    question_id = desk.ask()
    staff.close(desk.office.ctx, question_id, "Settled.")
    ours = by_staff(lambda ctx: staff.reopen(ctx, question_id, "Wait."))
    theirs = by_client(
        desk.office, "eve", lambda eve: questions.reopen(eve, question_id, "Not for us.")
    )
    won, lost = meet(desk.office.app, ours, theirs)
    assert won.refusal is None
    assert type(lost.refusal) is Conflict
    assert thread(question_id) == ("answered", ["", "closed", "reopened"])


def test_colleagues_who_settle_it_at_once_settle_it_once(desk):
    question_id = desk.ask()

    def settle(name):
        return by_client(desk.office, name, lambda client: questions.settle(client, question_id))

    first, second = meet(desk.office.app, settle("eve"), settle("ed"))
    assert (first.refusal, second.refusal) == (None, None), "for both it is settled"
    assert thread(question_id) == ("closed", ["", "closed"])


def test_two_members_are_given_it_at_once_and_one_has_it(desk):
    question_id = desk.ask()
    people = [desk.join(f"{name}@office.example").person_id for name in ("bob", "zoe")]

    def give(person_id):
        return by_staff(lambda ctx: staff.assign(ctx, question_id, person_id, version=1))

    won, lost = meet(desk.office.app, *(give(one) for one in people))
    assert won.refusal is None
    assert isinstance(lost.refusal, QuestionMoved)
    assert db.session.scalars(select(Question.assignee_id)).one() == people[0]


# Who is kept out, and erased


@ORDERS
def test_what_is_said_while_a_customer_is_erased_is_erased(desk, is_turned):
    """A question that came a moment later would have kept what nobody looks for any more."""
    ann = desk.office.kept.customers["ann"]
    erase = by_staff(lambda ctx: erasing.erase(ctx, ann))
    with (eve := desk.office.client("eve")).ctx.acting():
        questions.subject(eve, desk.office.kept.invoices["ann"])  # the form
    asking = ask(desk, text="My secret")
    won, lost = meet(desk.office.app, *((erase, asking) if is_turned else (asking, erase)))
    assert won.refusal is None
    assert type(lost.refusal) is (NotFound if is_turned else type(None))
    assert db.session.scalars(select(QuestionMessage.text)).all() == ([] if is_turned else [""])


def test_who_is_just_kept_out_says_nothing_more(desk):
    question_id = desk.ask()
    eve_id = desk.office.kept.contacts["eve"]
    say = by_client(desk.office, "eve", lambda eve: questions.reply(eve, question_id, "More"))
    end = by_staff(lambda ctx: client_access.end(ctx, eve_id))
    _won, lost = meet(desk.office.app, end, say)
    assert isinstance(lost.refusal, Forbidden)
    assert thread(question_id) == ("open", [""])


# What a document and a link allow


@pytest.fixture
def fresh(desk):
    """An invoice of Ann's that nobody has opened."""
    ctx = desk.office.ctx
    make_charge(ctx, desk.office.kept.customers["ann"], "9")
    billing.run(ctx, until=END, issue_on=END)
    return staff_documents.listing(ctx, customer="ann")[0].id


def test_who_asks_about_a_document_has_seen_it(desk, fresh):
    eve = desk.office.client("eve")
    with eve.ctx.acting():
        questions.ask(eve, new(fresh))
    with pytest.raises(Conflict, match="Credit it instead of voiding it"):
        crediting.void(desk.office.ctx, fresh, reason="Wrong", issue_on=END)


def test_what_a_form_shows_of_a_document_is_a_look_at_it(desk, fresh):
    eve = desk.office.at_portal("eve@ann.example")
    assert "Work" in eve.get(f"/documents/{fresh}/question").text
    db.session.rollback()
    assert db.session.scalars(select(DocumentSeen.document_id)).all() == [fresh]


@ORDERS
def test_no_question_is_about_what_is_just_made_void(desk, fresh, is_turned):
    asking = by_client(desk.office, "eve", lambda eve: questions.ask(eve, new(fresh)))
    void = by_staff(lambda ctx: crediting.void(ctx, fresh, reason="Wrong", issue_on=END))
    won, lost = meet(desk.office.app, *((void, asking) if is_turned else (asking, void)))
    assert won.refusal is None
    assert isinstance(lost.refusal, NotFound if is_turned else Conflict)
    assert (count(Question), count(DocumentEvent)) == ((0, 1) if is_turned else (1, 0))


@pytest.fixture
def link(desk):
    """A link to Ann's invoice, and whoever has it."""
    ctx, invoice = desk.office.ctx, desk.office.kept.invoices["ann"]
    with ctx.transaction():
        link_id = guest_links.make(ctx, invoice)
    guest = guests.opened(ctx, guest_links.token_of(ctx, link_id, invoice))
    db.session.rollback()
    return guest


def by_guest(guest, act):
    def run():
        with guest.ctx.acting():
            return act(guest)

    return run


def acts_of_guest(desk, link):
    with link.ctx.acting():
        question_id = questions.ask(link, new(link.document_id))
    return {
        "ask": lambda guest: questions.ask(guest, new(link.document_id), key="k"),
        "reply": lambda guest: questions.reply(guest, question_id, "More"),
        "settle": lambda guest: questions.settle(guest, question_id),
    }


@pytest.mark.parametrize("act", ["ask", "reply", "settle"])
def test_nothing_is_written_by_a_link_that_is_just_ended(desk, link, act):
    """The link was good when the request began."""
    write = by_guest(link, acts_of_guest(desk, link)[act])
    before = count(QuestionMessage)
    end = by_staff(lambda ctx: document_links.revoke(ctx, link.document_id, link.guest_link_id))
    won, lost = meet(desk.office.app, end, write)
    assert won.refusal is None
    assert isinstance(lost.refusal, NotFound)
    assert count(QuestionMessage) == before


def test_whoever_ends_a_link_waits_for_what_is_just_written_by_it(desk, link):
    with link.ctx.acting():
        questions.subject(link, link.document_id)  # the form
    asking = by_guest(link, lambda guest: questions.ask(guest, new(link.document_id)))
    end = by_staff(lambda ctx: document_links.revoke_all(ctx, link.document_id))
    first, second = meet(desk.office.app, asking, end)
    assert (first.refusal, second.refusal, second.answer) == (None, None, 1)
    assert count(Question) == 1
    assert db.session.scalars(select(GuestLink.revoked_at)).one() is not None


def test_a_link_that_has_expired_meanwhile_writes_nothing(desk, link):
    later = FixedClock(link.ctx.now() + timedelta(days=LINK_DAYS))
    late = replace(link, ctx=replace(link.ctx, clock=later))
    with late.ctx.acting(), pytest.raises(NotFound):
        questions.ask(late, new(link.document_id))
