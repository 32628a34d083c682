"""Every page of the portal, tried by everybody whom it is not for: never a byte of another client's.

The doors come from the application, so that a page which somebody adds is knocked at from
its first day. What is not the gnu's holds the word “zebra”.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.backlog import backlog_of
from billhook.db import db
from billhook.models.clients import ClientNotice, ClientSession, DocumentSeen, PortalVisit
from billhook.models.customers import Contact, Customer
from billhook.models.portal import ProfileChange
from billhook.models.questions import Question
from billhook.portal.access import Audience
from billhook.services import sessions as staff_sessions
from billhook.services.contexts import operator_context
from billhook.services.portal import clients, sessions
from billhook.testing import herds
from billhook.testing import worlds as testing
from billhook.testing.applications import fresh_client
from billhook.testing.browser import Browser
from billhook.testing.doors import Door, doors, form_token, placeholder, portal_doors
from billhook.testing.herds import MARK, Animal, Herd
from billhook.testing.outward import Paper, paper_plugin
from billhook.web.access import Audience as StaffAudience

ROOT = "/portal/plain/"
ENDS_SESSIONS = {"entering.log_out", "looking.leave", "security.end_other_sessions"}
"""Doors behind which nobody comes back; they are knocked at last."""
BEGIN_TO_WRITE = {"GET portal.questions.new"}
"""Forms that are not shown to whoever cannot send them."""
TELL_AFTERWARDS = {"profile.withdraw"}
"""Doors that say on the next page that there is nothing to act on any more."""
WORDS = {"kind": "question", "key": "paper", "position": 1, "tenant": "plain"}
PUBLIC = {
    "entering.log_in",
    "entering.send_log_in",
    "faces.font",
    "faces.icon",
    "faces.logo",
    "faces.style",
    "faces.theme_file",
    "inviting.accept",
    "inviting.invitation",
    "looking.begin",
    "resetting.ask",
    "resetting.reset",
    "resetting.save",
    "resetting.send",
}
HALF = {
    "entering.log_out",
    "looking.leave",
    "proving.give_code",
    "proving.second_factor",
}


@pytest.fixture
def beginning(worlds) -> testing.World[Herd]:
    return worlds.world("herd", lambda config: herds.build(config, _plugins()))


@pytest.fixture
def app(make_app, config, beginning) -> Iterator[Flask]:
    app = make_app(config, plugins=_plugins())
    with app.app_context():
        yield app


@pytest.fixture
def herd(beginning) -> Herd:
    return beginning.told


def _plugins() -> list:
    return [pricing_standard, tax_rules, paper_plugin(Paper())]


class Visitor:
    """Somebody who knocks at the doors of the portal “plain”."""

    def __init__(self, app: Flask, begin=None) -> None:
        self._client = fresh_client(app)
        self._begin = begin
        self._knocks = 0
        self._log_in()

    def _log_in(self) -> None:
        if self._begin is not None:
            db.session.rollback()
            name, token, path = self._begin()
            self._client.set_cookie(name, token, path=path)
            db.session.rollback()

    def knock(self, door: Door, ids: dict) -> TestResponse:
        path = door.path(
            lambda name, kind: ids.get(name, WORDS.get(name)) or placeholder(name, kind)
        )
        body = None if door.is_safe else {"csrf_token": form_token(self._client, ROOT)}
        self._knocks += 1  # each from elsewhere: how often one address may try is no matter here
        answer = self._client.open(
            path,
            method=door.method,
            data=body,
            buffered=True,
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{self._knocks % 250}"},
        )
        if _short(door) in ENDS_SESSIONS:
            self._log_in()
        return answer


def _short(door: Door) -> str:
    return door.endpoint.removeprefix("portal.")


def _client(contact, *, slug="plain", is_proved=True):
    """Return a way to begin a contact's session."""

    def begin():
        ctx = operator_context(slug)
        with ctx.acting():
            row = clients.of_contact(ctx, contact)
            token = sessions.begin(ctx, row.customer_id, contact_id=contact, is_proved=is_proved)
        return "billhook_client", token, ROOT

    return begin


def _look(herd: Herd, customer):
    def begin():
        ctx = operator_context("plain")
        with ctx.acting():
            token = sessions.begin(ctx, customer, viewer_id=herd.admin.person_id)
        return "billhook_client", token, ROOT

    return begin


