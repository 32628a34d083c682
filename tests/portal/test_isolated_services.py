"""Every act of a client, asked for what is another client's, and by somebody without any right."""

import ast
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.domain.questions import QuestionKind
from billhook.domain.states import PortalRight
from billhook.errors import BillhookError, Forbidden, NotFound
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.services.contacts import ContactInput
from billhook.services.contexts import operator_context
from billhook.services.portal import (
    archives,
    choices,
    clients,
    documents,
    factors,
    notices,
    overview,
    papers,
    passwords,
    people,
    profile,
    questions,
    sessions,
    slots,
    statements,
)
from billhook.services.portal.clients import Client
from billhook.services.portal.documents import ClientFilter
from billhook.testing import herds
from billhook.testing import worlds as testing
from billhook.testing.herds import MARK, Herd
from billhook.testing.outward import Paper, paper_plugin
from billhook.testing.portals import client_of

SERVICES = Path(clients.__file__).parent
SOMEBODY = ContactInput(name="Gnu Helper", email="helper@gnu.example")
DAY = date(2026, 10, 31)
ALL_OF_IT = archives.ArchiveWish(
    period=archives.Period.through(date(2020, 1, 1), date(2030, 12, 31)),
    kinds=frozenset(archives.ArchiveKind),
)


def _ask(client: Client, it: UUID) -> UUID:
    new = questions.NewQuestion(document_id=it, kind=QuestionKind.QUESTION, text="Why?")
    return questions.ask(client, new)


def _sheet(client: Client) -> bytes:
    out = io.BytesIO()
    documents.sheet(client, ClientFilter(), out)
    return out.getvalue()


BY_ID: dict[str, tuple[str, Callable[[Client, UUID], Any]]] = {
    "documents.get": ("document_id", documents.get),
    "documents.get_whole": ("document_id", documents.get_whole),
    "notices.get": ("notice_id", notices.get),
    "notices.mark_read": ("notice_id", lambda client, it: notices.mark_read(client, [it])),
    "papers.attachment": ("document_id", lambda client, it: papers.attachment(client, it, 1)),
    "papers.lines": ("document_id", papers.lines),
    "papers.payment_code": ("document_id", papers.payment_code),
    "papers.pdf": ("document_id", papers.pdf),
    "papers.read": ("document_id", papers.read),
    "papers.xml": ("document_id", lambda client, it: papers.xml(client, it, "paper.paper")),
    "people.change": (
        "contact_id",
        lambda client, it: people.change(client, it, SOMEBODY, [PortalRight.SEE]),
    ),
    "people.end": ("contact_id", people.end),
    "people.get": ("contact_id", people.get),
    "people.invite_again": ("contact_id", people.invite_again),
    "profile.withdraw": ("change_id", profile.withdraw),
    "questions.ask": ("document_id", _ask),
    "questions.file": (
        "question_id",
        lambda client, it: questions.file(client, it, new_id()),
    ),
    "questions.listing": (
        "document_id",
        lambda client, it: questions.listing(client, document_id=it),
    ),
    "questions.reopen": ("question_id", lambda client, it: questions.reopen(client, it, "Why?")),
    "questions.reply": ("question_id", lambda client, it: questions.reply(client, it, "Why?")),
    "questions.settle": ("question_id", questions.settle),
    "questions.subject": ("document_id", questions.subject),
    "questions.thread": ("question_id", questions.thread),
}
AT_LARGE: dict[str, Callable[[Client], Any]] = {
    "archives.making": lambda client: archives.making(client, new_id()),
    "archives.make_missing": lambda client: archives.make_missing(client, ALL_OF_IT),
    "archives.opened": lambda client: archives.opened(client, ALL_OF_IT),
    "archives.plan": lambda client: archives.plan(client, ALL_OF_IT),
    "archives.span": archives.span,
    "choices.choose_delivery": lambda client: choices.choose_delivery(client, None),
    "choices.choose": lambda client: choices.choose(
        client, name="Gnu Boss", phone="", language="en", mails=[]
    ),
    "choices.delivery": choices.delivery,
    "choices.own": choices.own,
    "documents.search": lambda client: documents.search(client, ClientFilter()),
    "documents.sheet": _sheet,
    "factors.confirm": lambda client: factors.confirm(client, "123456"),
    "factors.get": factors.get,
    "factors.new_codes": factors.new_codes,
    "factors.offer": factors.offer,
    "factors.offered": factors.offered,
    "factors.remove": factors.remove,
    "notices.listing": notices.listing,
    "notices.mark_all_read": notices.mark_all_read,
    "notices.newest_unread": lambda client: notices.newest_unread(client, limit=3),
    "notices.unread": notices.unread,
    "overview.overview": overview.overview,
    "passwords.change": lambda client: passwords.change(client, "a whole new password"),
    "passwords.changed_at": passwords.changed_at,
    "people.add": lambda client: people.add(client, SOMEBODY, [PortalRight.SEE]),
    "people.listing": people.listing,
    "profile.save": lambda client: profile.save(client, {}, version=0, mark=""),
    "profile.show": profile.show,
    "questions.waiting": questions.waiting,
    "sessions.end": lambda client: sessions.end(client, "0" * 64),
    "sessions.end_others": sessions.end_others,
    "sessions.listing": sessions.listing,
    "slots.pages": slots.pages,
    "slots.panels": lambda client: slots.panels(client, "home"),
    "slots.shown": lambda client: slots.shown(client, "paper", "none"),
    "statements.printed": statements.printed,
    "statements.seen": statements.seen,
}
OF_THE_FRAME = {"notices.unread", "passwords.changed_at", "slots.pages", "slots.panels"}
"""What pages tell whoever is there of themselves: within the scope, with any right."""
INNER = {
    "documents.entry",  # a row that was found in scope
    "factors.prove",  # begins what rights are of
    "guests.note_opened",
    "log.note",
    "logging_in.give_code",
    "logging_in.prove_again",
    "people.is_last_manager",
    "people.mail",
    "security_letters.factor_added",
    "security_letters.factor_removed",
    "seen.keep",
    "seen.note",
    "sessions.proved",
    "sessions.require_fresh",
    "slots.is_asked",
    "slots.visitor",
    "standing.hold",
}
"""Parts of other acts: they take what these have found, and ask for nothing by themselves."""


