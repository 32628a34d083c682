"""The books by the API: read, closed, handed over, proved; and what is open."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from billhook.db import db
from billhook.models.audit import Audit
from billhook.services import verification_runs
from billhook.testing.shops import END


def fields(answer):
    assert answer.status_code in (400, 422), answer.text  # malformed, or refused by its meaning
    return [one["field"] for one in answer.json["problems"]]


def test_the_journal_is_read_by_entry_account_and_balance(program, office):
    at = program()
    whole = at.get("/ledger/entries", expand="postings").json["data"]
    assert [one["sequence"] for one in whole] == [4, 3, 2, 1]
    for entry in whole:
        assert sum(Decimal(one["amount"]) for one in entry["postings"]) == 0
    assert at.get(f"/ledger/entries/{whole[0]['id']}").json == whole[0]
    first = at.get("/ledger/entries", limit="3")
    rest = at.get("/ledger/entries", limit="3", after=first.json["next"]).json
    assert ([one["sequence"] for one in rest["data"]], rest["next"]) == ([1], None)
    for query, numbers in (
        ({"document_type": "credit_note"}, ["CN-2026-00001"]),
        ({"text": "INV-2026-00002"}, ["INV-2026-00002"]),
        ({"amount": "1481.40"}, ["INV-2026-00001"]),
        ({"amount": "999999999999999.9999"}, []),
        ({"until": "2026-01-01"}, []),
    ):
        found = at.get("/ledger/entries", **query).json["data"]
        assert [one["number"] for one in found] == numbers, query
    assert fields(at.get("/ledger/entries", amount="1,50")) == ["amount"]
    seal = at.get(f"/ledger/entries/{whole[0]['id']}/seal").json
    before = at.get(f"/ledger/entries/{seal['previous_id']}/seal").json
    assert (seal["previous_hash"], before["next_id"]) == (before["hash"], whole[0]["id"])

    balance = at.get("/ledger/trial-balance").json
    assert balance["base_sum"] == "0.00"
    (total,) = balance["totals"]
    assert (total["currency"], total["debit"]) == ("GBP", total["credit"])
    assert Decimal(total["debit"]) >= Decimal("1260.00")
    accounts = {one["code"]: one for one in at.get("/ledger/accounts").json["data"]}
    owed = accounts["1200"]
    assert (owed["balance"], owed["type"]) == ("1260.00", "asset")
    lines = at.get("/ledger/accounts/1200/GBP/postings").json["data"]
    assert lines[0]["balance"] == owed["balance"]
    assert at.get("/ledger/accounts/9999/GBP/postings").status_code == 404
    assert at.get("/ledger/accounts", as_of="2026-01-01").json["data"][0]["balance"] == "0.00"


def test_what_is_open_is_listed_for_who_pays(program, office):
    at = program()
    found = at.get("/receivables").json["data"]
    assert [(one["number"], one["amount"], one["settled"], one["open"]) for one in found] == [
        ("INV-2026-00001", "1481.40", "281.40", "1200.00"),
        ("INV-2026-00002", "24.00", "0.00", "24.00"),
        ("INV-2026-00003", "36.00", "0.00", "36.00"),
    ]
    first = at.get("/receivables", limit="2")
    rest = at.get("/receivables", limit="2", after=first.json["next"]).json["data"]
    assert [*first.json["data"], *rest] == found
    assert at.get(f"/receivables/{found[0]['id']}").json == found[0]
    assert at.get("/receivables", state="settled").json["data"] == []
    assert at.get("/receivables", customer="lodz", state="open").json["data"] == [found[1]]
    assert at.get("/receivables", customer_id=found[1]["payer_id"]).json["data"] == [found[1]]
    overdue = at.get("/receivables", state="overdue").json["data"]
    assert overdue == [one for one in found if one["is_overdue"]]
    (given,) = at.get("/credits", state="settled").json["data"]
    assert (given["number"], given["amount"], given["open"]) == ("CN-2026-00001", "281.40", "0.00")
    assert at.get(f"/credits/{given['id']}").json == given
    assert at.get(f"/receivables/{given['id']}").status_code == 404
    assert program("ledger.view").get("/receivables").status_code == 403


def test_a_period_is_closed_once_and_for_good(program, office):
    at = program()
    assert at.get("/ledger/closing").json == {"closed_through": None}
    closed = at.post("/ledger/close", {"through": "2020-12-31"}, key="c")
    assert closed.json == {"closed_through": "2020-12-31"}
    assert at.post("/ledger/close", {"through": "2020-12-31"}, key="c").json == closed.json
    assert at.get("/ledger/closing").json == closed.json
    assert fields(at.post("/ledger/close", {"through": "2020-12-31"})) == ["through"]
    assert fields(at.post("/ledger/close", {"through": "9999-12-31"})) == ["through"]
    assert program("ledger.view").post("/ledger/close", {"through": "2021-01-01"}).status_code == (
        403
    )
    noted = select(func.count()).select_from(Audit).where(Audit.action == "ledger.closed")
    assert db.session.scalar(noted) == 1


def test_the_journal_is_handed_over_and_noted(program, office):
    at = program()
    assert [one["key"] for one in at.get("/ledger/export-formats").json["data"]] == ["csv"]
    days = {"since": END.replace(day=1).isoformat(), "until": END.isoformat()}
    sheet = at.get("/ledger/journal.csv", **days)
    assert sheet.status_code == 200, sheet.text
    lines = sheet.text.strip().splitlines()
    assert lines[0].startswith("sequence,entry_on")
    assert len(lines) == 1 + 4 * 3
    assert at.get("/ledger/exports/nothing.here", **days).status_code == 404
    assert fields(at.get("/ledger/journal.csv")) == ["since", "until"]
    assert program("exports.create").get("/ledger/journal.csv", **days).status_code == 403
    noted = select(func.count()).select_from(Audit).where(Audit.action == "export.finished")
    assert db.session.scalar(noted) == 1


def test_the_books_are_proved_by_a_run(program, office):
    at = program("ledger.view")
    asked = at.post("/ledger/verifications", key="v")
    assert (asked.status_code, asked.json["state"]) == (201, "running")
    where = asked.headers["Location"].removeprefix("/api/v1")
    assert at.post("/ledger/verifications").json["id"] == asked.json["id"]
    verification_runs.work(office.ctx, UUID(asked.json["id"]))
    db.session.rollback()
    done = at.get(where).json
    assert done["state"] == "whole"
    assert len(done["checks"]) == done["total"]
    assert at.get("/ledger/verifications").json == {"data": [done], "next": None}
    assert at.get(f"/ledger/verifications/{office.invoice}").status_code == 404
