"""What clients said is theirs: they get all of it, and it goes with them."""

import io
import zipfile

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import NotFound
from billhook.models.files import File
from billhook.services import documents, erasing, person_files, questions
from billhook.services.files import FileErased
from billhook.services.questions import Upload
from billhook.services.verifying import verify

FILE = Upload(name="our count.txt", content=b"quagga counted")


def written(write) -> dict[str, bytes]:
    out = io.BytesIO()
    write(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_customer_and_a_person_get_what_they_said_with_its_files(desk):
    question_id = desk.ask(text="Quagga asks", uploads=[FILE])
    questions.reply(desk.office.ctx, question_id, "Answered")
    ctx, kept = desk.office.ctx, desk.office.kept
    whole = written(lambda out: person_files.write_customer(ctx, kept.customers["ann"], out))
    assert b"Quagga asks" in whole["question_messages.json"]
    assert b"Answered" in whole["question_messages.json"]
    assert b"wrong_amount" in whole["questions.json"]
    own = written(lambda out: person_files.write_contact(ctx, kept.contacts["eve"], out))
    assert b"Quagga asks" in own["question_messages.json"]
    for archive in (whole, own):
        assert [body for name, body in archive.items() if name.endswith("count.txt")] == [
            b"quagga counted"
        ]
    others = written(lambda out: person_files.write_contact(ctx, kept.contacts["ed"], out))
    assert b"Quagga" not in others["question_messages.json"]


def test_a_person_who_is_forgotten_takes_their_words_along(desk):
    question_id = desk.ask(text="Quagga asks", uploads=[FILE])
    desk.reply(question_id, "Ed agrees", name="ed")
    ctx = desk.office.ctx
    file = questions.get(ctx, question_id).said[0].files[0]
    erasing.forget_contact(ctx, desk.office.kept.contacts["eve"])
    db.session.rollback()
    thread = questions.get(ctx, question_id)
    assert [(one.text, one.name) for one in thread.said] == [("", ""), ("Ed agrees", "Ed Ann")]
    assert thread.said[0].files[0].name == "erased.txt"
    with pytest.raises(FileErased):
        questions.file(ctx, question_id, file.id)
    page = desk.office.visit().get(f"/questions/{question_id}").text
    assert "What was said here was erased." in page
    assert "quagga" not in page.lower()


def test_an_erasure_takes_what_clients_said_and_leaves_the_books_whole(desk):
    question_id = desk.ask(text="Quagga asks", uploads=[FILE])
    ctx, kept = desk.office.ctx, desk.office.kept
    erasing.erase(ctx, kept.customers["ann"])
    db.session.rollback()
    thread = questions.get(ctx, question_id)
    assert thread.said[0].text == ""
    assert thread.entry.closed_at is not None
    assert "our count.txt" not in db.session.scalars(select(File.name)).all()
    assert documents.get(ctx, kept.invoices["ann"]).entry.number
    assert verify(ctx).is_whole
    with pytest.raises(NotFound):
        questions.get(ctx, kept.invoices["ann"])
