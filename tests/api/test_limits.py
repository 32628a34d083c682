"""How often a program may ask, what is noted of it, and in which version it is answered."""

from billhook.api import throttling, versions
from billhook.api.versions import Change
from billhook.backlog import backlog_of
from billhook.services import api_requests
from billhook.services.api_requests import RequestFilter
from billhook.services.api_versions import FIRST


def test_a_program_is_told_its_rate_and_refused_beyond_it(program):
    at = program("customers.view", limit=5)
    told = [at.get("/customers").headers for _each in range(5)]
    assert [one["RateLimit-Limit"] for one in told] == ["5"] * 5
    assert [one["RateLimit-Remaining"] for one in told] == ["4", "3", "2", "1", "0"]
    answer = at.get("/customers")
    assert (answer.status_code, answer.json["code"]) == (429, "rate.exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert program("customers.view").get("/customers").status_code == 200


def test_all_programs_of_a_tenant_share_a_bound(program, monkeypatch):
    monkeypatch.setattr(throttling, "TENANT_PER_MINUTE", 3)
    one, other = program("customers.view"), program("customers.view")
    assert [at.get("/customers").status_code for at in (one, one, other)] == [200, 200, 200]
    assert other.get("/customers").status_code == 429


def test_each_request_of_a_key_is_noted_without_its_content(program, office):
    at = program("customers.view")
    good = at.get("/customers?text=secret")
    at.post("/customers", {"reference": "A"})
    at.get("/nothing")
    backlog_of(office.app).flush()
    with office.ctx.acting():
        noted = api_requests.search(office.ctx, RequestFilter()).rows
    assert [(one.method, one.path, one.status, one.problem) for one in noted[:3]] == [
        ("GET", "/api/v1/nothing", 404, "route.not_found"),
        ("POST", "/api/v1/customers", 403, "access.forbidden"),
        ("GET", "/api/v1/customers", 200, ""),
    ]
    assert str(noted[2].id) == good.headers["X-Request-ID"]
    assert noted[2].api_version == FIRST


# Versions


RENAMED = Change(
    version="2027-03-01",
    operations=frozenset({"create_customer"}),
    request=lambda body: {**body, "title": body["name"]},
    answer=lambda answer: {"name": answer["title"]},
)
DOUBLED = Change(
    version="2027-06-01",
    operations=frozenset({"create_customer"}),
    request=lambda body: {**body, "names": [body["title"]]},
    answer=lambda answer: {"title": answer["names"][0]},
)


def test_an_old_program_is_understood_and_answered_as_it_was_written_for():
    changes = (RENAMED, DOUBLED)
    sent = versions.to_latest({"name": "A"}, FIRST, "create_customer", changes)
    assert sent["names"] == ["A"]
    answer = versions.from_latest({"names": ["A"]}, FIRST, "create_customer", changes)
    assert answer == {"name": "A"}


def test_a_program_of_between_is_answered_in_its_own_version():
    changes = (RENAMED, DOUBLED)
    answer = versions.from_latest({"names": ["A"]}, "2027-03-01", "create_customer", changes)
    assert answer == {"title": "A"}
    assert versions.from_latest({"a": 1}, FIRST, "get_customer", changes) == {"a": 1}


def test_a_version_changes_what_a_request_brings_and_gets(program, monkeypatch):
    shown = Change(
        version="2027-03-01",
        operations=frozenset({"create_customer"}),
        request=lambda body: {"reference": body["code"], "name": body["name"], "country": "DE"},
        answer=lambda answer: {"code": answer["reference"]},
    )
    monkeypatch.setattr(versions, "CHANGES", (shown,))
    at = program()
    old = at.post("/customers", {"code": "C-9", "name": "A"}, key="once")
    assert (old.status_code, old.json) == (201, {"code": "C-9"})
    assert old.headers["Billhook-Version"] == FIRST
    body = {"reference": "C-8", "name": "A", "country": "DE"}
    new = at.post("/customers", body, headers={"Billhook-Version": "2027-03-01"})
    assert new.json["reference"] == "C-8"
    wrong = at.send("GET", "/customers", headers={"Billhook-Version": "2020-01-01"})
    assert wrong.json["problems"][0]["code"] == "version.unknown"
