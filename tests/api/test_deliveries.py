"""Deliveries by the API: sent once for each key, found, tried again."""

from sqlalchemy import func, select

from billhook.db import db, is_writing
from billhook.errors import Rejected
from billhook.models.audit import Audit
from billhook.models.deliveries import Delivery
from billhook.problems import Problem
from billhook.services import delivering
from billhook.testing.outward import CHANNEL, Paper


def fields(answer):
    assert answer.status_code in (400, 422), answer.text  # malformed, or refused by its meaning
    return [one["field"] for one in answer.json["problems"]]


def acts(action):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Audit).where(Audit.action == action))


def test_deliveries_are_found_with_recipients_and_every_step(program, office):
    at = program()
    (listed,) = at.get("/deliveries").json["data"]
    alone = at.get(f"/deliveries/{office.delivery}").json
    assert listed == alone
    assert (alone["number"], alone["state"], alone["channel"]) == (
        "INV-2026-00001",
        "sent",
        CHANNEL,
    )
    assert [one["address"] for one in alone["recipients"]] == ["ann@client.example"]
    for query, many in (
        ({"state": "failed"}, 0),
        ({"state": "sent", "channel": CHANNEL, "customer": "ann"}, 1),
        ({"document_id": str(office.invoice)}, 1),
        ({"document_id": str(office.note)}, 0),
        ({"text": "ann@client"}, 1),
        ({"until": "9999-12-31", "since": "0001-01-01"}, 1),
        ({"since": "9999-12-31"}, 0),
    ):
        found = at.get("/deliveries", **query)
        assert len(found.json["data"]) == many, (query, found.text)
    content = at.get(f"/deliveries/{office.delivery}/content").json
    assert [one["kind"] for one in content["steps"]] == ["tried", "committed", "sent"]
    assert "INV-2026-00001" in content["subject"]
    page = at.get(f"/deliveries/{office.delivery}/message")
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in page.headers["Content-Security-Policy"]


def test_a_document_is_sent_once_for_a_key_and_rendered_outside_of_transactions(
    program, office, monkeypatch
):
    at, held = program(), []
    monkeypatch.setattr(Paper, "act", lambda _paper: held.append(is_writing()))
    (other,) = at.get("/documents", number="INV-2026-00002").json["data"]
    path = f"/documents/{other['id']}"
    (way,) = at.get(f"{path}/ways").json["data"]
    assert (way["channel"], way["recipients"][0]["address"]) == (CHANNEL, "lodz@client.example")
    wanted = {"channel": CHANNEL, "recipients": [{"address": "ap@lodz.example", "kind": "to"}]}
    made = at.post(f"{path}/send", wanted, key="s")
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/api/v1/deliveries/{made.json['id']}"
    assert [one["address"] for one in made.json["recipients"]] == ["ap@lodz.example"]
    assert at.post(f"{path}/send", wanted, key="s").json == made.json
    assert held
    assert not any(held)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 2
    other_body = at.post(f"{path}/send", {}, key="s")
    assert other_body.json["code"] == "idempotency.mismatch"
    blind = {"recipients": [{"address": "ap@lodz.example", "kind": "bcc"}]}
    assert fields(at.post(f"{path}/send", blind)) == ["recipients"]
    assert fields(at.post(f"{path}/send", {"formats": []})) == ["formats"]
    assert at.post(f"{path}/send", {"channel": "no.such"}).status_code == 404
    reader = program("deliveries.view")
    assert reader.post(f"{path}/send", {}).status_code == 403


def test_what_failed_is_tried_again_once_for_a_key(program, office):
    at = program()
    sent = f"/deliveries/{office.delivery}"
    assert at.post(f"{sent}/retry").status_code == 409
    office.paper.errors.append(Rejected([Problem(code="x", message="Nobody there.")]))
    failing = delivering.send(office.ctx, office.invoice).id
    delivering.attempt(office.ctx, failing)
    db.session.rollback()
    assert at.get(f"/deliveries/{failing}").json["last_error"] == "Nobody there."
    tried = at.post(f"/deliveries/{failing}/retry", key="r")
    assert (tried.status_code, tried.json["state"]) == (200, "queued")
    assert at.post(f"/deliveries/{failing}/retry", key="r").json == tried.json
    assert acts("delivery.retried") == 1
    wanted = {"ids": [str(failing), str(failing), str(office.delivery)]}
    several = at.post("/deliveries/retry", wanted, key="r")
    assert several.json["tried"] == 1
    assert several.json["refused"][0].startswith("This was sent.")
    nobody = at.post("/deliveries/retry", {"ids": [str(office.invoice)]})
    assert nobody.status_code == 404
    assert fields(at.post("/deliveries/retry", {"ids": []})) == ["ids"]
