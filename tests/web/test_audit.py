"""The audit log on a page: who did what, found by number, and exported."""

import csv
import io

from billhook.services import acts, documents
from billhook.testing.browser import Page
from billhook.testing.members import join


def words(browser, path: str) -> str:
    return " ".join(Page(browser.get(path).text).text.split())


def number_of(office) -> str:
    with office.ctx.acting():
        return documents.get(office.ctx, office.invoice).entry.number


def test_finds_what_was_done_to_a_document_by_its_number(office):
    browser = office.visit()
    text = words(browser, f"/audit?search={number_of(office)}")
    assert "document.issued" in text
    assert "person.joined" not in text
    assert f'href="/documents/{office.invoice}"' in browser.get("/audit?kind=document").text


def test_narrows_by_person_kind_and_day(office):
    browser = office.visit()
    mine = f"/audit?person={office.admin.person_id}"
    assert "person.joined" in words(browser, mine)
    assert "document.issued" not in words(browser, mine)  # the operator issued it
    assert "Nothing is like this." in words(browser, "/audit?until=2020-01-01")
    assert "document.issued" in words(browser, "/audit?since=2020-01-01&kind=document")


def test_shows_an_act_with_its_details_and_what_else_was_done(office):
    with office.ctx.acting():
        (act, *_rest) = acts.search(
            office.ctx, acts.ActFilter(text=number_of(office)), limit=5
        ).rows
    text = words(office.visit(), f"/audit/{act.id}")
    assert act.action in text
    assert number_of(office) in text
    assert "Link of the chain" in text
    assert office.visit().get(f"/audit/{office.draft}").status_code == 404


def test_is_exported_as_it_is_narrowed(office):
    found = office.visit().get("/audit/export.csv?kind=document")
    rows = list(csv.DictReader(io.StringIO(found.text.lstrip("\ufeff"))))
    assert {row["kind"] for row in rows} == {"Document"}
    assert "document.issued" in {row["action"] for row in rows}


def test_needs_the_permission(office):
    clerk = office.visit(join("office", "cleo@office.example", role="clerk").email)
    assert clerk.get("/audit").status_code == 403
    assert clerk.get(f"/audit/{office.draft}").status_code == 403
