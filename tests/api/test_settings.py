"""The company's settings, tax registrations, series, own fields and rates by the API."""

from datetime import datetime, timedelta

from billhook.testing import programs
from billhook.testing.members import open_tenant


def test_a_company_is_changed_in_the_version_that_was_read(program):
    at = program()
    read = at.get("/company")
    assert read.json["slug"] == "office"
    assert read.json["cash_rounding"] == "0.00"
    choices = at.get("/company/choices").json
    assert choices["tax_engines"] == ["tax_rules.rules"]
    changes = {"city": "Bonn", "cash_rounding": "0.05", "channels": choices["channels"]}
    changed = at.patch("/company", changes, headers={"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    assert (changed.json["city"], changed.json["cash_rounding"]) == ("Bonn", "0.05")
    assert changed.json == at.get("/company").json
    assert at.patch("/company", {"channels": []}).json["channels"] == []
    stale = at.patch("/company", {"city": "Köln"}, headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json["code"]) == (412, "precondition.failed")


def test_a_change_of_the_company_names_each_field_at_fault(program):
    at = program()
    wrong = {"cash_rounding": "half", "email": "nobody"}
    assert fields(at.patch("/company", wrong)) == ["cash_rounding"]
    wrong = {"channels": ["pigeon"], "time_zone": "Mars/Dune", "tax_engine": "none.such"}
    assert sorted(fields(at.patch("/company", wrong))) == ["channels", "tax_engine", "time_zone"]
    assert program("tenant.view").patch("/company", {"city": "X"}).status_code == 403


def test_first_steps_and_second_factor_are_settings_too(program):
    at = program()
    steps = at.get("/company/first-steps").json
    assert {"step": "customer", "is_done": True} in steps["steps"]
    assert at.patch("/company/first-steps", {"is_dismissed": True}).status_code == 204
    assert at.get("/company/first-steps").json["is_dismissed"]
    assert at.put("/company/second-factor", {"is_required": True}).status_code == 204
    assert at.get("/company").json["requires_second_factor"]


def test_only_a_sandbox_moves_its_clock(program):
    at = program()
    refused = at.post("/clock/advance", {"by": 31})
    assert (refused.status_code, refused.json["code"]) == (409, "resource.conflict")
    assert not at.get("/clock").json["is_sandbox"]


def test_a_sandbox_goes_forward_and_never_too_far(app):
    ctx = open_tenant("box", is_sandbox=True)
    with ctx.acting():
        at = programs.program(app, ctx, "tenant.view", "tenant.manage")
    before = datetime.fromisoformat(at.get("/clock").json["now"])
    moved = at.post("/clock/advance", {"by": 31}, key="month")
    assert at.post("/clock/advance", {"by": 31}, key="month").json == moved.json
    after = datetime.fromisoformat(at.get("/clock").json["now"])
    assert timedelta(days=31) <= after - before < timedelta(days=32)
    assert fields(at.post("/clock/advance", {"by": 10_000_000_000})) == ["by"]


def test_a_tax_registration_is_added_and_ends(program):
    at = program()
    made = at.post("/tax-registrations", {"place": "CA-QC", "number": "1234567890TQ0001"}, key="q")
    assert made.status_code == 201, made.text
    assert made.json["scheme"] == "qst"
    where = made.headers["Location"].removeprefix("/api/v1")
    assert at.get(where).json == made.json
    ended = at.patch(where, {"until": "2026-06-30"}).json
    assert (ended["number"], ended["until"]) == (made.json["number"], "2026-06-30")
    held = at.get("/tax-registrations", on="2026-07-01").json["data"]
    assert made.json["id"] not in [one["id"] for one in held]
    assert at.patch(where, {"until": None}).json["until"] is None
    assert fields(at.post("/tax-registrations", {"place": "DE", "number": "DE1"})) == ["number"]
    assert fields(at.post("/tax-registrations", {"place": "ZZ"})) == ["place"]


def test_a_series_tells_its_next_numbers_and_is_changed(program):
    at = program()
    listed = at.get("/series").json["data"]
    one = at.get("/series/invoices")
    assert one.json in listed
    assert one.json["runs"][0]["last_number"] == 3
    trial = at.post("/series/invoices/preview", {"pattern": "X-{yyyy}-{number:3}"}).json
    assert [number[-4:] for number in trial["next_numbers"]] == ["-004", "-005", "-006"]
    etag = {"If-Match": one.headers["ETag"]}
    changed = at.patch("/series/invoices", {"pattern": "X-{yyyy}-{number:3}"}, headers=etag)
    assert changed.json["next_numbers"] == trial["next_numbers"]
    assert at.patch("/series/invoices", {"pattern": "Y"}, headers=etag).status_code == 412
    assert fields(at.patch("/series/invoices", {"first_number": 9})) == ["first_number"]
    assert at.get("/series/nothing").status_code == 404
    (numbers,) = [
        one for one in at.get("/series/numbers").json["data"] if one["series"] == "invoices"
    ]
    assert (numbers["count"], numbers["missing"]) == (3, 0)


def test_a_brand_gets_a_series_of_its_own_once(program):
    at = program()
    wanted = {"brand": "default", "document_type": "invoice", "pattern": "OWN-{number}"}
    made = at.post("/series", wanted, key="own")
    assert made.status_code == 201, made.text
    assert at.post("/series", wanted, key="own").json == made.json
    assert fields(at.post("/series", wanted)) == ["brand"]
    assert at.post("/series", wanted | {"brand": "nobody"}).status_code == 404


def test_own_fields_are_added_changed_moved_and_laid_aside(program):
    at = program()
    wanted = {"subject": "customer", "label": "Region", "kind": "choice", "choices": ["N", "S"]}
    made = at.post("/custom-fields", wanted)
    assert (made.status_code, made.json["key"]) == (201, "region")
    second = at.post("/custom-fields", {"subject": "customer", "label": "Cost centre"}).json
    where = made.headers["Location"].removeprefix("/api/v1")
    etag = {"If-Match": made.headers["ETag"]}
    changed = at.patch(where, {"label": "Area"}, headers=etag).json
    assert (changed["label"], changed["key"], changed["choices"]) == ("Area", "region", ["N", "S"])
    assert at.patch(where, {"label": "Again"}, headers=etag).status_code == 412
    assert at.post(f"{where}/move", {"direction": "down"}).json["position"] == 2
    ids = [one["id"] for one in at.get("/custom-fields", subject="customer").json["data"]]
    assert ids == [second["id"], made.json["id"]]
    assert not at.post(f"{where}/lay-aside").json["is_active"]
    active = at.get("/custom-fields", state="active").json["data"]
    assert [one["id"] for one in active] == [second["id"]]
    assert at.post(f"{where}/take-up").json["is_active"]
    assert fields(at.post("/custom-fields", wanted | {"label": "area"})) == ["label"]


def test_rates_are_entered_and_listed_page_by_page(program):
    at = program()
    for day, rate in (("2026-01-01", "0.9"), ("2026-02-01", "0.91"), ("2026-03-01", "0.92")):
        kept = at.put("/fx-rates", {"currency": "USD", "on": day, "rate": rate})
        assert kept.status_code == 200, kept.text
    assert kept.json["base_currency"] == at.get("/company").json["currency"]
    again = at.put("/fx-rates", {"currency": "USD", "on": "2026-03-01", "rate": "0.93"})
    assert (again.json["id"], again.json["rate"]) == (kept.json["id"], "0.93")
    first = at.get("/fx-rates", currency="usd", limit="2").json
    rest = at.get("/fx-rates", currency="usd", limit="2", after=first["next"]).json
    found = [one["rate"] for one in first["data"] + rest["data"]]
    assert (found, rest["next"]) == (["0.93", "0.91", "0.9"], None)
    days = at.get("/fx-rates", since="2026-02-01", until="2026-02-28").json["data"]
    assert [one["on"] for one in days] == ["2026-02-01"]
    wrong = at.put("/fx-rates", {"currency": "XXQ", "on": "2026-03-01", "rate": "0"})
    assert sorted(fields(wrong)) == ["currency", "rate"]


def fields(response) -> list[str]:
    """Return the fields at fault."""
    assert response.status_code == 422, response.text
    return [one["field"] for one in response.json["problems"]]
