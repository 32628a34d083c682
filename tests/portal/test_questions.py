"""Clients ask and dispute at the portal: what is taken, who reads it, and who cannot."""

import io
import zipfile
from uuid import UUID

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.questions import QuestionKind, QuestionState
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.i18n import language
from billhook.ids import new_id
from billhook.models.questions import Question, QuestionMessage
from billhook.services import crediting
from billhook.services import questions as staff
from billhook.services.disputes import open_disputes
from billhook.services.portal import clients, guest_links, questions
from billhook.services.portal.questions import NewQuestion
from billhook.services.questions import QuestionIsClosed, Upload

from .conftest import ED, EVE, LECH

PDF = b"%PDF-1.7 hello"


def disputed(document_id, **given) -> NewQuestion:
    fields = {"reason": "wrong_amount", "text": "Too much <b>", **given}
    return NewQuestion(document_id=document_id, kind=QuestionKind.DISPUTE, **fields)


def asked(office, name="eve", **given) -> UUID:
    client = office.client(name)
    with client.ctx.acting():
        invoice = given.pop("document_id", office.kept.invoices["ann"])
        return questions.ask(client, disputed(invoice, **given))


def refused(office, **given) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as caught:
        asked(office, **given)
    return {one.path: one.code for one in caught.value.problems}


def count(row) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(row))


def ask_path(office, kind="dispute") -> str:
    return f"/documents/{office.kept.invoices['ann']}/{kind}"


def test_a_client_disputes_a_line_and_both_sides_read_it(office):
    eve = office.at_portal(EVE)
    path = ask_path(office)
    form = eve.get(f"{path}?line=1").text
    assert '<option selected value="1">Line 1: Work &amp; &lt;b&gt;more' in form
    sent = eve.send(
        path,
        {
            "line": "1",
            "reason": "wrong_amount",
            "amount": "1,000.50",
            "text": "Too much <script>",
            "files": (io.BytesIO(PDF), "our count.pdf"),
        },
    )
    assert sent.status_code == 303, sent.text
    page = eve.get(sent.location).text
    assert "Too much &lt;script&gt;" in page
    assert "1,000.50 GBP" in page
    assert "Waits for our answer" in page
    row = db.session.scalars(select(Question)).one()
    assert (row.kind, row.line_no, row.amount, row.state) == ("dispute", 1, 100050, "open")
    assert open_disputes([row.document_id]) == {row.document_id}
    assert "our count.pdf" in office.visit().get(f"/questions/{row.id}").text


def test_files_are_saved_and_never_shown(office):
    eve = office.at_portal(EVE)
    data = {"text": "See", "files": (io.BytesIO(b"<html><script>"), "note €.txt")}
    thread = eve.send(ask_path(office, "question"), data).location
    found = staff.get(office.ctx, UUID(thread.rpartition("/")[2]))
    file = found.said[0].files[0]
    response = eve.get(f"{thread}/files/{file.id}")
    assert response.data == b"<html><script>"
    named = response.headers["Content-Disposition"]  # a server writes headers in Latin-1
    assert named.startswith("attachment;")
    assert named.endswith("filename*=UTF-8''note%20%E2%82%AC.txt")
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    lech = office.at_portal(LECH)
    assert lech.get(thread).status_code == 404
    assert lech.get(f"{thread}/files/{file.id}").status_code == 404
    other = asked(office, "lech", document_id=office.kept.invoices["lodz"])
    assert lech.get(f"/questions/{other}/files/{file.id}").status_code == 404


def workbook(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.html", b"<html>", "file.type_unknown"),
        ("a.svg", b"<svg/>", "file.type_unknown"),
        ("a.exe", b"MZ", "file.type_unknown"),
        ("a.pdf.exe", PDF, "file.type_unknown"),
        ("pdf", PDF, "file.type_unknown"),
        ("a.pdf", b"MZ\x90", "file.type_differs"),
        ("a.png", b"<svg/>", "file.type_differs"),
        ("a.txt", b"\x7fELF\x00", "file.type_differs"),
        ("a.xlsx", b"PK\x03\x04", "file.type_differs"),
        ("a.xlsx", workbook("classes.dex"), "file.type_differs"),
        ("a.xlsx", workbook("xl/workbook.xml", "xl/vbaProject.bin"), "file.type_differs"),
        ("a.pdf", b"", "file.empty"),
        ("a.pdf", PDF + bytes(5 * 1024 * 1024), "file.too_large"),
    ],
)
def test_what_is_no_plain_file_is_refused(name, content, code):
    from billhook.services.questions import attached

    with pytest.raises(ValidationFailed) as caught:
        attached.lay(None, [Upload(name=name, content=content)])
    assert [(one.path, one.code) for one in caught.value.problems] == [("files", code)]


