"""Files in by the API: brought, tried, stored, and each bad row told."""

from sqlalchemy import func, select

from billhook.db import db
from billhook.models.customers import Customer
from billhook.services import audit, import_runs
from billhook.services.import_runs import Options

FILE = b"Kundennummer,name,country,currency\nI-1,One,DE,EUR\nI-2,Two,QQ,EUR\nI-3,Three,DE,EUR\n"


def test_a_file_is_brought_tried_and_its_good_rows_stored(program):
    at = program()
    made = bring(at)
    assert (made.json["stage"], made.json["rows_total"]) == ("brought", 3)
    assert bring(at).json == made.json
    where = made.headers["Location"].removeprefix("/api/v1")
    assert at.get(where).json == made.json
    columns = at.get(f"{where}/columns").json["data"]
    assert columns[1] == {"header": "name", "samples": ["One", "Two", "Three"], "field": "name"}
    match = {"columns": {"Kundennummer": "reference"}}
    tried = at.post(f"{where}/check", match, key="try")
    assert tried.status_code == 200, tried.text
    assert (tried.json["stage"], tried.json["new"], tried.json["bad"]) == ("checked", 2, 1)
    (error,) = at.get(f"{where}/errors").json["data"]
    assert (error["line"], error["field"], error["code"]) == (3, "country", "country.unknown")
    bad = at.get(f"{where}/bad-rows").text.splitlines()
    assert bad[1].startswith("I-2,Two,QQ,EUR,country:")
    before = customers()
    assert at.post(f"{where}/store", {"skip_bad": False}).json["stage"] == "stopped"
    assert customers() == before
    stored = at.post(f"{where}/store", {"skip_bad": True}, key="go").json
    assert (stored["stage"], customers() - before) == ("stored", 2)
    assert at.post(f"{where}/store", {"skip_bad": True}, key="go").json == stored
    assert at.post(f"{where}/store", {"skip_bad": True}).status_code == 409
    assert at.get("/imports").json["data"] == [stored]


def test_a_file_that_is_none_is_refused_at_once(program):
    at = program()
    broken = at.upload("/imports", "a.xlsx", b"PK\x03\x04nothing", query={"kind": "customers"})
    assert (broken.status_code, broken.json["problems"][0]["field"]) == (422, "file")
    assert at.upload("/imports", "a.csv", FILE, query={"kind": "people"}).status_code == 400
    assert at.upload("/imports", "a.csv", FILE).json["problems"][0]["field"] == "kind"
    assert at.post("/imports?kind=customers", {}).status_code == 415


def test_who_brings_a_file_in_may_change_what_it_holds(program):
    at = program("imports.create")
    assert bring(at).status_code == 403
    fields = at.get("/import-kinds/customers/fields").json["data"]
    assert [one["field"] for one in fields if one["is_required"]] == ["reference"]
    header = at.get("/import-kinds/customers/template").text
    assert header.startswith("reference,")
    assert at.get("/import-kinds/people/template").status_code == 404
    assert program("customers.edit").get("/imports").status_code == 403


def test_a_reading_that_was_asked_for_is_not_asked_for_again_by_its_key(office):
    """As after a crash between the reading and the memory of its answer."""
    ctx = office.ctx
    content = FILE.replace(b"Kundennummer", b"reference")
    ids = {
        import_runs.bring(ctx, "customers", name="a.csv", content=content, key="bring")
        for _time in range(2)
    }
    (run_id,) = ids
    for _time in range(2):
        import_runs.check(ctx, run_id, Options(), key="check")
    for _time in range(2):
        import_runs.store(ctx, run_id, skip_bad=True, key="store")
    assert import_runs.get(ctx, run_id).result.new == 2
    finished = audit.listing(ctx, action="import.finished")
    assert len(finished) == 1


def bring(at):
    return at.upload("/imports", "a.csv", FILE, query={"kind": "customers"}, key="bring")


def customers() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0
