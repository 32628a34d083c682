"""Drafts by the API."""

from uuid import UUID

import pytest

from billhook.services import attachments, products
from billhook.services.products import ProductInput
from billhook.testing.shops import make_customer


def line(description: str = "Consulting", **values: object) -> dict[str, object]:
    return {"description": description, "quantity": "2", "unit_price": "50.00", **values}


def draft(**values: object) -> dict[str, object]:
    return {"customer": "C-1", "lines": [line()], **values}


@pytest.fixture
def zed(office):
    products.save(office.ctx, ProductInput(sku="SEAT", name="Seat", unit="C62"))
    return make_customer(office.ctx, "C-1")


def made(at, **values: object) -> str:
    answer = at.post("/drafts", draft(**values))
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix("/api/v1")


def test_a_draft_is_made_of_all_that_a_person_can_type_and_read_back(program, zed):
    at = program()
    first = line(
        "Hours", unit="HUR", section="Work", base_quantity="1", tax_category="reduced",
        supply="service", period_from="2026-11-01", period_until="2026-11-30",
        adjustments=[{"kind": "allowance", "percent": "10", "reason": "Friend"}],
    )  # fmt: skip
    second = {"sku": "SEAT", "unit_price": "5", "supplied_on": "2026-11-03"}
    terms = {"note": "Thank you", "terms": "At once", "purchase_order": "PO-1", "payment_days": 7,
             "buyer_reference": "B-1", "issue_on": "2026-11-30", "language": "de",
             "delivery_country": "AT"}  # fmt: skip
    sent = draft(
        lines=[first, second],
        adjustments=[{"kind": "surcharge", "amount": "3.00", "reason": "Freight"}],
        **terms,
    )
    answer = at.post("/drafts", sent, key="one")
    assert answer.status_code == 201, answer.text
    where = answer.headers["Location"].removeprefix("/api/v1")
    read = at.get(where)
    assert read.json == answer.json
    assert read.headers["ETag"] == '"1"'
    assert {name: read.json[name] for name in terms} == terms
    assert (read.json["net"], read.json["line_count"]) == ("95.00", 2)
    hours, seat = read.json["lines"]
    assert {name: hours[name] for name in ("section", "unit", "tax_category", "supply")} == {
        "section": "Work", "unit": "HUR", "tax_category": "reduced", "supply": "service",
    }  # fmt: skip
    assert (hours["amount"], hours["period_until"]) == ("90.00", "2026-11-30")
    assert hours["adjustments"] == [
        {"kind": "allowance", "percent": "10", "amount": None, "reason": "Friend"}
    ]
    assert (seat["description"], seat["supplied_on"]) == ("Seat", "2026-11-03")
    assert at.post("/drafts", sent, key="one").json["id"] == read.json["id"]
    assert at.post("/drafts", draft(), key="one").status_code == 422
    more = at.get(where, expand="document,customer,links").json
    assert more["lines"] is None
    assert more["document"]["document"]["net"] == "98.00"
    assert more["customer_details"]["reference"] == "C-1"
    assert more["links"] == {"parents": [], "children": []}


def test_problems_name_the_fields_that_were_sent(program, zed):
    at = program()
    wrong = [line(quantity="1e3"), line(unit_price=""), {"sku": "GONE"},
             line(adjustments=[{"kind": "allowance", "percent": "101", "reason": "x"}])]  # fmt: skip
    found = at.post("/drafts", draft(customer="nobody", lines=wrong))
    assert found.status_code == 422
    assert {one["field"] for one in found.json["problems"]} == {
        "customer", "lines.0.quantity", "lines.1.unit_price", "lines.2.sku",
        "lines.3.adjustments.0",
    }  # fmt: skip
    both = line(adjustments=[{"kind": "allowance", "percent": "1", "amount": "1", "reason": "x"}])
    found = at.post("/drafts", draft(lines=[both]))
    assert found.json["problems"][0]["field"] == "lines.0.adjustments.0"
    assert at.post("/drafts", draft(colour="red")).status_code == 400


