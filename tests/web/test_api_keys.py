"""API keys in a browser: a secret is shown once, and who makes a key has just proved who they are."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from billhook.clock import SystemClock
from billhook.db import db
from billhook.ids import new_id
from billhook.models.people import LoginSession
from billhook.services import api_keys, api_requests, key_contexts
from billhook.services.api_keys import KeyFilter, KeyInput
from billhook.services.api_requests import ApiRequestRecord
from billhook.services.contexts import operator_context

SECRET = re.compile(r'<code class="secret-link"[^>]*>([^<]+)</code>')
WANTED = {
    "name": "Web shop",
    "scopes": ["customers.view", "charges.edit"],
    "expires_on": "2099-06-30",
    "requests_per_minute": "60",
}


def keys():
    ctx = operator_context("shop")
    db.session.rollback()
    with ctx.acting():
        return list(api_keys.search(ctx, KeyFilter()).rows)


def visit(secret: str):
    db.session.rollback()
    return key_contexts.visit(secret, address="192.0.2.9", request_id=new_id())


@pytest.fixture
def key(shop):
    """Return a key that may do what no developer may."""
    ctx = operator_context("shop")
    with ctx.acting():
        wanted = KeyInput(name="ERP", scopes=("customers.view", "documents.issue"))
        return api_keys.make(ctx, wanted, api_version="2026-11-30")


def test_a_new_key_is_shown_with_its_secret_once_and_works(at_shop):
    shown = at_shop.send("/api-keys/new", WANTED)
    secret = SECRET.search(shown.text)[1]
    assert shown.headers["Cache-Control"] == "no-store"
    assert "/api/v1/customers" in shown.text
    assert visit(secret).ctx.permissions == {"customers.view", "charges.edit"}
    (made,) = keys()
    assert made.expires_at == datetime(2099, 6, 30, 23, tzinfo=UTC)  # London's summer
    assert (made.requests_per_minute, made.maker) == (60, "ada")
    for path in ("/api-keys", f"/api-keys/{made.id}", f"/api-keys/{made.id}/change"):
        page = at_shop.get(path)
        assert page.status_code == 200
        assert secret not in page.text
        assert "Web shop" in page.text
    assert secret[:12] in at_shop.get("/api-keys/export.csv").text


def test_a_usual_choice_is_ticked_without_scripts(at_shop):
    ticked = set(
        re.findall(r'value="([a-z_.]+)" checked', at_shop.get("/api-keys/new?preset=reads").text)
    )
    assert "customers.view" in ticked
    assert all(name.endswith(".view") for name in ticked)


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(at_shop):
    answer = at_shop.send(
        "/api-keys/new", {**WANTED, "expires_on": "2020-01-01", "requests_per_minute": "9999"}
    )
    assert answer.status_code == 422
    assert "Allow 1 to 6,000 requests in a minute." in answer.text
    answer = at_shop.send("/api-keys/new", {**WANTED, "scopes": [], "expires_on": "2020-01-01"})
    assert "Choose at least one thing it may do." in answer.text
    assert re.search(r'id="expires_on-error">This is over already', answer.text)
    assert 'value="Web shop"' in answer.text
    assert keys() == []


def test_the_password_is_asked_again_before_a_key_is_made_changed_or_rotated(at_shop, key):
    pages = (
        "/api-keys/new",
        f"/api-keys/{key.entry.id}/change",
        f"/api-keys/{key.entry.id}/rotate",
    )
    token = at_shop.token("/api-keys/new")
    with db.session.begin():
        db.session.execute(
            update(LoginSession).values(proved_at=SystemClock().now() - timedelta(minutes=11))
        )
    for path in pages:
        assert "/account/confirm" in at_shop.get(path).location
        sent = at_shop.post(path, {**WANTED, "overlap": "0", "csrf_token": token})
        assert "/account/confirm" in sent.location
    assert [one.version for one in keys()] == [1]


def test_who_lacks_a_scope_of_a_key_neither_rotates_it_nor_gives_it_more(signed_in, key):
    browser, path = signed_in("developer"), f"/api-keys/{key.entry.id}"
    assert "documents.issue" not in re.findall(
        r'name="scopes" value="([a-z_.]+)"', browser.get(f"{path}/change").text
    )
    refused = browser.send(f"{path}/rotate", {"overlap": "0"})
    assert refused.status_code == 422
    assert SECRET.search(refused.text) is None
    wider = {**WANTED, "scopes": ["customers.view", "documents.issue"], "version": "1"}
    wider["requests_per_minute"] = "700"
    answer = browser.send(f"{path}/change", wider)
    assert answer.status_code == 422
    assert "not yours to give" in answer.text
    assert visit(key.secret).requests_per_minute == 600


def test_a_key_is_changed_rotated_and_revoked(at_shop, key):
    path = f"/api-keys/{key.entry.id}"
    saved = at_shop.send(f"{path}/change", {**WANTED, "version": "1"})
    assert saved.status_code == 303
    assert visit(key.secret).ctx.permissions == {"customers.view", "charges.edit"}
    late = at_shop.send(f"{path}/change", {**WANTED, "name": "Late", "version": "1"})
    assert late.status_code == 409
    assert 'value="Late"' in late.text
    secret = SECRET.search(at_shop.send(f"{path}/rotate", {"overlap": "24"}).text)[1]
    assert visit(key.secret)
    assert visit(secret)
    assert key.secret[:12] in at_shop.get(path).text
    assert "Revoke “Web shop”?" in at_shop.get(f"{path}/revoke").text
    assert at_shop.send(f"{path}/revoke").status_code == 303
    assert visit(secret) is None
    assert "Revoked" in at_shop.get(path).text


def test_a_change_that_leaves_the_last_day_alone_keeps_the_end_to_the_second(at_shop):
    ctx = operator_context("shop")
    end = datetime(2099, 6, 30, 12, 34, 56, tzinfo=UTC)
    with ctx.acting():
        wanted = KeyInput(name="ERP", scopes=("customers.view",), expires_at=end)
        made = api_keys.make(ctx, wanted, api_version="2026-11-30").entry
    at_shop.send(f"/api-keys/{made.id}/change", {**WANTED, "version": "1"})
    assert keys()[0].expires_at == end


def test_what_a_key_asked_for_is_listed_filtered_and_exported(at_shop, key):
    asked = {
        status: ApiRequestRecord(
            id=new_id(),
            key_id=key.entry.id,
            requested_at=datetime.now(UTC),
            method="POST",
            route="/charges",
            path=f"/api/v1/charges/{status}",
            status=status,
            problem="input.invalid" if status == 422 else "",
            milliseconds=9,
            address="192.0.2.9",
            user_agent="<script>shop",
        )
        for status in (201, 422)
    }
    api_requests.write(operator_context("shop").tenant.id, list(asked.values()))
    every = at_shop.get(f"/api-requests?key={key.entry.id}").text
    assert "/api/v1/charges/201" in every
    refused = at_shop.get("/api-requests?status=4&method=POST&search=charges").text
    assert "input.invalid" in refused
    assert "/api/v1/charges/201" not in refused
    assert "POST /api/v1/charges/422" in at_shop.get("/api-requests/export.csv?status=4").text
    page = at_shop.get(f"/api-requests/{asked[422].id}").text
    assert "&lt;script&gt;shop" in page
    assert "/api/v1/charges/422" in at_shop.get(f"/api-keys/{key.entry.id}").text
