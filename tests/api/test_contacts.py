"""Customers' people by the API."""

import io
import zipfile
from uuid import uuid4

from sqlalchemy import select

from billhook.db import db
from billhook.models.customers import Contact


def test_people_of_a_customer_are_added_listed_changed_and_forgotten(office, program):
    at = program()
    customers = at.get("/customers", sort="reference").json["data"]
    ann, lodz = customers[0]["id"], customers[1]["id"]
    people = f"/customers/{ann}/contacts"
    made = at.post(
        people, {"name": "Zoe", "email": "ZOE@client.example", "receives": "cc"}, key="z"
    )
    assert made.status_code == 201, made.text
    assert made.json["email"] == "zoe@client.example"
    assert (made.json["customer_id"], made.json["receives"]) == (ann, "cc")
    assert made.json["is_active"] is True
    assert (
        at.post(
            people, {"name": "Zoe", "email": "ZOE@client.example", "receives": "cc"}, key="z"
        ).json
        == made.json
    )
    bob = at.post(people, {"name": "Bob", "email": "bob@client.example"}).json
    first = at.get(people, limit="1").json
    assert first["data"] == [bob]
    rest = at.get(people, limit="1", after=first["next"]).json
    assert rest == {"data": [made.json], "next": None}
    assert at.get(f"/customers/{lodz}/contacts").json["data"] == []
    assert at.get(f"/customers/{uuid4()}/contacts").status_code == 404
    taken = at.post(f"/customers/{lodz}/contacts", {"name": "B", "email": "bob@client.example"})
    assert taken.json["problems"][0]["code"] == "contact.taken"

    where = made.headers["Location"].removeprefix("/api/v1")
    changed = at.patch(where, {"phone": "+1", "receives": None, "is_active": False})
    expected = {**made.json, "phone": "+1", "receives": None, "is_active": False}
    assert changed.json == at.get(where).json == expected
    for body, field in (
        ({"name": ""}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": "bob@client.example"}, "email"),
        ({"receives": "post"}, "receives"),
        ({"is_active": None}, "is_active"),
        ({"customer_id": lodz}, "customer_id"),
    ):
        refused = at.patch(where, body)
        assert refused.status_code in (400, 422)
        assert refused.json["problems"][0]["field"] == field, body

    with zipfile.ZipFile(io.BytesIO(at.get(f"{where}/data").data)) as archive:
        assert b"zoe@client.example" in archive.read("contact.json")
    assert program("customers.view", "customers.edit").delete(where).status_code == 403
    assert at.delete(where).status_code == 204
    assert at.delete(where).status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(Contact.name)).all() == ["Bob"]
    reader = program("customers.view")
    assert reader.post(people, {"name": "A", "email": "a@b.example"}).status_code == 403
