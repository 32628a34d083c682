"""Customers by the API."""


def test_a_customer_is_made_read_and_changed(program):
    at = program()
    made = at.post("/customers", {"reference": "C-9", "name": "Umbrella", "country": "DE"})
    assert made.status_code == 201, made.text
    where = made.headers["Location"].removeprefix("/api/v1")
    read = at.get(where)
    assert read.json == made.json
    changed = at.patch(where, {"name": "Brolly"}, headers={"If-Match": read.headers["ETag"]})
    assert changed.json["name"] == "Brolly"
    stale = at.patch(where, {"name": "Late"}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    assert stale.json["code"] == "precondition.failed"
