"""A domain is a tenant's once the DNS says so, or the operator does; and of one tenant alone."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.audit import Audit
from billhook.services import dns as dns_service
from billhook.services import portal_domains
from billhook.services.contexts import operator_context
from billhook.services.dns import DnsResolver, DnsSilent
from billhook.services.portal import own_domains
from billhook.testing.members import join, open_tenant

OWN = "billing.office.example"


class Records:
    """A resolver that knows what it is told."""

    def __init__(self, texts=(), aliases=()):
        self._texts, self._aliases, self.asked = list(texts), list(aliases), []

    def texts(self, name):
        self.asked.append(name)
        return self._texts

    def aliases(self, name):
        return self._aliases


@contextmanager
def name_server(zone) -> Iterator[DnsResolver]:
    """Run a name server on a port of this machine, and return who asks it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def answer():
            while True:
                query, address = listening.recvfrom(4096)
                if not query:
                    return
                asked = dns.message.from_wire(query)
                reply = dns.message.make_response(asked)
                reply.flags |= dns.flags.AA | dns.flags.RA
                (question,) = asked.question
                name = question.name.to_text(omit_final_dot=True)
                kind = dns.rdatatype.to_text(question.rdtype)
                records = zone.get((name, kind), [])
                if not any(known == name for known, _kind in zone):
                    reply.set_rcode(dns.rcode.NXDOMAIN)
                elif records:
                    reply.answer.append(
                        dns.rrset.from_text(question.name, 60, "IN", kind, *records)
                    )
                listening.sendto(reply.to_wire(), address)

        answering = Thread(target=answer)
        answering.start()
        host, port = listening.getsockname()
        try:
            yield DnsResolver(servers=(host,), port=port)
        finally:
            listening.sendto(b"", (host, port))
            answering.join()


def acts() -> list[str]:
    wanted = select(Audit.action).where(Audit.object_kind == "portal_domain").order_by(Audit.id)
    return list(db.session.scalars(wanted))


def test_a_domain_is_proved_by_the_record_that_its_owner_writes(office):
    added = portal_domains.add(office.ctx, " Billing.Office.Example ")
    assert (added.domain, added.record, added.target) == (OWN, f"_billhook.{OWN}", "127.0.0.1")
    assert portal_domains.add(office.ctx, OWN).text == added.text
    others = Records(["v=spf1 -all", added.text.upper()], ["elsewhere.example"])
    checked = portal_domains.check(office.ctx, OWN, resolver=others)
    assert checked.entry.verified_at is None
    assert checked.aliases == ("elsewhere.example",)
    assert not own_domains.is_proved(OWN)
    ours = Records(["v=spf1 -all", added.text])
    assert portal_domains.check(office.ctx, OWN, resolver=ours).entry.verified_at is not None
    assert ours.asked == [f"_billhook.{OWN}"]
    assert own_domains.is_proved(OWN)
    assert portal_domains.check(office.ctx, OWN, resolver=Records()).entry.verified_at is not None
    portal_domains.remove(office.ctx, OWN)
    assert not own_domains.is_proved(OWN)
    assert acts() == [f"portal_domain.{act}" for act in ("added", "proved", "removed")]


def test_a_domain_is_proved_for_one_tenant_and_another_has_a_record_of_its_own(office):
    other = open_tenant("other", pack=())
    ours = portal_domains.add(office.ctx, OWN)
    with other.acting():
        theirs = portal_domains.add(other, OWN)
        assert theirs.text != ours.text
        assert (
            portal_domains.check(other, OWN, resolver=Records([ours.text])).entry.verified_at
            is None
        )
        portal_domains.check(other, OWN, resolver=Records([theirs.text]))
    with pytest.raises(Conflict, match="Another company"):
        portal_domains.check(office.ctx, OWN, resolver=Records([ours.text]))
    with pytest.raises(Conflict, match="Another company"):
        portal_domains.confirm(operator_context("office"), OWN)
    assert own_domains.proved()[OWN].slug == "other"
    with other.acting():
        portal_domains.remove(other, OWN)
    portal_domains.check(office.ctx, OWN, resolver=Records([ours.text]))
    assert own_domains.proved()[OWN].slug == "office"


