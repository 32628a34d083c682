"""Own domains of the portal by the API: added, proved by the DNS, dressed, removed."""

import pytest

from billhook.services import portal_domains
from billhook.services.dns import DnsSilent

OWN = "billing.office.example"


class Dns:
    """A name server that says what it is told, and counts who asks."""

    def __init__(self) -> None:
        self.says, self.is_silent, self.count = [], False, 0

    def texts(self, name):
        self.count += 1
        if self.is_silent:
            raise DnsSilent(name)
        return self.says

    def aliases(self, name):
        return ["portal.host.example"]


@pytest.fixture
def dns(monkeypatch):
    found = Dns()
    monkeypatch.setattr(portal_domains, "DnsResolver", lambda: found)
    return found


def test_a_program_adds_proves_dresses_and_removes_a_domain(program, dns):
    at = program("portal.manage")
    made = at.post("/portal-domains", {"domain": OWN.upper()})
    assert (made.status_code, made.json["domain"]) == (201, OWN)
    where = made.headers["Location"].removeprefix("/api/v1")
    assert at.get(where).json == made.json
    assert made.json["record"] == f"_billhook.{OWN}"
    assert at.post(f"{where}/check").json["domain"]["verified_at"] is None
    dns.says = [made.json["text"]]
    proved = at.post(f"{where}/check").json
    assert proved["domain"]["verified_at"]
    assert proved["texts"] == dns.says
    assert proved["aliases"] == ["portal.host.example"]
    assert at.put(f"{where}/brand", {"brand": "default"}).json["brand"] == "default"
    assert [one["brand"] for one in at.get("/portal-domains").json["data"]] == ["default"]
    assert at.delete(where).status_code == 204
    assert at.get("/portal-domains").json == {"data": []}
    assert at.post(f"{where}/check").status_code == 404


def test_a_check_that_is_repeated_asks_nobody_again(program, dns):
    at = program("portal.manage")
    at.post("/portal-domains", {"domain": OWN})
    first = at.post(f"/portal-domains/{OWN}/check", key="once")
    dns.says = ["something else"]
    again = at.post(f"/portal-domains/{OWN}/check", key="once")
    assert again.json == first.json
    assert dns.count == 1


def test_bad_domains_are_refused_and_silence_is_told(program, dns):
    at = program("portal.manage")
    refused = at.post("/portal-domains", {"domain": "10.0.0.1"})
    assert (refused.status_code, refused.json["problems"][0]["field"]) == (422, "domain")
    assert at.post("/portal-domains", {"domain": OWN, "brand": "none"}).status_code == 404
    assert at.get("/portal-domains/10.0.0.1").status_code == 404
    at.post("/portal-domains", {"domain": OWN})
    dns.is_silent = True
    silent = at.post(f"/portal-domains/{OWN}/check")
    assert (silent.status_code, silent.json["type"]) == (503, "urn:billhook:problem:dns.silent")
    assert program("portal.view").get("/portal-domains").status_code == 403


def test_programs_do_not_have_the_dns_asked_without_end(program, dns):
    at = program("portal.manage")
    at.post("/portal-domains", {"domain": OWN})
    answers = [at.post(f"/portal-domains/{OWN}/check").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    assert dns.count == 20
