"""Bill runs by the API."""

from uuid import UUID

import pytest

from billhook.services import billing
from billhook.testing.shops import END, make_charge, make_customer

ASKED = {"until": END.isoformat(), "issue_on": END.isoformat()}


@pytest.fixture
def zed(office):
    customer = make_customer(office.ctx, "Z-1")
    make_charge(office.ctx, customer)
    return customer


@pytest.fixture
def parked(office):
    customer = make_customer(office.ctx, "P-1", currency="JPY")
    make_charge(office.ctx, customer, currency="JPY")
    return customer


def finished(office, started) -> str:
    """Do the work of a run that was started; return where it is."""
    billing.resume(office.ctx, UUID(started.json["id"]))
    return started.headers["Location"].removeprefix("/api/v1")


def test_a_run_is_started_once_and_followed_until_it_is_done(program, office, zed, parked):
    at = program()
    started = at.post("/bill-runs", {**ASKED, "customers": ["Z-1", "P-1"]}, key="go")
    assert started.status_code == 201, started.text
    assert (started.json["state"], started.json["started_by"]) == ("running", "")
    assert at.post("/bill-runs", {**ASKED, "customers": ["Z-1", "P-1"]}, key="go").json == (
        started.json
    )
    assert at.post("/bill-runs", ASKED, key="go").status_code == 422
    where = finished(office, started)
    done = at.get(where, expand="parked,skipped,trouble").json
    assert (done["state"], done["documents"], done["charges"]) == ("finished", 1, 1)
    assert [one["net"] for one in done["sums"]] == ["10.00"]
    assert [one["customer"] for one in done["parked"]] == ["P-1"]
    assert (done["skipped"], done["trouble"]) == ([], None)
    listed = at.get("/bill-runs", limit="1").json["data"][0]
    assert (listed["id"], listed["parked_count"], listed["parked"]) == (done["id"], 1, None)
    waiting = at.get("/bill-runs/parked", bill_run_id=done["id"]).json["data"]
    assert (waiting[0]["customer"], waiting[0]["code"]) == ("P-1", "fx.rate_missing")
    again = at.post(f"{where}/retry", key="r")
    assert (again.status_code, again.json["scope"]["payer_ids"]) == (201, [str(parked)])
    assert at.post(f"{where}/retry", key="r").json == again.json
    assert at.post(f"{where}/continue").status_code in (200, 409)


def test_a_preview_says_what_would_be_billed_and_starts_that(program, office, zed):
    at = program()
    seen = at.post("/bill-runs/previews", {**ASKED, "mode": "draft", "currency": "GBP"}, key="p")
    assert seen.status_code == 201, seen.text
    assert at.post("/bill-runs/previews", {**ASKED, "mode": "draft", "currency": "GBP"},
                   key="p").json == seen.json  # fmt: skip
    where = seen.headers["Location"].removeprefix("/api/v1")
    read = at.get(where).json
    assert (read["run"]["state"], read["run"]["sums"][0]["net"]) == ("finished", "10.00")
    assert at.get(f"/bill-runs/{read['run']['id']}").status_code == 404
    started = at.post(f"{where}/start")
    assert started.status_code == 201, started.text
    assert at.post(f"{where}/start").json["id"] == started.json["id"]
    run = finished(office, started)
    assert at.get(run).json["documents"] == 1
    assert at.get(run.replace("bill-runs/", "bill-runs/previews/")).status_code == 404
    assert len(at.get("/drafts", bill_run_id=started.json["id"]).json["data"]) == 1


def test_what_cannot_be_run_is_refused_at_its_field(program, zed):
    at = program()
    unknown = at.post("/bill-runs", {**ASKED, "customers": ["nobody"]})
    assert unknown.json["problems"][0]["field"] == "customers"
    assert at.post("/bill-runs", {**ASKED, "currency": "XXX"}).status_code == 422
    assert at.post(f"/bill-runs/{zed}/retry").status_code == 404
    assert at.get(f"/bill-runs/{zed}").status_code == 404
    assert at.get("/bill-runs/parked", after="x").status_code == 422


def test_who_sees_runs_starts_none_and_who_starts_them_is_answered(program, zed):
    auditor, starter = program("bill_runs.view"), program("bill_runs.start")
    assert auditor.get("/bill-runs").status_code == 200
    for path in ("", "/previews", f"/{zed}/retry", f"/{zed}/continue", f"/previews/{zed}/start"):
        assert auditor.post(f"/bill-runs{path}").status_code == 403
    assert starter.post("/bill-runs/previews", ASKED).status_code == 201
    assert starter.post("/bill-runs", ASKED).status_code == 201
    assert starter.get("/bill-runs").status_code == 403