def test_a_check_with_the_same_key_asks_nobody_again_and_one_that_was_refused_may(office):
    ours, other = portal_domains.add(office.ctx, OWN), open_tenant("other", pack=())
    records = Records(["something else"])
    first = portal_domains.check(office.ctx, OWN, resolver=records, key="once")
    records._texts = [ours.text]
    assert portal_domains.check(office.ctx, OWN, resolver=records, key="once") == first
    assert len(records.asked) == 1
    with other.acting():
        theirs = portal_domains.add(other, OWN)
        portal_domains.check(other, OWN, resolver=Records([theirs.text]))
    with pytest.raises(Conflict, match="Another company"):
        portal_domains.check(office.ctx, OWN, resolver=records, key="again")
    with other.acting():
        portal_domains.remove(other, OWN)
    proved = portal_domains.check(office.ctx, OWN, resolver=records, key="again")
    assert proved.entry.verified_at is not None


def test_the_operator_alone_takes_a_domain_as_proved(office):
    admin = join("office", "otto@office.example").ctx
    with admin.acting():
        portal_domains.add(admin, OWN)
        with pytest.raises(Forbidden):
            portal_domains.confirm(admin, OWN)
    assert not own_domains.is_proved(OWN)
    portal_domains.confirm(operator_context("office"), OWN)
    assert own_domains.is_proved(OWN)


def test_what_is_no_domain_of_ones_own_is_refused(office):
    for text, code in (
        ("127.0.0.1", "portal_domain.invalid"),
        ("intranet", "portal_domain.invalid"),
        ("co.uk", "portal_domain.invalid"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            portal_domains.add(office.ctx, text)
        assert [(one.code, one.path) for one in refused.value.problems] == [(code, "domain")]
    for number in range(portal_domains.MOST):
        portal_domains.add(office.ctx, f"d{number}.example")
    with pytest.raises(ValidationFailed, match="20"):
        portal_domains.add(office.ctx, "one-more.example")
    for act in (portal_domains.get, portal_domains.check, portal_domains.remove):
        with pytest.raises(NotFound):
            act(office.ctx, "nobodys.example")


def test_the_dns_is_asked_as_it_is_on_the_wire(office):
    added = portal_domains.add(office.ctx, OWN)
    half = len(added.text) // 2
    zone = {
        (f"_billhook.{OWN}", "TXT"): [
            '"other"',
            f'"{added.text[:half]}" "{added.text[half:]}"',  # long records come in pieces
        ],
        (OWN, "CNAME"): ["Home.Example."],
        ("bare.example", "A"): ["192.0.2.1"],
    }
    with name_server(zone) as resolver:
        checked = portal_domains.check(office.ctx, OWN, resolver=resolver)
        assert (checked.texts, checked.aliases) == ((added.text, "other"), ("home.example",))
        assert checked.entry.verified_at is not None
        assert (resolver.texts("bare.example"), resolver.texts("none.example")) == ([], [])


def test_a_dns_that_is_silent_is_no_answer(office, monkeypatch):
    monkeypatch.setattr(dns_service, "WAIT_SECONDS", 0.05)
    portal_domains.add(office.ctx, OWN)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = DnsResolver(servers=("127.0.0.1",), port=nobody.getsockname()[1])
        with pytest.raises(DnsSilent):
            portal_domains.check(office.ctx, OWN, resolver=silent)
    assert not own_domains.is_proved(OWN)


def test_a_domain_is_added_checked_and_removed_on_its_pages(office, monkeypatch):
    records = Records()
    monkeypatch.setattr(portal_domains, "DnsResolver", lambda: records)
    browser, page = office.visit(), "/settings/portal/domains"
    assert page in browser.get("/settings/portal").text
    wrong = browser.send(page, {"domain": "127.0.0.1"})
    assert wrong.status_code == 422
    assert "Enter a domain of your own" in wrong.text
    made = browser.send(page, {"domain": "rechnung.müller.example"})
    assert made.location == f"{page}/rechnung.xn--mller-kva.example"
    shown = browser.get(made.location).text
    assert "_billhook.rechnung.xn--mller-kva.example" in shown
    assert "rechnung.müller.example" in browser.get(page).text
    checking = f"{made.location}/check"
    answer = browser.send(checking, {}, page=made.location)
    assert "No such TXT record" in answer.text
    records._texts = [portal_domains.get(office.ctx, "rechnung.müller.example").text]
    assert "The domain is proved" in browser.send(checking, {}, page=made.location).text
    removing = f"{made.location}/remove"
    assert browser.send(removing, {}, page=removing).location == page
    assert browser.get(made.location).status_code == 404