def test_too_many_files_and_too_large_ones_together_are_refused(office):
    small = [Upload(name=f"{number}.pdf", content=PDF) for number in range(6)]
    assert refused(office, uploads=small) == {"files": "question.too_many_files"}
    large = [Upload(name="a.pdf", content=PDF + bytes(4 * 1024 * 1024))] * 3
    assert refused(office, uploads=large) == {"files": "question.files_too_large"}
    fine = [Upload(name="a.xlsx", content=workbook("xl/workbook.xml")), *small[:4]]
    found = staff.get(office.ctx, asked(office, uploads=fine))
    assert {one.name for one in found.said[0].files} == {"a.xlsx", *(f"{n}.pdf" for n in range(4))}


def test_what_was_typed_is_told_at_its_field(office):
    assert refused(office, reason="") == {"reason": "input.missing"}
    assert refused(office, reason="nonsense") == {"reason": "input.unknown_choice"}
    assert refused(office, line_no=7) == {"line": "question.line_unknown"}
    assert refused(office, text="  ") == {"text": "input.missing"}
    assert refused(office, text="x" * 5001) == {"text": "input.too_long"}
    for amount, code in (
        ("0", "question.amount_beyond"),
        ("1,481.41", "question.amount_beyond"),
        ("1234,50", "question.amount_unreadable"),
        ("1e3", "question.amount_unreadable"),
        ("-1", "question.amount_unreadable"),
    ):
        assert refused(office, amount=amount) == {"amount": code}, amount
    eve = office.client("eve")
    with eve.ctx.acting(), language("de"):
        new = disputed(office.kept.invoices["ann"], amount="1.234,50")
        question_id = questions.ask(eve, new)
    assert staff.get(office.ctx, question_id).entry.amount == 123450


def test_a_form_that_comes_back_keeps_what_was_typed(office):
    eve = office.at_portal(EVE)
    page = eve.send(ask_path(office), {"text": "", "amount": "12,5", "line": "1"})
    assert page.status_code == 422
    assert 'value="12,5"' in page.text
    assert '<option selected value="1">' in page.text
    assert "Say what is wrong." in page.text
    assert "Write something first." in page.text


def test_a_form_that_is_sent_twice_is_one_question(office):
    eve = office.at_portal(EVE)
    path = ask_path(office, "question")
    data = {"text": "Why?", "key": "k-1", "csrf_token": eve.token(path)}
    first = eve.post(path, data)
    assert eve.post(path, data).location == first.location
    assert count(Question) == 1
    reply = {**data, "text": "And?", "key": "k-2"}
    for _ in range(2):
        assert eve.post(f"{first.location}/reply", reply).status_code == 303
    assert count(QuestionMessage) == 2


def test_what_is_of_others_is_not_there(office):
    lech = office.at_portal(LECH)
    for path in (ask_path(office), ask_path(office, "question")):
        assert lech.get(path).status_code == 404
    question_id = asked(office)
    token = lech.token(
        "/questions/" + str(asked(office, "lech", document_id=office.kept.invoices["lodz"]))
    )
    for act in ("reply", "settle", "reopen"):
        sent = lech.post(f"/questions/{question_id}/{act}", {"csrf_token": token, "text": "x"})
        assert sent.status_code == 404, act
    posted = lech.post(ask_path(office), {"csrf_token": token, "text": "x", "reason": "other"})
    assert posted.status_code == 404
    assert lech.get(f"/questions/{new_id()}").status_code == 404
    assert count(QuestionMessage) == 2
    assert "Dispute of" in office.at_portal(ED).get("/questions").text  # a colleague of eve's
    assert str(question_id) not in lech.get("/questions").text


def test_a_voided_document_takes_no_question(office):
    invoice = office.kept.invoices["lodz"]
    crediting.void(office.ctx, invoice, reason="Wrong")
    lech = office.at_portal(LECH)
    assert lech.get(f"/documents/{invoice}/question").status_code == 404
    with pytest.raises(NotFound):
        asked(office, "lech", document_id=invoice)


