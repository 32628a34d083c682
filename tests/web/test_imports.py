"""Files on pages: matched, tried, stored by who may, bad rows out again; and everything out."""

import io
from uuid import UUID

import pytest

from billhook.db import db
from billhook.domain.states import ChargeState
from billhook.jobs.drainer import drain
from billhook.services import charging, import_runs, importing, notifications
from billhook.services.import_runs import reading
from billhook.testing.browser import Page
from billhook.testing.members import join

CUSTOMERS = "Kd-Nr,name,country,Notiz\nC1,Carl,GB,x\nC2,Cleo,GB,y\n"
CHARGES = "customer,reference,date,description,amount\n{rows}"
GOOD = "ann,R1,2026-10-01,Tea,10\n"
BAD = 'zoe,R2,2026-10-01,"Coffee, black",5\nann,R3,October,Milk,2\n'


@pytest.fixture
def olga(office):
    return office.visit()


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def brought(browser, kind, content, name="file.csv", **fields):
    """Bring a file in; return the address of its page."""
    data = {
        "csrf_token": browser.token("/imports/new"),
        "kind": kind,
        "file": (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name),
        **fields,
    }
    return browser.post("/imports", data, content_type="multipart/form-data")


def checked(browser, kind, content, **columns):
    """Bring a file in and try it; return the address of its page."""
    page = brought(browser, kind, content).location
    assert browser.send(f"{page}/check", columns, page=page).status_code == 303
    return page


def open_charges(office):
    db.session.rollback()
    found = charging.listing(office.ctx, state=ChargeState.OPEN)
    return {one.reference for one in found if one.source == "csv"}


class TestMatching:
    def test_columns_are_guessed_and_shown_with_their_values(self, olga):
        page = olga.get(brought(olga, "customers", CUSTOMERS).location)
        text = words(page)
        assert "Kd-Nr" in text
        assert "Carl · Cleo" in text
        chosen = [one["value"] for one in Page(page.text).all("option") if "selected" in one]
        assert chosen == ["name", "country"]

    def test_a_column_can_be_matched_and_one_left_out(self, olga, office):
        page = checked(olga, "customers", CUSTOMERS, **{"column-0": "reference", "column-2": ""})
        text = words(olga.get(page))
        assert "Bad 2" in text  # without a country
        again = {"column-0": "reference", "column-2": "country"}
        olga.send(f"{page}/check", again, page=f"{page}?columns=1")
        text = words(olga.get(page))
        assert "New 2" in text
        assert "Columns that were not read: Notiz" in text

    def test_a_needed_column_that_nobody_matched_is_told(self, olga):
        text = words(olga.get(checked(olga, "customers", CUSTOMERS)))
        assert "Cannot be read" in text
        assert "No column is “reference”" in text

    @pytest.mark.parametrize(
        ("kind", "content", "told"),
        [
            ("customers", b"", "The file is empty"),
            ("customers", b"\xd0\xcf\x11\xe0 old", "old Excel file"),
            ("", CUSTOMERS.encode(), "Say what the file holds."),
        ],
    )
    def test_what_is_no_file_of_rows_is_told_at_once(self, olga, kind, content, told):
        answer = brought(olga, kind, content)
        assert answer.status_code == 422
        assert told in Page(answer.text).text

    def test_utf_16_is_read_as_any_other(self, olga):
        page = brought(olga, "customers", CUSTOMERS.encode("utf-16")).location
        assert "Carl · Cleo" in words(olga.get(page))

    def test_a_form_is_there_for_each_kind(self, olga):
        for kind in importing.KINDS:
            header = olga.get(f"/imports/template/{kind}.csv").text.strip().split(",")
            page = brought(olga, kind, ",".join(header) + "\n").location
            chosen = Page(olga.get(page).text).all("option")
            assert [one["value"] for one in chosen if "selected" in one] == header


