"""Webhooks by the API, as an engineer and a REST hook set them up."""

import json

from sqlalchemy import select

from billhook.clock import SystemClock
from billhook.db import db
from billhook.models.audit import Audit
from billhook.models.webhooks import WebhookEndpoint
from billhook.models.work import Idempotency
from billhook.services.webhooks import claiming, sending

HOOK = {"url": "https://1.1.1.1/hook", "events": ["document.issued"], "description": "ERP"}
NOBODY = "01890a5d-ac96-774b-8000-000000000000"


def made(at, **given):
    answer = at.post("/webhooks", {**HOOK, **given})
    assert answer.status_code == 201, answer.text
    return answer.json


def answered(office, status: int) -> None:
    """Let what is due be answered with a status."""
    with office.app.app_context():
        for parcel in sending.parcels(claiming.claim(8, {})):
            at = SystemClock().now()
            came = sending.Outcome(
                attempted_at=at,
                headers=parcel.headers(at),
                milliseconds=7,
                status=status,
                answer="hello",
                address="1.1.1.1",
            )
            sending.record(parcel, came)


def test_a_webhook_is_made_read_changed_and_deleted(program):
    at = program()
    answer = at.post("/webhooks", HOOK)
    hook = answer.json
    where = answer.headers["Location"].removeprefix("/api/v1")
    assert hook["secret"].startswith("whsec_")
    read = at.get(where)
    assert read.json == {name: value for name, value in hook.items() if name != "secret"}
    assert [one["id"] for one in at.get("/webhooks", text="erp").json["data"]] == [hook["id"]]
    changed = at.patch(where, {"events": []}, headers={"If-Match": read.headers["ETag"]})
    assert (changed.json["events"], changed.json["url"]) == ([], HOOK["url"])
    stale = at.patch(where, {"events": []}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    assert at.delete(where).status_code == 204
    assert at.get(where).status_code == 404
    assert at.delete(where).status_code == 404


WRONG = [
    ({"url": "https://10.0.0.1/"}, "url", "http.address_refused"),
    ({"url": "http://1.1.1.1/"}, "url", "http.address_refused"),
    ({"url": "https://127.1/"}, "url", "http.url_invalid"),
    ({"url": "https://user@1.1.1.1/"}, "url", "http.url_invalid"),
    ({"events": ["sun.rose"]}, "events", "webhook.event_unknown"),
    ({"secret": "mine"}, "secret", "field.unknown"),
]


def test_what_is_wrong_is_said_at_its_field(program):
    at = program()
    where = f"/webhooks/{made(at)['id']}"
    for given, field, code in WRONG:
        for answer in (at.post("/webhooks", {**HOOK, **given}), at.patch(where, given)):
            assert answer.status_code == (400 if field == "secret" else 422), answer.text
            (problem,) = answer.json["problems"]
            assert (problem["field"], problem["code"]) == (field, code)


def test_a_repeat_makes_no_second_one_and_its_secret_is_kept_sealed(program, office):
    at = program()
    first, second = (at.post("/webhooks", HOOK, key="k") for _ in range(2))
    assert first.json == second.json
    assert len(at.get("/webhooks").json["data"]) == 1
    assert at.post("/webhooks", {**HOOK, "description": "x"}, key="k").status_code == 422
    where = f"/webhooks/{first.json['id']}/rotate"
    rotated = [at.post(where, {"overlap_hours": 0}, key="r").json for _ in range(2)]
    assert rotated[0] == rotated[1]
    with office.ctx.acting():
        kept = repr(db.session.execute(select(Idempotency.route, Idempotency.answer)).all())
        noted = db.session.scalars(select(Audit.action).where(Audit.object_kind == "webhook"))
        assert noted.all() == ["webhook.created", "webhook.secret_rotated"]
    for secret in (first.json["secret"], rotated[0]["secret"]):
        assert secret not in kept
    changed = [
        at.patch(f"/webhooks/{first.json['id']}", {"description": "x"}, key="c") for _ in range(2)
    ]
    assert changed[0].json == changed[1].json
    assert changed[0].json["version"] == 2


def test_a_rest_hook_subscribes_is_told_and_unsubscribes(program, office):
    at = program("webhooks.view", "webhooks.manage")
    (sample,) = at.get("/webhook-events/document.issued/samples").json
    events = at.get("/webhook-events").json
    (same,) = [json.loads(one["sample"]) for one in events if one["name"] == "document.issued"]
    assert sample == same
    assert sample["data"].keys() == {"document_id", "type", "customer_id", "url"}
    hook = made(at, url="https://1.1.1.1/zap")
    tried = at.post(f"/webhooks/{hook['id']}/test", {"event": "document.issued"})
    assert tried.json["state"] == "waiting"
    answered(office, 410)
    assert at.get(f"/webhooks/{hook['id']}").json["state_reason"] == "gone"
    assert at.delete(f"/webhooks/{hook['id']}").status_code == 204


def test_the_log_shows_what_was_answered_and_sends_again(program, office):
    at = program()
    hook, other = made(at), made(at)
    test = at.post(f"/webhooks/{hook['id']}/test", {}).json
    at.post(f"/webhooks/{other['id']}/test", {"event": "customer.created"})
    answered(office, 500)
    found = at.get("/webhook-deliveries", webhook_id=hook["id"]).json["data"]
    assert [(one["id"], one["state"], one["attempts"]) for one in found] == [
        (test["id"], "waiting", 1)
    ]
    assert len(at.get("/webhook-deliveries", event="customer.created").json["data"]) == 1
    assert at.get("/webhook-deliveries", id=test["message_id"]).json["data"] == found
    assert at.get("/webhook-deliveries", state="failed").json["data"] == []
    shown = at.get(f"/webhook-deliveries/{test['id']}").json
    (attempt,) = shown["tries"]
    assert (attempt["status"], attempt["answer"], attempt["address"]) == (500, "hello", "1.1.1.1")
    assert attempt["headers"]["webhook-id"] == test["message_id"]
    assert json.loads(shown["body"])["type"] == "document.issued"
    again = at.post(f"/webhook-deliveries/{test['id']}/replay")
    assert (again.json["attempts"], again.json["state"]) == (0, "waiting")
    answered(office, 410)
    assert at.post(f"/webhook-deliveries/{test['id']}/replay").status_code == 409
    at.post(f"/webhooks/{hook['id']}/resume")
    since = {"since": hook["created_at"]}
    assert at.post(f"/webhooks/{hook['id']}/replay", since).json == {"count": 1}
    many = at.post("/webhook-deliveries/replay", {"ids": [test["id"], NOBODY]})
    assert many.status_code == 404
    (one,) = at.post("/webhook-deliveries/replay", {"ids": [test["id"]]}).json
    assert one["id"] == test["id"]


def test_a_pause_and_its_end(program):
    at = program()
    hook = made(at)
    assert at.post(f"/webhooks/{hook['id']}/pause").json["state"] == "paused"
    assert at.post(f"/webhooks/{hook['id']}/test", {}).status_code == 409
    assert at.get("/webhooks", state="paused").json["data"][0]["id"] == hook["id"]
    assert at.post(f"/webhooks/{hook['id']}/resume").json["state"] == "active"


def test_looking_is_no_right_to_change(program, office):
    hook = made(program())
    viewer = program("webhooks.view")
    assert viewer.get(f"/webhooks/{hook['id']}").status_code == 200
    refused = [
        viewer.post("/webhooks", HOOK),
        viewer.delete(f"/webhooks/{hook['id']}"),
        viewer.post(f"/webhooks/{hook['id']}/rotate", {}),
        viewer.post(f"/webhooks/{hook['id']}/test", {}),
        viewer.post("/webhook-deliveries/replay", {"ids": [NOBODY]}),
        program("customers.view").get("/webhooks"),
    ]
    assert {answer.status_code for answer in refused} == {403}
    with office.ctx.acting():
        assert db.session.scalars(select(WebhookEndpoint.version)).all() == [1]


def test_a_list_goes_on_where_it_ended(program):
    at = program()
    ids = [made(at)["id"] for _ in range(3)]
    first = at.get("/webhooks", limit="2").json
    rest = at.get("/webhooks", after=first["next"]).json
    assert [one["id"] for one in (*first["data"], *rest["data"])] == ids[::-1]
    assert rest["next"] is None
