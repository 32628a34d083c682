"""Everything out by the API."""

import csv
import io

from openpyxl import load_workbook


def test_each_kind_is_loaded_as_csv_and_as_workbook(program):
    at = program()
    for one in at.get("/exports").json["data"]:
        found = at.get(f"/exports/{one['kind']}")
        assert found.status_code == 200, found.text
        rows = list(csv.reader(io.StringIO(found.text)))
        book = at.get(f"/exports/{one['kind']}", format="xlsx")
        sheet = load_workbook(io.BytesIO(book.data)).active
        assert [cell.value for cell in sheet[1]] == rows[0]
        assert sheet.max_row == len(rows)
        assert f"{one['kind']}.xlsx" in book.headers["Content-Disposition"]
    acts = at.get("/audit", object_kind="export").json["data"]
    assert len(acts) == 8


def test_an_export_needs_the_scope_that_shows_its_kind(program):
    at = program("exports.create", "products.view")
    assert at.get("/exports/products").status_code == 200
    refused = at.get("/exports/customers")
    assert (refused.status_code, refused.json["code"]) == (403, "access.forbidden")
    assert at.get("/exports/secrets").status_code == 404
    assert at.get("/exports/products", format="pdf").status_code == 400