def test_a_draft_is_changed_over_the_version_that_was_read(program, zed):
    at = program()
    where = made(at, note="First", lines=[line("A"), line("B")])
    read = at.get(where)
    keys = [one["key"] for one in read.json["lines"]]
    changed = at.patch(where, {"note": "Second"}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json["note"]) == (200, "Second")
    assert [one["key"] for one in changed.json["lines"]] == keys
    assert changed.headers["ETag"] == '"2"'
    stale = {"If-Match": read.headers["ETag"]}
    for answer in (
        at.patch(where, {"note": "Late"}, headers=stale),
        at.put(where, draft(), headers=stale),
        at.post(f"{where}/issue", {}, headers=stale),
        at.post(f"{where}/discard", {}, headers=stale),
        at.post(f"{where}/split", {"how": "lines", "lines": [{"line_no": 1, "part": 1}]},
                headers=stale),
    ):  # fmt: skip
        assert (answer.status_code, answer.json["code"]) == (412, "precondition.failed")
    whole = at.put(where, draft(lines=[line("B", key=keys[1])]), key="put")
    assert (whole.json["note"], [one["key"] for one in whole.json["lines"]]) == ("", keys[1:])
    assert at.put(where, draft(lines=[line("B", key=keys[1])]), key="put").json == whole.json
    gone = at.patch(where, {"lines": [line("A", key=keys[0])]})
    assert gone.json["problems"][0]["code"] == "draft.line_gone"
    assert at.patch(f"/drafts/{zed}", {"note": "x"}).status_code == 404


def test_totals_are_worked_out_and_nothing_is_saved(program, zed):
    at = program()
    totals = at.post("/drafts/totals", draft(lines=[line(), line(quantity="x")])).json
    assert (totals["lines_sum"], totals["lines"][0]["amount"]) == ("100.00", "100.00")
    assert totals["problems"][0]["field"] == "lines.1.quantity"
    assert totals["sums"]["net"] == "100.00"
    where = made(at)
    more = at.post(f"{where}/totals", {"lines": [line(quantity="3")]}).json
    assert more["lines_sum"] == "150.00"
    assert at.get(where).json["version"] == 1
    assert len(at.get("/drafts", customer="C-1").json["data"]) == 1


def test_a_draft_is_issued_once(program, zed):
    at = program()
    where = made(at)
    issued = at.post(f"{where}/issue", {}, key="go")
    assert issued.status_code == 201, issued.text
    assert issued.headers["Location"] == where.replace("/drafts", "/api/v1/documents")
    assert at.post(f"{where}/issue", {}, key="go").json == issued.json
    again = at.post(f"{where}/issue", {})
    assert (again.status_code, at.get(where).status_code) == (409, 409)
    sent = at.post(f"{made(at)}/issue-and-send", {"issue_on": None})
    assert sent.status_code == 201, sent.text
    assert sent.json["document"]["number"] != issued.json["number"]
    assert sent.json["is_sent"] is (sent.json["problem"] == "")
    where = made(at)
    half = program("documents.issue", "drafts.view")
    assert half.post(f"{where}/issue-and-send", {}).status_code == 403
    assert half.get(where).json["state"] == "open"


