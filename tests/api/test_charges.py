"""Charges by the API."""

import pytest
from sqlalchemy import event, func, select

from billhook.db import db
from billhook.models.audit import Audit
from billhook.services import products
from billhook.services.products import ProductInput
from billhook.testing.shops import make_customer


def charge(reference: str, **values: object) -> dict[str, object]:
    usual = {"customer": "C-1", "date": "2026-11-20", "description": "Hours", "amount": "12.50"}
    return {**usual, "reference": reference, **values}


@pytest.fixture
def zed(office):
    return make_customer(office.ctx, "C-1", currency="EUR")


def noted(action: str) -> int:
    rows = select(func.count()).select_from(Audit).where(Audit.action == action)
    return db.session.scalar(rows)


def test_a_batch_is_answered_row_by_row_and_its_good_ones_are_taken(program, office, zed):
    at = program()
    sent = [
        charge("A-1", customer=str(zed), discount_percent="10", period_start="2026-11-01",
               period_end="2026-11-30", group="P-1", purchase_order="PO-7"),
        charge("A-2", amount="", unit_price="0.0125", quantity="1000", unit="HUR"),
        charge("A-3", customer="nobody", quantity="1e3"),
        charge("A-4", amount="", product="GONE"),
    ]  # fmt: skip
    first = at.post("/charges", {"charges": sent})
    assert first.status_code == 200, first.text
    rows = first.json["data"]
    assert [row["state"] for row in rows] == ["new", "new", "refused", "refused"]
    assert [one["field"] for one in rows[2]["problems"]] == ["customer", "quantity"]
    assert rows[3]["problems"][0]["code"] == "product.unknown"
    assert (first.json["new"], first.json["refused"]) == (2, 2)
    assert noted("charges.added") == 1
    again = at.post("/charges", {"charges": [*sent[:1], charge("A-2", amount="13")]})
    assert [row["state"] for row in again.json["data"]] == ["unchanged", "different"]
    assert [row["id"] for row in again.json["data"]] == [row["id"] for row in rows[:2]]
    read = at.get(f"/charges/{rows[0]['id']}", expand="cost,history").json
    assert (read["customer"], read["state"], read["period_end"]) == ("C-1", "open", "2026-11-30")
    assert read["adjustments"][0] == {
        "kind": "allowance", "percent": "10", "amount": None, "reason": "Discount",
    }  # fmt: skip
    assert read["cost"]["net"] == "11.25"
    assert read["history"] == []


def test_a_key_repeats_its_answer_and_takes_no_other_batch(program, zed):
    at = program()
    first = at.post("/charges", {"charges": [charge("B-1")]}, key="k1")
    again = at.post("/charges", {"charges": [charge("B-1")]}, key="k1")
    assert again.json == first.json
    assert again.json["new"] == 1
    other = at.post("/charges", {"charges": [charge("B-2")]}, key="k1")
    assert other.status_code == 422


def test_products_are_named_by_sku_or_id_and_price_the_charge(program, office, zed):
    made = products.save(office.ctx, ProductInput(sku="SEAT", name="Seat"))
    at = program()
    sent = [charge(f"P-{name}", amount="", description="", product=name)
            for name in ("SEAT", str(made.id))]  # fmt: skip
    rows = at.post("/charges", {"charges": sent}).json["data"]
    found = at.get("/charges", source="api", sort="arrived", expand="cost").json["data"]
    assert [one["id"] for one in found] == [row["id"] for row in rows]
    assert {(one["product"], one["description"]) for one in found} == {("SEAT", "Seat")}
    assert found[0]["cost"]["problems"][0]["code"] == "price.none"


def test_charges_are_found_page_by_page(program, office, zed):
    at = program()
    sent = [
        charge(f"L-{n}", date=f"2026-11-0{n}", group="G" if n > 2 else "") for n in range(1, 6)
    ]
    at.post("/charges", {"charges": sent})
    page = at.get("/charges", customer="C-1", limit="2", sort="-date")
    assert [one["reference"] for one in page.json["data"]] == ["L-5", "L-4"]
    rest = at.get("/charges", customer_id=str(zed), limit="9", sort="-date",
                  after=page.json["next"])  # fmt: skip
    assert [one["reference"] for one in rest.json["data"]] == ["L-3", "L-2", "L-1"]
    assert rest.json["next"] is None
    wanted = {"group": "G", "since": "2026-11-04", "state": "open"}
    assert len(at.get("/charges", **wanted).json["data"]) == 2
    assert at.get("/charges", reference="L-1").json["data"][0]["date"] == "2026-11-01"
    sums = at.get("/charges/sums", **wanted).json["data"]
    assert sums == [{"currency": "EUR", "charges": 2, "amount": "25.00", "priced_later": 0}]
    assert at.get("/charges", after="nonsense").status_code == 422


def test_charges_are_held_released_and_withdrawn_together(program, office, zed):
    at = program()
    rows = at.post("/charges", {"charges": [charge("H-1"), charge("H-2")]}).json["data"]
    ids = [row["id"] for row in rows]
    assert at.post("/charges/hold", {"ids": ids, "reason": "Ask first"}).json == {"count": 2}
    held = at.get("/charges", state="held", expand="history").json["data"]
    assert [one["id"] for one in held] == ids[::-1]
    assert held[0]["history"][0]["reason"] == "Ask first"
    assert at.post("/charges/release", {"ids": ids}).json == {"count": 2}
    assert at.post("/charges/withdraw", {"ids": ids[:1], "reason": "Wrong"}).json == {"count": 1}
    gone = at.post("/charges/withdraw", {"ids": ids, "reason": "Wrong"})
    assert (gone.status_code, gone.json["code"]) == (409, "resource.conflict")
    assert at.get(f"/charges/{ids[1]}").json["state"] == "open"
    unknown = at.post("/charges/hold", {"ids": [str(zed)], "reason": "x"})
    assert unknown.status_code == 404


def test_odd_batches_are_refused_whole_and_a_scope_is_needed(program, zed):
    at = program()
    odd = at.post("/charges", {"charges": [charge("O-1"), charge("O-2", colour="red")]})
    assert (odd.status_code, odd.json["problems"][0]["field"]) == (400, "charges.1.colour")
    assert at.get("/charges", source="api").json["data"] == []
    assert at.post("/charges", {"charges": []}).status_code in (400, 422)
    huge = charge("O-3", amount="", unit_price="9" * 28, quantity="9" * 28, date="9999-12-31")
    row = at.post("/charges", {"charges": [huge]}).json["data"][0]
    assert row["problems"][0]["code"] == "charge.too_large"
    reader = program("charges.view")
    for path in ("", "/hold", "/release", "/withdraw"):
        assert reader.post(f"/charges{path}", {}).status_code == 403
    assert program("drafts.view").get("/charges").status_code == 403


def test_a_batch_costs_as_many_statements_as_a_single_charge(program, office, zed):
    at, counted = program(), []
    event.listen(db.engine, "before_cursor_execute", lambda *_: counted.append(1))

    def statements(count: int) -> int:
        counted.clear()
        sent = [charge(f"S-{count}-{n}") for n in range(count)]
        assert at.post("/charges", {"charges": sent}).json["new"] == count
        return len(counted)

    statements(1)
    few = statements(2)
    assert statements(400) <= few