def test_an_answer_is_answered_settled_and_opened_again(office):
    question_id = asked(office)
    staff.reply(office.ctx, question_id, "We will look")
    eve = office.at_portal(EVE)
    home = f"/questions/{question_id}"
    assert '<span class="count">1</span>' in eve.get(home).text.replace("\n", "")
    assert eve.send(f"{home}/reply", {"text": "Thanks"}, page=home).status_code == 303
    assert staff.get(office.ctx, question_id).entry.state is QuestionState.OPEN
    assert eve.send(f"{home}/settle", page=home).status_code == 303
    db.session.rollback()
    assert open_disputes([office.kept.invoices["ann"]]) == frozenset()
    page = eve.send(f"{home}/reply", {"text": "One more"}, page=home)
    assert page.status_code == 409
    assert "One more" in page.text
    empty = eve.send(f"{home}/reopen", {"text": ""}, page=home)
    assert empty.status_code == 422
    assert eve.send(f"{home}/reopen", {"text": "Still"}, page=home).status_code == 303
    db.session.rollback()
    found = staff.get(office.ctx, question_id)
    assert [one.text for one in found.said] == [
        "Too much <b>",
        "We will look",
        "Thanks",
        "",
        "Still",
    ]
    assert found.entry.closed_at is None


def test_a_client_cannot_answer_what_is_closed(office):
    question_id = asked(office)
    staff.close(office.ctx, question_id, "Corrected")
    eve = office.client("eve")
    with eve.ctx.acting():
        with pytest.raises(QuestionIsClosed):
            questions.reply(eve, question_id, "But")
        questions.settle(eve, question_id)
    assert len(staff.get(office.ctx, question_id).said) == 2


def test_who_looks_for_the_company_reads_and_cannot_write(office):
    question_id = asked(office)
    look = clients.looked_at(office.ctx, office.kept.customers["ann"], office.kept.admin.person_id)
    with look.ctx.acting():
        assert questions.thread(look, question_id).entry.id == question_id
        for act in (
            lambda: questions.ask(look, disputed(office.kept.invoices["ann"])),
            lambda: questions.reply(look, question_id, "x"),
            lambda: questions.settle(look, question_id),
            lambda: questions.reopen(look, question_id, "x"),
        ):
            with pytest.raises(Forbidden):
                act()


def test_a_contact_asks_ten_times_an_hour(office):
    eve, path = office.at_portal(EVE), ask_path(office, "question")
    token = eve.token(path)

    def send(text: str) -> int:
        return eve.post(path, {"csrf_token": token, "text": text}).status_code

    assert send("") == 422  # what has to be corrected first does not count
    assert [send(f"Number {number}") for number in range(11)] == [303] * 10 + [429]
    assert count(Question) == 10


def test_a_guest_asks_and_reads_the_answer_at_the_link(office):
    invoice = office.kept.invoices["ann"]
    with office.ctx.transaction():
        links = [guest_links.make(office.ctx, invoice) for _ in range(2)]
    mine, other = (f"/d/{guest_links.token_of(office.ctx, one, invoice)}" for one in links)
    stranger = office.stranger()
    assert f"{mine}/question?line=1" in stranger.get(mine).text
    asked = stranger.send(f"{mine}/dispute", {"reason": "other", "text": "By link", "line": "1"})
    assert asked.status_code == 303, asked.text
    thread = asked.location
    assert "By link" in stranger.get(thread).text
    question_id = UUID(thread.rpartition("/")[2])
    staff.reply(office.ctx, question_id, "For you")
    assert "For you" in stranger.get(thread).text
    assert stranger.send(f"{thread}/reply", {"text": "Thanks"}, page=thread).status_code == 303
    assert stranger.send(f"{thread}/settle", page=thread).status_code == 303
    assert stranger.send(f"{thread}/reopen", {"text": "Hm"}, page=thread).status_code == 303
    assert str(question_id) in stranger.get(f"{mine}/questions").text
    assert stranger.get(f"{other}/questions/{question_id}").status_code == 404
    assert stranger.get(f"{mine}/questions/{asked_by_eve(office)}").status_code == 404
    assert stranger.get(f"/questions/{question_id}").status_code == 303  # to the log-in
    assert "By link" in office.at_portal(ED).get(f"/questions/{question_id}").text
    assert stranger.get(thread).headers["Cache-Control"] == "no-store"


def asked_by_eve(office) -> UUID:
    db.session.rollback()
    return asked(office)


def test_the_document_leads_to_the_question(office):
    page = office.at_portal(EVE).get(f"/documents/{office.kept.invoices['ann']}").text
    for path in (
        ask_path(office),
        ask_path(office, "question"),
        f"{ask_path(office, 'question')}?line=1",
    ):
        assert f'href="/portal/office{path}"' in page, path
