"""Customers by the API."""

import io
import zipfile
from uuid import uuid4

from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.custom_fields import FieldSubject
from billhook.models.audit import Audit
from billhook.models.customers import Customer
from billhook.services import field_definitions
from billhook.services.field_definitions import NewField

WHOLE = {
    "name": "Umbrella Inc.",
    "country": "US",
    "subdivision": "CA",
    "street": "Main St 1",
    "extra": "Floor 2",
    "postal_code": "94105",
    "city": "San Francisco",
    "email": "ap@umbrella.example",
    "phone": "+1 555 0100",
    "contact_name": "Al Wesker",
    "legal_id": "12345",
    "legal_id_scheme": "0060",
    "electronic_address": "ap@umbrella.example",
    "electronic_scheme": "EM",
    "currency": "USD",
    "language": "en-US",
    "time_zone": "America/Los_Angeles",
    "consolidation": "line",
    "payment_days": 30,
    "purchase_order": "PO-7",
    "buyer_reference": "R-1",
    "payer": "ann",
    "is_active": False,
}


def _id(at, reference):
    return at.get("/customers", reference=reference).json["data"][0]["id"]


def _audited(office, action):
    db.session.rollback()
    query = select(func.count()).select_from(Audit).where(Audit.action == action)
    return db.session.scalar(query)


