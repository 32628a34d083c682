"""Who comes in: a key that is in force, for what its scopes say, and nobody else."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import update

from billhook.api import described
from billhook.clock import SystemClock
from billhook.db import Base, current_tenant_id, transaction
from billhook.ids import new_id
from billhook.models.keys import ApiKey, ApiSecret
from billhook.services import api_keys, contexts
from billhook.services.api_keys import KeyInput
from billhook.services.api_versions import LATEST
from billhook.services.permissions import NAMES
from billhook.services.tokens import hash_of
from billhook.testing.applications import fresh_client
from billhook.testing.doors import placeholder
from billhook.testing.programs import Program, program

PUBLIC = {"api_description", "api_reference"}


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return endpoint, method and an address of every route of programs, with what nobody has."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/") or rule.endpoint in PUBLIC:
            continue
        kinds = rule._converters
        values = {name: placeholder(name, kind) for name, kind in kinds.items()}
        path = rule.build(values, append_unknown=False)[1]
        found += [(rule.endpoint, method, path) for method in rule.methods - {"HEAD", "OPTIONS"}]
    return found


def key_of(office, **changes) -> api_keys.MadeKey:
    wanted = {"name": "Shop", "scopes": ("customers.view",), **changes}
    return api_keys.make(office.ctx, KeyInput(**wanted), api_version=LATEST)


def test_nobody_is_let_in_without_a_key(office):
    client = fresh_client(office.app)
    places = [(method, path) for _endpoint, method, path in routes(office.app)]
    places += [("GET", "/api/v1/nothing"), ("PUT", "/api/v1/customers/x"), ("POST", "/api/")]
    for method, path in places:
        answer = client.open(path, method=method, buffered=True)
        assert answer.status_code == 401, (method, path)
        assert answer.content_type == "application/problem+json"
        assert answer.json["code"] == "request.unauthenticated"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


NOBODYS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer bhk_",
    "Bearer bhk_nothing",
    "Bearer " + "bhk_" + "a" * 10_000,
    "Basic {secret}",
    "{secret}",
    "Bearer {secret}x",
    "Bearer BHK_{rest}",
]


def test_what_is_no_key_is_nobodys(office):
    secret, client = key_of(office).secret, fresh_client(office.app)
    for header in NOBODYS:
        sent = header.format(secret=secret, rest=secret.removeprefix("bhk_"))
        answer = client.get("/api/v1/customers", headers={"Authorization": sent}, buffered=True)
        assert answer.status_code == 401, header[:80]


def test_a_key_in_force_comes_in(office):
    assert Program(office.app, key_of(office).secret).get("/customers").status_code == 200


def test_a_revoked_key_is_out_at_once(office):
    made = key_of(office)
    at = Program(office.app, made.secret)
    assert at.get("/customers").status_code == 200
    api_keys.revoke(office.ctx, made.entry.id)
    assert at.get("/customers").status_code == 401


def ends(row: type[Base], at: datetime, **which) -> None:
    with transaction() as session:
        tenant = current_tenant_id()
        wanted = [getattr(row, name) == value for name, value in which.items()]
        session.execute(update(row).where(row.tenant_id == tenant, *wanted).values(expires_at=at))


def test_an_expired_key_is_out(office):
    now = SystemClock().now()
    made = key_of(office, expires_at=now + timedelta(days=2))
    at = Program(office.app, made.secret)
    assert at.get("/customers").status_code == 200
    ends(ApiKey, now - timedelta(seconds=1), id=made.entry.id)
    assert at.get("/customers").status_code == 401


def test_the_secret_of_before_a_rotation_works_until_its_overlap_is_over(office):
    made = key_of(office)
    rotated = api_keys.rotate(office.ctx, made.entry.id, overlap=timedelta(hours=1))
    old, new = Program(office.app, made.secret), Program(office.app, rotated.secret)
    assert [old.get("/customers").status_code, new.get("/customers").status_code] == [200, 200]
    past = SystemClock().now() - timedelta(seconds=1)
    ends(ApiSecret, past, secret_hash=hash_of(made.secret))
    assert [old.get("/customers").status_code, new.get("/customers").status_code] == [401, 200]


def test_a_session_of_a_person_opens_no_door_of_programs(office):
    browser = office.visit()
    answer = browser.client.get("/api/v1/customers", buffered=True)
    assert answer.status_code == 401


def test_a_key_opens_no_page(office):
    secret = key_of(office).secret
    answer = fresh_client(office.app).get(
        "/customers", headers={"Authorization": f"Bearer {secret}"}, buffered=True
    )
    assert answer.status_code == 302
    assert "/log-in" in answer.location


def test_a_scope_that_no_plugin_brings_any_more_allows_nothing(office):
    key = key_of(office)
    ctx = contexts.key_context(
        office.ctx.tenant.id,
        key.entry.id,
        ["customers.view", "telex.send"],
        address="",
        request_id=new_id(),
    )
    assert ctx.permissions == {"customers.view"}


# The matrix: each scope against each route


def test_each_route_wants_its_scope_and_no_other(office):
    """A key with all other scopes is refused; one with this alone is let through."""
    scopes = {
        f"{group.plugin}-{one.name}" if group.plugin else one.name: one.permission
        for group in described()
        for one in group.routes.operations
    }
    found = routes(office.app)
    assert {endpoint.removeprefix("api.") for endpoint, _method, _path in found} == set(scopes)
    every = NAMES.union(scopes.values()) - {""}
    alone = {one: program(office.app, office.ctx, one) for one in every}
    without = {one: program(office.app, office.ctx, *sorted(every - {one})) for one in every}
    for endpoint, method, path in found:
        scope, below = scopes[endpoint.removeprefix("api.")], path.removeprefix("/api/v1")
        if not scope:
            continue
        refused = without[scope].send(method, below)
        assert (refused.status_code, refused.json["code"]) == (403, "access.forbidden"), endpoint
        allowed = alone[scope].send(method, below)
        assert allowed.status_code not in (401, 500), (endpoint, allowed.text)
        if allowed.status_code == 403:  # an act may need a second permission, which it names
            assert f"“{scope}”" not in allowed.json["detail"], endpoint
