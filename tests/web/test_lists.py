"""What every list does: sort, columns, saved views, files; shown on the list of documents."""

import csv
import io

import pytest
from openpyxl import load_workbook
from tests.web.test_documents import link, words

from billhook.testing.browser import Page


@pytest.fixture
def olga(office):
    return office.visit()


def numbers(answer):
    return [word for word in words(answer).split() if word.startswith(("INV-", "CN-"))]


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode())))


def test_a_column_sorts_both_ways(olga):
    up = olga.get("/documents?sort=gross&type=invoice")
    down = olga.get("/documents?sort=-gross&type=invoice")
    assert numbers(up) == numbers(down)[::-1]
    assert numbers(down)[0] == "INV-2026-00001"
    assert 'aria-sort="descending"' in down.text


def test_an_order_that_is_none_is_the_usual_one(olga):
    assert numbers(olga.get("/documents?sort=nonsense")) == numbers(olga.get("/documents"))


def test_columns_are_those_that_the_address_names(olga):
    head = Page(olga.get("/documents?column=number&column=net").text).all("th")
    assert len(head) == 2


def test_a_file_holds_all_that_was_found_in_the_columns_shown(olga):
    found = rows(olga.get("/documents/export.csv?type=invoice&column=number&column=gross"))
    assert [row["number"] for row in found] == [f"INV-2026-0000{n}" for n in (3, 2, 1)]
    assert found[-1] == {
        "number": "INV-2026-00001",
        "gross": "1481.4",
        "gross_currency": "GBP",
    }


def test_a_workbook_holds_the_same(olga):
    answer = olga.get("/documents/export.xlsx?column=number")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert [cell.value for cell in sheet["A"]][:2] == ["number", "CN-2026-00001"]


def test_a_file_takes_the_permission_to_export(office):
    from billhook.testing.members import join

    clerk = join("office", "clerk@office.example", role="clerk")
    assert office.visit(clerk.email).get("/documents/export.csv").status_code == 403


def test_another_kind_of_file_is_not_there(olga):
    assert olga.get("/documents/export.exe").status_code == 404


def test_a_view_keeps_the_filters_and_goes_again(olga):
    answer = olga.send(
        "/documents/views?type=invoice&sort=-gross",
        {"title": "Big <b>ones</b>"},
        page="/documents",
    )
    assert answer.status_code == 303
    page = olga.get("/documents")
    assert link(page, "Big <b>ones</b>") == "/documents?type=invoice&sort=-gross"
    (gone,) = [f["action"] for f in Page(page.text).all("form") if "/drop" in f.get("action", "")]
    olga.send(gone, page="/documents")
    assert "Big" not in words(olga.get("/documents"))


def test_a_view_is_ones_own_unless_it_is_shared(office, olga):
    from billhook.testing.members import join

    ann = office.visit(join("office", "ann@office.example", role="clerk").email)
    olga.send("/documents/views?type=invoice", {"title": "Mine"}, page="/documents")
    olga.send(
        "/documents/views?type=invoice",
        {"title": "Ours", "is_shared": "yes"},
        page="/documents",
    )
    seen = ann.get("/documents")
    assert "Ours" in words(seen)
    assert "Mine" not in words(seen)
    (drop,) = [
        form["action"]
        for form in Page(olga.get("/documents").text).all("form")
        if "/drop" in form.get("action", "")
    ][-1:]
    assert ann.send(drop, page="/documents").status_code == 404


def test_a_view_needs_a_name(olga):
    olga.send("/documents/views?type=invoice", {"title": " "}, page="/documents")
    assert "Give the view a name" in words(olga.get("/documents"))
