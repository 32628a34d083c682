"""`billhook api-key`: the operator lets programs in and out."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from billhook.ids import new_id
from billhook.services import api_requests, key_contexts
from billhook.services.api_requests import ApiRequestRecord
from billhook.services.contexts import operator_context


@pytest.fixture
def made(shop) -> dict:
    words = ("api-key", "make", "Web shop", "--scope", "customers.view", "--scope", "charges.edit")
    return shop(*words, "--until", "2099-12-31", "--per-minute", "60", "--json").json


def visit(secret: str):
    return key_contexts.visit(secret, address="192.0.2.9", request_id=new_id())


def test_a_key_is_made_rotated_and_revoked(shop, made):
    assert visit(made["secret"]).ctx.permissions == {"customers.view", "charges.edit"}
    assert made["expires_at"] == "2099-12-31T23:00:00+00:00"  # midnight in Berlin
    rotated = shop("api-key", "rotate", made["id"], "--overlap", "0").out.splitlines()[-1]
    assert visit(made["secret"]) is None
    assert visit(rotated).requests_per_minute == 60
    listed = shop("api-key", "list", "--state", "active")
    assert rotated[:12] in listed.out
    assert rotated not in listed.out
    assert "Web shop" in shop("api-key", "revoke", made["id"]).out
    assert visit(rotated) is None
    assert shop("api-key", "list", "--state", "active", "--json").json == {"keys": []}


def test_the_log_says_what_a_key_asked_for(shop, made):
    asked = ApiRequestRecord(
        id=new_id(),
        key_id=UUID(made["id"]),
        requested_at=datetime.now(UTC),
        method="POST",
        route="/charges",
        path="/api/v1/charges",
        status=422,
        problem="input.invalid",
        milliseconds=9,
        address="192.0.2.9",
    )
    api_requests.write(operator_context("shop").tenant.id, [asked])
    (found,) = shop("api-key", "log", "--key", made["id"], "--status", "4", "--json").json[
        "requests"
    ]
    assert (found["path"], found["problem"]) == ("/api/v1/charges", "input.invalid")
    assert shop("api-key", "log", "--status", "2", "--json").json == {"requests": []}


def test_what_is_no_scope_is_refused_with_the_reason(shop):
    said = shop("api-key", "make", "x", "--scope", "moon.land", status=1).err
    assert "“moon.land” is no permission here." in said