def _staff(herd: Herd):
    def begin():
        token = staff_sessions.begin(herd.admin.person_id, tenant_id=herd.admin.tenant_id)
        return "billhook_login", token, "/"

    return begin


def _shown(answer: TestResponse) -> str:
    """Return what an answer tells of the zebra."""
    said = "\n".join(f"{name}: {value}" for name, value in answer.headers) + answer.text
    at = said.lower().find(MARK)
    return "" if at < 0 else said[max(at - 60, 0) : at + 60]


def test_every_page_declares_whom_it_is_for(app):
    found = {_short(door): door.access for door in portal_doors(app)}
    assert len(found) > 30

    def of(audience):
        return {name for name, access in found.items() if access.audience is audience}

    assert of(Audience.ANYBODY) == PUBLIC
    assert of(Audience.HALF) == HALF
    assert {name.partition(".")[0] for name in of(Audience.GUEST)} == {"guests", "guest_questions"}
    permissions = {clients.SEE, clients.PAY, clients.MANAGE, clients.WRITE}
    assert {found[name].permission for name in of(Audience.CLIENT)} <= permissions


STRANGERS = {
    "nobody": lambda herd: None,
    "a client of another company": lambda herd: _client(herd.caged.contact, slug="zoo"),
    "a member of the company": _staff,
}


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_are_led_to_the_log_in_or_refused(app, herd, who):
    visitor = Visitor(app, STRANGERS[who](herd))
    for door in portal_doors(app):
        answer = visitor.knock(door, herd.zebra.ids)
        assert not _shown(answer), f"{who}: {door.name} shows {_shown(answer)}"
        match door.access.audience:
            case Audience.CLIENT | Audience.HALF if door.is_safe:
                assert answer.status_code == 303, door.name
                assert answer.location.startswith(f"{ROOT}log-in"), door.name
            case Audience.CLIENT | Audience.HALF:
                assert answer.status_code == 401, door.name
            case Audience.GUEST:
                assert answer.status_code == 404, door.name
            case Audience.ANYBODY:
                assert answer.status_code in (200, 303, 404, 410, 422), door.name


def test_whoever_owes_a_second_factor_gets_no_further(app, herd):
    visitor = Visitor(app, _client(herd.gnu.contact, is_proved=False))
    for door in portal_doors(app):
        if door.access.audience is not Audience.CLIENT:
            continue
        answer = visitor.knock(door, herd.gnu.ids)
        if door.is_safe:
            assert answer.status_code == 303, door.name
            assert answer.location.startswith(f"{ROOT}second-factor"), door.name
        else:
            assert answer.status_code == 401, door.name
        assert "Gnu" not in answer.text


@pytest.mark.parametrize("whose", ["zebra", "caged"])
def test_what_is_another_client_s_is_not_there(app, herd, whose):
    other: Animal = getattr(herd, whose)
    before = _rows(other)
    visitor = Visitor(app, _client(herd.gnu.contact))
    reached: Counter[int] = Counter()
    for door in portal_doors(app):
        if door.access.audience is Audience.GUEST:
            continue  # whoever has the link is let in: that is what it is
        answer = visitor.knock(door, other.ids)
        reached[answer.status_code] += 1
        assert not _shown(answer), f"{door.name} shows {_shown(answer)}"
        assert answer.status_code < 500, door.name
        if set(door.rule.arguments) & set(other.ids):
            refused = 303 if _short(door) in TELL_AFTERWARDS else 404
            assert answer.status_code == refused, door.name
            assert visitor.knock(door, {}).status_code == refused, door.name  # as for nobody's
    assert reached[404] > 10
    assert _rows(other) == before


KEPT = (
    (Customer, Customer.id, "customer"),
    (Contact, Contact.customer_id, "customer"),
    (Question, Question.customer_id, "customer"),
    (ProfileChange, ProfileChange.customer_id, "customer"),
    (ClientNotice, ClientNotice.contact_id, "contact"),
    (ClientSession, ClientSession.contact_id, "contact"),
)
"""Rows that clients write, and whose they are."""