class TestStoring:
    def test_rows_are_tried_then_stored(self, olga, office):
        page = checked(olga, "charges", CHARGES.format(rows=GOOD))
        assert "Nothing is stored yet" in words(olga.get(page))
        assert open_charges(office) == set()
        olga.send(f"{page}/store", {"rows": "all"}, page=page)
        text = words(olga.get(page))
        assert "Stored" in text
        assert "New 1" in text
        assert open_charges(office) == {"R1"}
        assert "file.csv" in words(olga.get("/imports"))

    def test_bad_rows_stand_with_line_column_and_what_to_do_and_come_out_again(self, olga, office):
        page = checked(olga, "charges", CHARGES.format(rows=GOOD + BAD))
        text = words(olga.get(page))
        assert "3 customer There is no customer “zoe”" in text
        assert "4 date “October” is not a date" in text
        lines = olga.get(f"{page}/bad-rows.csv").text.splitlines()
        assert lines[0].endswith(",amount,What to do")
        assert lines[1].startswith('zoe,R2,2026-10-01,"Coffee, black",5,')
        assert len(lines) == 3
        olga.send(f"{page}/store", {"rows": "good"}, page=page)
        assert open_charges(office) == {"R1"}

    def test_what_is_stored_is_not_stored_again(self, olga, office):
        page = checked(olga, "charges", CHARGES.format(rows=GOOD))
        token = {"csrf_token": olga.token(page), "rows": "all"}
        assert olga.post(f"{page}/store", token).status_code == 303
        assert olga.post(f"{page}/store", token).status_code == 409

    def test_a_large_file_is_left_to_a_job_that_tells_when_it_is_done(
        self, olga, office, monkeypatch
    ):
        monkeypatch.setattr(reading, "AT_ONCE", 0)
        page = checked(olga, "charges", CHARGES.format(rows=GOOD))
        assert "Being checked" in words(olga.get(page))
        assert "hx-get" in olga.get(f"{page}/progress").text
        drain()
        assert olga.get(f"{page}/progress").headers["HX-Refresh"] == "true"
        olga.send(f"{page}/store", {"rows": "all"}, page=page)
        drain()
        assert open_charges(office) == {"R1"}
        told = [one for one in told_to(office) if one.object_kind == "import_run"]
        assert [one.object_id for one in told] == [UUID(page.rpartition("/")[2])]

    def test_a_job_does_no_more_than_who_asked_for_it_may(self, office, monkeypatch):
        monkeypatch.setattr(reading, "AT_ONCE", 0)
        clerk = join("office", "cleo@office.example", role="clerk")
        browser = office.visit(clerk.email)
        page = checked(browser, "charges", CHARGES.format(rows=GOOD))
        from billhook.services import people

        people.change_role(office.ctx, clerk.person_id, "auditor")
        drain()
        db.session.rollback()
        entry = import_runs.get(office.ctx, UUID(page.rpartition("/")[2]))
        assert entry.stage is import_runs.Stage.FAILED
        assert "permission" in entry.result.reason


def told_to(office):
    with office.admin.ctx.acting():
        return notifications.listing(office.admin.ctx)


def test_who_may_not_change_products_is_not_offered_their_import(office):
    browser = office.visit(join("office", "cleo@office.example", role="clerk").email)
    text = words(browser.get("/imports/new"))
    assert "Charges" in text
    answer = brought(browser, "products", "sku,name\nA,B\n")
    assert answer.status_code == 422


class TestExports:
    @pytest.mark.parametrize("kind", ["customers", "products", "charges", "documents"])
    def test_everything_of_a_kind_goes_out_in_both_formats(self, olga, kind):
        assert f"/exports/{kind}.csv" in olga.get("/exports").text
        assert olga.get(f"/exports/{kind}.csv").mimetype == "text/csv"
        assert olga.get(f"/exports/{kind}.xlsx").data.startswith(b"PK")

    def test_what_is_none_is_not_found(self, olga):
        assert olga.get("/exports/ledger.csv").status_code == 404
        assert olga.get("/exports/customers.pdf").status_code == 404

    @pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("clerk", 403)])
    def test_is_for_those_who_may_take_data_out(self, office, role, status):
        browser = office.visit(join("office", f"{role}@office.example", role=role).email)
        assert browser.get("/exports").status_code == status
        assert browser.get("/exports/customers.csv").status_code == status
