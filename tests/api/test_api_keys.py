"""Keys by the API: a key makes, widens and rotates nothing wider than itself."""

from sqlalchemy import select

from billhook.backlog import backlog_of
from billhook.db import db
from billhook.ids import new_id
from billhook.models.work import Idempotency
from billhook.testing.programs import Program

MANAGER = ("api_keys.view", "api_keys.manage", "customers.view")
SHOP = {"name": "Shop", "scopes": ["customers.view"]}


def test_a_key_is_made_used_changed_rotated_and_revoked(program, office):
    at = program()
    made = at.post("/api-keys", SHOP, key="k")
    assert made.status_code == 201, made.text
    assert at.post("/api-keys", SHOP, key="k").json == made.json
    assert made.json["secret"] not in str(db.session.scalars(select(Idempotency.answer)).all())
    shop = Program(office.app, made.json["secret"])
    own = shop.get("/api-key").json
    assert (own["name"], own["scopes"], own["expires_at"]) == ("Shop", ["customers.view"], None)
    where = made.headers["Location"].removeprefix("/api/v1")
    read = at.get(where)
    assert read.json == made.json["key"]
    etag = {"If-Match": read.headers["ETag"]}
    ends = {"name": "Web shop", "expires_at": "2099-01-01T00:00:00+02:00"}
    changed = at.patch(where, ends, headers=etag).json
    assert (changed["name"], changed["scopes"]) == ("Web shop", ["customers.view"])
    assert changed["expires_at"] == "2098-12-31T22:00:00Z"
    assert at.patch(where, {"name": "Late"}, headers=etag).status_code == 412
    assert at.patch(where, {"expires_at": None}).json["expires_at"] is None
    rotated = at.post(f"{where}/rotate", {"overlap_hours": 0}).json
    assert shop.get("/api-key").status_code == 401
    assert Program(office.app, rotated["secret"]).get("/api-key").status_code == 200
    assert at.post(f"{where}/revoke").status_code == 204
    assert Program(office.app, rotated["secret"]).get("/api-key").status_code == 401
    assert at.post(f"{where}/rotate", {}).status_code == 409
    assert [one["id"] for one in at.get("/api-keys", state="revoked").json["data"]] == [
        changed["id"]
    ]


def test_a_key_makes_widens_and_rotates_nothing_wider_than_itself(program):
    wide = program().get("/api-key").json
    at = program(*MANAGER, limit=100)
    for body, field in (
        ({"name": "N", "scopes": ["customers.edit"], "requests_per_minute": 9}, "scopes"),
        (SHOP | {"requests_per_minute": 101}, "requests_per_minute"),
        (SHOP | {"requests_per_minute": 9, "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
    ):
        refused = at.post("/api-keys", body)
        assert refused.status_code == 422, refused.text
        assert [one["field"] for one in refused.json["problems"]] == [field]
    narrow = at.post("/api-keys", SHOP | {"requests_per_minute": 9})
    where = narrow.headers["Location"].removeprefix("/api/v1")
    wider = at.patch(where, {"scopes": ["customers.view", "customers.edit"]})
    assert wider.json["problems"][0]["code"] == "api_key.scope_lacking"
    assert at.post(f"/api-keys/{wide['id']}/rotate", {}).status_code == 422
    own = f"/api-keys/{at.get('/api-key').json['id']}"
    assert at.patch(own, {"requests_per_minute": 5_000}).status_code == 422
    assert program("customers.view").get("/api-keys").status_code == 403


def test_odd_ends_of_keys_are_refused(program):
    at = program()
    for end in ("9999-12-31T23:59:59-12:00", "2030-01-01T00:00:00", "soon", "2030-01-01", 5):
        refused = at.post("/api-keys", SHOP | {"expires_at": end})
        assert refused.status_code == 400, (end, refused.text)
        assert refused.json["problems"][0]["field"] == "expires_at"


def test_the_access_log_tells_what_was_asked(program, office):
    at = program()
    asked = at.get(f"/customers/{new_id()}")
    backlog_of(office.app).flush()
    listed = at.get("/api-requests", status_class="4", method="get").json["data"]
    (one,) = [each for each in listed if each["id"] == asked.json["request_id"]]
    assert (one["status"], one["key"]) == (404, at.get("/api-key").json["name"])
    assert one["problem"] == asked.json["code"]
    assert at.get(f"/api-requests/{one['id']}").json == one
    assert at.get("/api-requests", since="0001-01-01", text=one["id"]).json["data"] == [one]