def test_drafts_are_merged_split_copied_and_discarded(program, zed):
    at = program()
    one, two = (made(at, lines=[line(f"{n}"), line(f"{n}{n}")]) for n in "AB")
    ids = [where.rpartition("/")[2] for where in (one, two)]
    preview = at.post("/drafts/merge/preview", {"ids": ids}).json
    assert preview["together"]["document"]["net"] == "400.00"
    merged = at.post("/drafts/merge", {"ids": ids}, key="m")
    assert merged.status_code == 201, merged.text
    assert at.post("/drafts/merge", {"ids": ids}, key="m").json == merged.json
    assert at.post("/drafts/merge", {"ids": ids}).status_code == 409
    where = f"/drafts/{merged.json['id']}"
    how = {"how": "percent", "percents": ["60", "40"], "payers": [{"part": 1, "customer": "X"}]}
    refused = at.post(f"{where}/split/preview", how)
    assert refused.json["problems"][0]["field"] == "payers.0.customer"
    view = at.post(f"{where}/split/preview", {**how, "payers": []}).json
    assert [part["document"]["net"] for part in view["parts"]] == ["240.00", "160.00"]
    parts = at.post(f"{where}/split", {"how": "sections"}, key="s").json["data"]
    assert [part["part"] for part in parts] == ["A", "B"]
    children = at.get(where, expand="links").json["links"]["children"]
    assert {child["id"] for child in children} == {part["id"] for part in parts}
    where = f"/drafts/{parts[0]['id']}"
    copy = at.post(f"{where}/duplicate", key="d")
    assert (copy.status_code, copy.json["net"]) == (201, "200.00")
    gone = at.post(f"{where}/discard", {"reason": "Not wanted"})
    assert gone.json["state"] == "discarded"
    assert at.post(f"{where}/discard", {}).status_code == 409


def test_files_go_out_with_a_draft(program, office, zed):
    at = program()
    where = made(at)
    added = at.upload(f"{where}/attachments", "hours.txt", b"eight", key="f")
    assert added.status_code == 201, added.text
    again = at.upload(f"{where}/attachments", "hours.txt", b"eight", key="f")
    assert again.json == added.json
    twice = at.upload(f"{where}/attachments", "hours.txt", b"nine")
    assert twice.json["problems"][0]["field"] == "file"
    assert [one["name"] for one in at.get(f"{where}/attachments").json["data"]] == ["hours.txt"]
    file = added.headers["Location"].removeprefix("/api/v1")
    assert at.get(file).data == b"eight"
    assert at.delete(file).status_code == 204
    assert attachments.of_draft(UUID(where.rpartition("/")[2])) == ()
    assert (at.get(file).status_code, at.delete(file).status_code) == (404, 404)


def test_a_draft_is_seen_as_its_client_would(program, zed):
    at = program()
    seen = at.get(f"{made(at)}/preview")
    assert seen.status_code == 200
    assert seen.headers["Content-Disposition"].startswith("attachment")
    assert seen.data
    empty = at.get(f"{made(at, lines=[])}/preview")
    assert empty.status_code == 422


def test_drafts_are_found_page_by_page(program, zed):
    at = program()
    for number in range(3):
        made(at, purchase_order=f"PO-{number}")
    page = at.get("/drafts", customer_id=str(zed), limit="2", sort="made", expand="lines,document")
    assert [one["purchase_order"] for one in page.json["data"]] == ["PO-0", "PO-1"]
    assert page.json["data"][0]["document"]["document"]["net"] == "100.00"
    assert len(page.json["data"][0]["lines"]) == 1
    rest = at.get("/drafts", customer="C-1", sort="made", after=page.json["next"]).json
    assert [one["purchase_order"] for one in rest["data"]] == ["PO-2"]
    assert rest["data"][0]["lines"] is None
    found = at.get("/drafts", text="PO-1", state="open", type="invoice", currency="GBP").json
    assert len(found["data"]) == 1


def test_each_act_on_drafts_needs_its_scope_alone(program, zed):
    where = made(program())
    writer = program("drafts.edit")
    own = made(writer)
    assert writer.get(own).status_code == 403
    assert writer.patch(own, {"note": "Mine"}).json["note"] == "Mine"
    assert writer.post(f"{own}/totals", {}).status_code == 200
    file = writer.upload(f"{own}/attachments", "a.txt", b"a").headers["Location"]
    assert writer.delete(file.removeprefix("/api/v1")).status_code == 204
    assert writer.post(f"{own}/discard", {}).status_code == 200
    reader = program("drafts.view")
    assert reader.get(where, expand="document").status_code == 200
    assert reader.get(where, expand="customer").status_code == 403
    assert reader.post("/drafts", draft()).status_code == 403
    for act in ("issue", "issue-and-send", "split", "duplicate", "discard", "totals"):
        assert reader.post(f"{where}/{act}", {}).status_code == 403
