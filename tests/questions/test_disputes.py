"""A disputed document says so wherever it stands, until the dispute is closed."""

import csv
import io

from billhook.domain.questions import QuestionKind
from billhook.services import document_search, exporting, open_items, questions
from billhook.services.document_search import DocumentFilter
from billhook.services.open_items import ItemFilter


def disputed(desk) -> list[str]:
    rows = document_search.search(desk.office.ctx, DocumentFilter(is_disputed=True)).rows
    return [one.entry.customer for one in rows if one.is_disputed]


def exported(desk) -> list[str]:
    out = io.BytesIO()
    exporting.run(desk.office.ctx, "documents", out)
    rows = csv.DictReader(io.StringIO(out.getvalue().decode()))
    return [row["customer"] for row in rows if row["is_disputed"] == "yes"]


def test_a_dispute_shows_on_pages_lists_and_open_items_until_it_is_closed(desk):
    question_id = desk.ask()
    desk.ask("lech", "lodz", kind=QuestionKind.QUESTION, reason="")  # a question disputes nothing
    office = desk.office
    assert disputed(desk) == exported(desk) == ["ann"]
    items = open_items.receivables(office.ctx, ItemFilter()).rows
    assert {one.payer: one.is_disputed for one in items}["ann"]
    assert [one.payer for one in items if one.is_disputed] == ["ann"]
    visit = office.visit()
    invoice, customer = office.kept.invoices["ann"], office.kept.customers["ann"]
    pages = (f"/documents/{invoice}", "/documents?disputed=yes", f"/customers/{customer}")
    for page in pages:
        assert "Disputed" in visit.get(page).text, page
    assert f"/questions/{question_id}" in visit.get(pages[0]).text
    assert "2 questions of clients wait" in visit.get("/").text
    sheet = visit.get("/documents/export.csv?disputed=yes&column=number&column=disputed")
    assert sheet.text.count("Disputed") == 1
    questions.close(office.ctx, question_id, "Corrected")
    assert disputed(desk) == exported(desk) == []
    assert "Disputed</span>" not in visit.get(pages[0]).text