def test_a_customer_is_made_read_and_changed(office, program):
    at = program()
    consolidation = at.get("/customers", reference="ann").json["data"][0]["consolidation"]
    sent = {**WHOLE, "consolidation": consolidation, "tags": ["vip", "west"]}
    before = _audited(office, "customer.created")
    made = at.post("/customers", {"reference": "C-9", **sent}, key="k1")
    assert made.status_code == 201, made.text
    assert {name: made.json[name] for name in sent} == sent
    again = at.post("/customers", {"reference": "C-9", **sent}, key="k1")
    assert (again.status_code, again.json) == (201, made.json)
    assert _audited(office, "customer.created") == before + 1
    taken = at.post("/customers", {"reference": "C-9", **sent}, key="k2")
    assert taken.status_code == 422
    assert taken.json["problems"][0]["code"] == "customer.reference_taken"

    where = made.headers["Location"].removeprefix("/api/v1")
    read = at.get(where, expand="tags")
    assert read.json == made.json
    changed = at.patch(where, {"name": "Brolly"}, headers={"If-Match": read.headers["ETag"]})
    assert changed.json == {**made.json, "name": "Brolly", "version": 2}
    stale = at.patch(where, {"name": "Late"}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    assert stale.json["code"] == "precondition.failed"

    emptied = at.patch(where, {"email": None, "payment_days": None, "payer": "", "tags": []})
    shown = {name: emptied.json[name] for name in ("email", "payment_days", "payer", "tags")}
    assert shown == {"email": "", "payment_days": None, "payer": "", "tags": []}
    assert emptied.json["street"] == "Main St 1"
    unsaid = at.patch(where, {"subdivision": ""})
    assert unsaid.json["problems"][0]["field"] == "subdivision"


def test_what_is_wrong_with_a_customer_names_the_field_as_it_was_sent(office, program):
    field_definitions.create(
        office.ctx,
        NewField(subject=FieldSubject.CUSTOMER.value, label="Cost center", kind="number"),
    )
    at = program()
    person = at.get("/customers/owners").json["data"][0]
    made = at.post(
        "/customers",
        {
            "reference": "C-9",
            "name": "Umbrella",
            "country": "DE",
            "owner_id": person["id"],
            "fields": {"cost_center": "007"},
        },
    )
    assert made.json["fields"] == {"cost_center": "7"}
    assert made.json["owner_id"] == person["id"]
    where = f"/customers/{made.json['id']}"
    for body, field in (
        ({"fields": {"cost_center": "many"}}, "fields.cost_center"),
        ({"fields": {"color": "red"}}, "fields.color"),
        ({"owner_id": str(uuid4())}, "owner_id"),
        ({"payer": "nobody"}, "payer"),
        ({"country": "XX"}, "country"),
        ({"country": None}, "country"),
        ({"tags": ["a\tb"]}, "tags"),
        ({"tags": ["x" * 41]}, "tags.0"),
        ({"payment_days": "30"}, "payment_days"),
        ({"reference": "C-10"}, "reference"),
    ):
        refused = at.patch(where, body)
        assert refused.status_code in (400, 422), (body, refused.text)
        assert [one["field"] for one in refused.json["problems"]] == [field], body
    assert at.get(where).json["version"] == 1
    assert at.patch(f"/customers/{uuid4()}", {}).status_code == 404
    emptied = at.patch(where, {"fields": {"cost_center": None}, "owner_id": None})
    assert (emptied.json["fields"], emptied.json["owner_id"]) == ({}, None)


def test_customers_are_found_page_by_page_with_what_is_asked_for(office, program):
    at = program()
    first = at.get("/customers", limit="2", sort="reference", descending="true")
    assert [one["reference"] for one in first.json["data"]] == ["yamada", "lodz"]
    rest = at.get(
        "/customers", limit="2", sort="reference", descending="true", after=first.json["next"]
    )
    assert [one["reference"] for one in rest.json["data"]] == ["ann"]
    assert rest.json["next"] is None
    assert at.get("/customers", after="nonsense").status_code == 422
    assert at.get("/customers", expand="tags,secrets").status_code == 400

    ann = _id(at, "ann")
    at.patch(f"/customers/{ann}", {"tags": ["vip"]})
    at.post(f"/customers/{ann}/contacts", {"name": "Bob", "email": "bob@client.example"})
    at.patch(
        f"/customers/{_id(at, 'lodz')}", {"payer": "ann", "country": "PL", "is_active": False}
    )
    for query, found in (
        ({"text": "sons"}, ["ann"]),
        ({"reference": "an"}, []),
        ({"tag": "vip"}, ["ann"]),
        ({"country": "pl"}, ["lodz"]),
        ({"state": "inactive"}, ["lodz"]),
        ({"payer_id": ann}, ["lodz"]),
        ({"owner_id": str(uuid4())}, []),
    ):
        data = at.get("/customers", **query).json["data"]
        assert [one["reference"] for one in data] == found, query

    expand = "tags,contacts,balance,waiting"
    [listed] = at.get("/customers", reference="ann", expand=expand).json["data"]
    assert listed == at.get(f"/customers/{ann}", expand=expand).json
    assert listed["tags"] == ["vip"]
    assert [one["email"] for one in listed["contacts"]] == ["bob@client.example"]
    [balance] = listed["balance"]
    assert balance == {
        "currency": "GBP",
        "owed": "1200.00",
        "overdue": "0.00",
        "credit": "0.00",
        "total": "1200.00",
        "open_invoices": 1,
    }
    assert listed["waiting"] == {"charges": 0, "is_parked": False}
    plain = at.get(f"/customers/{ann}").json
    assert plain == {**listed, "tags": None, "contacts": None, "balance": None, "waiting": None}


def test_a_batch_answers_for_each_customer(office, program):
    at = program()
    rows = [
        {"reference": "ann", "name": "Ann & Daughters"},
        {"reference": "new", "name": "New", "country": "FR", "payer": "ann"},
        {"reference": "bad", "name": "", "country": "XX"},
        {"reference": "lodz"},
        {"reference": " "},
    ]
    saved = at.put("/customers", {"customers": rows}, key="batch")
    assert saved.status_code == 200, saved.text
    told = [(one["reference"], one["state"]) for one in saved.json["data"]]
    assert told == [
        ("ann", "changed"),
        ("new", "new"),
        ("bad", "refused"),
        ("lodz", "unchanged"),
        ("", "refused"),
    ]
    assert [one["field"] for one in saved.json["data"][2]["problems"]] == ["name", "country"]
    assert at.put("/customers", {"customers": rows}, key="batch").json == saved.json
    assert _audited(office, "customer.batch_saved") == 1
    assert at.put("/customers", {"customers": rows[:1]}, key="batch").status_code == 422
    [ann] = at.get("/customers", reference="ann").json["data"]
    assert (ann["name"], ann["version"]) == ("Ann & Daughters", 2)
    unknown = at.put("/customers", {"customers": [{"reference": "ann", "fields": {"x": "1"}}]})
    assert unknown.json["problems"][0]["field"] == "customers.0.fields.x"
    many = {"customers": [{"reference": f"R{place}"} for place in range(1_001)]}
    assert at.put("/customers", many).status_code == 400


def test_many_customers_are_tagged_and_assigned_at_once(office, program):
    at = program()
    ids = [one["id"] for one in at.get("/customers").json["data"]]
    chosen = {"customer_ids": [*ids, str(uuid4())]}
    before = at.get(f"/customers/{ids[0]}")
    assert at.post("/customers/tag", {**chosen, "tag": "vip"}).json == {"count": 3}
    assert at.get("/customers/tags").json["data"] == ["vip"]
    etag = {"If-None-Match": before.headers["ETag"]}
    assert at.send("GET", f"/customers/{ids[0]}", headers=etag).status_code == 200
    assert at.post("/customers/untag", {"customer_ids": ids[:1], "tag": "vip"}).json["count"] == 1
    assert len(at.get("/customers", tag="vip").json["data"]) == 2
    blank = at.post("/customers/tag", {**chosen, "tag": " "})
    assert blank.json["problems"][0]["field"] == "tag"

    owner = at.get("/customers/owners").json["data"][0]["id"]
    assert at.post("/customers/assign", {**chosen, "owner_id": owner}).json == {"count": 3}
    assert len(at.get("/customers", owner_id=owner).json["data"]) == 3
    nobody = at.post("/customers/assign", {**chosen, "owner_id": str(uuid4())})
    assert nobody.json["problems"][0]["field"] == "owner_id"


def test_notes_are_written_read_and_taken_away_by_who_wrote_them(office, program):
    at = program()
    ann = _id(at, "ann")
    notes = [at.post(f"/customers/{ann}/notes", {"text": text}) for text in ("One", "Two")]
    assert [one.status_code for one in notes] == [201, 201]
    first = at.get(f"/customers/{ann}/notes", limit="1")
    assert first.json["data"] == [notes[1].json]
    rest = at.get(f"/customers/{ann}/notes", limit="1", after=first.json["next"])
    assert rest.json == {"data": [notes[0].json], "next": None}
    where = notes[0].headers["Location"].removeprefix("/api/v1")
    assert at.get(where).json == notes[0].json
    other = program("customers.view", "customers.edit")
    assert other.get(where).json["is_own"] is False
    assert other.delete(where).status_code == 403
    assert at.delete(where).status_code == 204
    assert at.get(where).status_code == 404
    assert at.post(f"/customers/{ann}/notes", {"text": " "}).json["problems"][0]["field"] == "text"
    assert at.get(f"/customers/{uuid4()}/notes").status_code == 404


def test_a_customer_says_how_documents_go_out(office, program):
    at = program()
    where = f"/customers/{_id(at, 'ann')}/preferences"
    usual = at.get(where).json
    assert (usual["channels"], usual["formats"], usual["tone"]) == (None, None, None)
    channel = "paper.pigeon"
    known = at.patch(where, {"channels": ["no.such"]}).json["problems"][0]
    assert known["field"] == "channels"
    assert channel in known["message"], known
    changed = at.patch(where, {"channels": [channel], "formats": [], "tone": "friendly"})
    assert changed.status_code == 200, changed.text
    assert (changed.json["channels"], changed.json["formats"]) == ([channel], [])
    assert changed.json["in_force"]["tone"] == "friendly"
    kept = at.patch(where, {"channels": None}).json
    assert (kept["channels"], kept["formats"], kept["tone"]) == (None, [], "friendly")
    for body, field in (
        ({"brand": "nobody"}, "brand"),
        ({"tone": "rude"}, "tone"),
        ({"formats": ["none"]}, "formats.0"),
        ({"formats_by_channel": {"no.such": []}}, "formats_by_channel"),
    ):
        assert at.patch(where, body).json["problems"][0]["field"] == field, body


def test_a_duplicate_is_found_compared_and_merged(office, program):
    at = program()
    made = at.post(
        "/customers",
        {"reference": "ann-2", "name": "Ann", "country": "DE", "email": "ann@client.example"},
    ).json
    ann, twin = _id(at, "ann"), made["id"]
    [group] = at.get("/customers/duplicates").json["data"]
    assert group["likeness"] == "email"
    assert [one["id"] for one in group["customers"]] == [ann, twin]
    assert [one["id"] for one in at.get(f"/customers/{ann}/duplicates").json["data"]] == [twin]
    at.post(f"/customers/{twin}/notes", {"text": "Likes tea"})
    preview = at.post(f"/customers/{twin}/merge/preview", {"into_id": ann}).json
    assert (preview["moves"], preview["obstacle"]) == ({"notes": 1}, "")

    merge = f"/customers/{twin}/merge"
    assert at.post(merge, {"into_id": ann}, headers={"If-Match": '"9"'}).status_code == 412
    assert at.post(merge, {"into_id": ann, "into_version": 9}).status_code == 409
    assert at.post(merge, {"into_id": twin}).status_code == 409
    merged = at.post(merge, {"into_id": ann, "into_version": 1}, key="m")
    assert merged.json["moves"] == {"notes": 1}
    assert merged.json["customer"]["id"] == ann
    assert at.post(merge, {"into_id": ann, "into_version": 1}, key="m").json == merged.json
    [gone] = at.get("/customers", reference="ann-2").json["data"]
    assert (gone["merged_into_id"], gone["is_active"]) == (ann, False)
    assert at.patch(f"/customers/{twin}", {"name": "X"}).status_code == 409
    assert at.post(f"/customers/{uuid4()}/merge", {"into_id": ann}).status_code == 404


def test_what_is_known_of_a_customer_is_handed_out_and_erased(office, program):
    at = program()
    ann, lodz = _id(at, "ann"), _id(at, "lodz")
    handed_out = at.get(f"/customers/{ann}/data")
    with zipfile.ZipFile(io.BytesIO(handed_out.data)) as archive:
        assert "customer.json" in archive.namelist()
    plan = at.get(f"/customers/{ann}/erasure").json
    assert (plan["is_whole"], plan["obstacles"], plan["erased_at"]) == (False, [], None)
    erased = at.post(f"/customers/{ann}/erase", key="e")
    assert erased.json == plan
    assert at.post(f"/customers/{ann}/erase", key="e").json == plan
    assert _audited(office, "customer.restricted") == 1
    left = at.get(f"/customers/{ann}").json
    assert left["email"] == ""
    assert left["erased_at"]
    busy = at.post(f"/customers/{lodz}/erase")
    assert busy.status_code == 409
    assert at.post(f"/customers/{uuid4()}/erase").status_code == 404


def test_each_act_on_customers_needs_its_scope(office, program):
    reader = program("customers.view")
    ann = str(db.session.scalar(select(Customer.id).where(Customer.reference == "ann")))
    for method, path, body in (
        ("POST", "/customers", {"reference": "x", "name": "x", "country": "DE"}),
        ("PUT", "/customers", {"customers": [{"reference": "x"}]}),
        ("PATCH", f"/customers/{ann}", {}),
        ("PATCH", f"/customers/{ann}/preferences", {}),
        ("POST", f"/customers/{ann}/notes", {"text": "x"}),
        ("POST", f"/customers/{ann}/merge", {"into_id": ann}),
        ("POST", "/customers/tag", {"customer_ids": [ann], "tag": "x"}),
        ("POST", f"/customers/{ann}/erase", None),
        ("GET", f"/customers/{ann}/data", None),
        ("GET", "/customers/duplicates", None),
    ):
        assert reader.send(method, path, body).status_code == 403, path
    assert program("products.view").get("/customers").status_code == 403