@pytest.fixture
def beginning(worlds) -> testing.World[Herd]:
    return worlds.world("herd", lambda config: herds.build(config, _plugins()))


@pytest.fixture
def app(make_app, config, beginning) -> Iterator[Flask]:
    app = make_app(config, plugins=_plugins())
    with app.app_context():
        yield app


@pytest.fixture
def herd(app, beginning) -> Herd:
    return beginning.told


def _plugins() -> list:
    return [pricing_standard, tax_rules, paper_plugin(Paper())]


def _company() -> Context:
    return operator_context("plain")


def _client(herd: Herd) -> Client:
    ctx = _company()
    with ctx.acting():
        return client_of(ctx, herd.gnu.contact)


def acts() -> set[str]:
    """Name every function of the portal's services that takes a client first."""
    found = set()
    for path in SERVICES.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                first, *_more = [*node.args.args, None]
                kind = ast.unparse(first.annotation) if first and first.annotation else ""
                if kind == "Client":
                    found.add(f"{path.stem}.{node.name}")
    return found


def test_every_act_of_clients_is_in_the_tables():
    assert acts() == {*BY_ID, *AT_LARGE, *INNER}


def outcome(client: Client, act: Callable[..., Any], *keys: UUID) -> str:
    """Tell how an act ended, in words that do not hold the id it was asked with."""
    with client.ctx.acting():
        try:
            told = f"returned {act(client, *keys)!r}"
        except BillhookError as error:
            told = f"{type(error).__name__} {error.message}"
    for key in keys:
        told = told.replace(str(key), "…")
    return told


@pytest.mark.parametrize("whose", ["zebra", "caged"])
def test_what_is_another_client_s_cannot_be_told_from_nothing(herd, whose):
    client = _client(herd)
    ids = getattr(herd, whose).ids
    for name, (kind, act) in BY_ID.items():
        theirs = outcome(client, act, ids[kind])
        assert MARK not in theirs.lower(), name
        assert theirs == outcome(client, act, new_id()), name


def test_what_is_one_s_own_is_found(herd):
    """The same acts with the gnu's own ids: what is refused above is not refused to all."""
    client = _client(herd)
    reads = [name for name in BY_ID if name.endswith((".get", ".thread", ".subject", ".read"))]
    assert len(reads) > 5
    for name in reads:
        kind, act = BY_ID[name]
        assert "NotFound" not in outcome(client, act, herd.gnu.ids[kind]), name


def test_no_list_or_sum_holds_anything_of_another_client(herd):
    hidden = {str(one) for animal in (herd.zebra, herd.caged) for one in animal.ids.values()}
    client = _client(herd)
    for name, act in AT_LARGE.items():
        told = outcome(client, act)
        assert MARK not in told.lower(), name
        assert not any(one in told for one in hidden), name


def test_without_a_right_nothing_is_done(herd):
    client = _client(herd)
    nobody = replace(client, ctx=replace(client.ctx, permissions=frozenset()))
    done = [
        *(
            name
            for name, (kind, act) in BY_ID.items()
            if _is_done(nobody, act, herd.gnu.ids[kind])
        ),
        *(name for name, act in AT_LARGE.items() if _is_done(nobody, act)),
    ]
    assert set(done) == OF_THE_FRAME


def _is_done(client: Client, act: Callable[..., Any], *keys: UUID) -> bool:
    with client.ctx.acting():
        try:
            act(client, *keys)
        except (Forbidden, NotFound):
            return False
    return True