def _rows(animal: Animal) -> dict[str, list[str]]:
    """Return what there is of a client in the tables that clients write."""
    found = {}
    for slug in ("plain", "zoo"):
        ctx = operator_context(slug)
        with ctx.acting():
            for kind, key, whose in KEPT:
                table = kind.__table__
                rows = db.session.execute(
                    db.select(table).where(
                        table.c.tenant_id == ctx.tenant.id, key == getattr(animal, whose)
                    )
                )
                found[f"{slug} {table.name}"] = sorted(str(row) for row in rows)
    return found


def test_what_is_one_s_own_is_there(app, herd):
    """The same doors with the gnu's own ids open: so what is shut above is not shut to all."""
    visitor = Visitor(app, _client(herd.gnu.contact))
    opened = Counter()
    for door in portal_doors(app):
        if door.is_safe and set(door.rule.arguments) & set(herd.gnu.ids):
            opened[visitor.knock(door, herd.gnu.ids).status_code] += 1
    assert opened[200] + opened[303] > opened[404]


def test_a_colleague_who_may_see_alone_manages_nothing(app, herd):
    visitor = Visitor(app, _client(herd.gnu.reader))
    for door in portal_doors(app):
        answer = visitor.knock(door, herd.gnu.ids)
        assert answer.status_code < 500, door.name
        if door.access.permission in (clients.MANAGE, clients.PAY):
            assert answer.status_code == 403, door.name


def test_a_member_who_looks_sees_this_client_and_writes_nothing(app, herd):
    visitor = Visitor(app, _look(herd, herd.gnu.customer))
    before = _rows(herd.gnu)
    unseen = {**herd.gnu.ids, "document_id": herd.gnu.ids["note_id"]}
    seen = _seen()
    assert unseen["document_id"] not in seen
    for door in portal_doors(app):
        if _short(door) in ENDS_SESSIONS or door.access.audience is not Audience.CLIENT:
            continue
        of_zebra = visitor.knock(door, herd.zebra.ids)
        assert not _shown(of_zebra), f"{door.name} shows {_shown(of_zebra)}"
        visitor.knock(door, unseen)
        answer = visitor.knock(door, herd.gnu.ids)
        if not door.is_safe or door.access.permission == clients.WRITE:
            assert answer.status_code == 403, door.name
            assert of_zebra.status_code in (403, 404), door.name
        else:
            may_begin = door.name in BEGIN_TO_WRITE
            assert answer.status_code in ((403,) if may_begin else (200, 303, 404)), door.name
    backlog_of(app).flush()
    assert _rows(herd.gnu) == before
    ctx = operator_context("plain")
    with ctx.acting():
        lookers = db.session.scalars(db.select(PortalVisit.viewer_id)).all()
    assert _seen() == seen
    assert set(lookers) - {None} == {herd.admin.person_id}


def _seen() -> set[UUID]:
    """Return the documents that count as seen by their clients."""
    with operator_context("plain").acting():
        return set(db.session.scalars(db.select(DocumentSeen.document_id)))


def test_the_link_of_a_mail_opens_its_document_and_no_other_door(app, herd):
    visitor = Visitor(app)
    guest_doors = [d for d in portal_doors(app) if d.access.audience is Audience.GUEST]
    opened = {
        _short(door): visitor.knock(door, {"token": herd.gnu.token}).status_code
        for door in guest_doors
    }
    assert opened["guests.show"] == 200
    for door in portal_doors(app):
        if door.access.audience in (Audience.CLIENT, Audience.HALF):
            answer = visitor.knock(door, {**herd.gnu.ids, "token": herd.gnu.token})
            assert answer.status_code in (303, 401), door.name
    for token in (herd.caged.token, herd.zebra.token[:22] + herd.gnu.token[22:]):
        for door in guest_doors:
            answer = visitor.knock(door, {"token": token})
            assert answer.status_code == 404, door.name
            assert not _shown(answer)


def test_no_portal_session_opens_a_page_of_the_company(app, herd):
    browser = Browser(fresh_client(app))
    name, token, _path = _client(herd.gnu.contact)()
    db.session.rollback()
    for cookie in (name, "billhook_login", "session"):
        browser.client.set_cookie(cookie, token, path="/")
    for door in doors(app):
        if door.access.audience is StaffAudience.PUBLIC or not door.is_safe:
            continue
        answer = browser.get(door.path(placeholder))
        assert answer.status_code in (302, 401), door.name
        assert "Gnu" not in answer.text
