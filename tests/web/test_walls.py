"""The browser's walls at every route: what one room forgets, all visitors would find.

Routes come from the application. Ids are those of the office where it has such a thing,
so that whole pages answer; else nobody's.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from billhook.bounds import LARGEST_BODY, Bounds
from billhook.db import Base, db, tenant_tables
from billhook.services import sessions
from billhook.testing.applications import fresh_client
from billhook.testing.doors import Door, doors, form_token, placeholder
from billhook.web.access import Audience
from billhook.web.headers import BY_ADDRESS

LEAVES = ("logging_in.log_out", "account.end_others", "account.end_session")
"""What ends the session; knocked at last."""


class Visitor:
    """The office's administrator in a browser that knocks at every route."""

    def __init__(self, office) -> None:
        self.office = office
        self.app = office.app
        self.client = fresh_client(office.app)
        self.doors = sorted(doors(self.app), key=lambda one: (one.endpoint in LEAVES, one.name))
        self._number = 0

    def open(self, door: Door, *, data=None, **options) -> TestResponse:
        self._log_in_again()
        self._number += 1
        return self.client.open(
            door.path(self._placed),
            method=door.method,
            data=data,
            buffered=True,
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{self._number % 250}"},
            **options,
        )

    def token(self) -> dict[str, str]:
        self._log_in_again()
        return {"csrf_token": form_token(self.client)}

    def _log_in_again(self) -> None:
        known = self.client.get_cookie("billhook_login")
        if known is None or sessions.resume(known.value) is None:
            person = self.office.admin
            token = sessions.begin(person.person_id, tenant_id=person.tenant_id)
            self.client.set_cookie("billhook_login", token)
        db.session.rollback()

    def _placed(self, name: str, kind: BaseConverter) -> object:
        known = {
            "document_id": self.office.invoice,
            "draft_id": self.office.draft,
            "delivery_id": self.office.delivery,
        }
        return known.get(name) or placeholder(name, kind)


@pytest.fixture
def visitor(office) -> Visitor:
    return Visitor(office)


def all_rows(office) -> dict[str, list]:
    """Read everything that the office has."""
    tables = Base.metadata.tables
    db.session.rollback()
    found = {
        name: db.session.execute(
            select(tables[name]).where(tables[name].c.tenant_id == office.ctx.tenant.id)
        ).all()
        for name in tenant_tables()
    }
    return {name: sorted(map(repr, rows)) for name, rows in found.items()}


# Forms of others


def test_no_route_takes_a_form_that_is_not_ours(visitor, office):
    """Without the token, or with another's, each answers 400 and changes nothing."""
    visitor.token()
    before = all_rows(office)
    unsafe = [door for door in visitor.doors if not door.is_safe]
    assert len(unsafe) > 50
    for door in unsafe:
        for data in ({}, {"csrf_token": "of-somebody-else"}):
            assert visitor.open(door, data=data).status_code == 400, (
                f"{door.name} takes forms of other sites"
            )
    assert all_rows(office) == before


def test_no_route_takes_json_in_place_of_a_form(visitor, office):
    visitor.token()
    before = all_rows(office)
    for door in visitor.doors:
        if not door.is_safe:
            answer = visitor.open(door, json={"csrf_token": "x"})
            assert answer.status_code == 400, door.name
    assert all_rows(office) == before


# What each answer says

ASIDE = {"artefact", "audit", "file", "idempotency"}
"""Files that are made when first asked for, and who exported what."""


def test_every_answer_keeps_the_walls_and_looking_changes_nothing(visitor, office):
    """Pages first: they change nothing, for links in mails and on other sites lead to them."""
    visitor.token()
    before, broken, seen = all_rows(office), [], Counter()
    for door in (one for one in visitor.doors if one.is_safe):
        broken += wrongs(door, knock(visitor, door), seen)
    after = all_rows(office)
    assert {name for name in before if after[name] != before[name]} <= ASIDE
    for door in (one for one in visitor.doors if not one.is_safe):
        broken += wrongs(door, knock(visitor, door), seen)
    assert not broken, "\n".join(broken)
    assert seen["page"] > 100
    assert seen["led"] > 10
    assert {"billhook_login", "billhook_page"} == {name for name in seen if "_" in name}


def knock(visitor: Visitor, door: Door) -> TestResponse:
    """Send an empty form or load a page, and try to be led elsewhere."""
    return visitor.open(
        door,
        data=None if door.is_safe else visitor.token(),
        query_string={"next": "https://evil.example/", "back": "//evil.example"},
        headers={"Referer": "https://evil.example/"},
    )


def wrongs(door: Door, answer: TestResponse, seen: Counter[str]) -> list[str]:
    """Return what is wrong with an answer, and count what was looked at."""
    found = [*of_policy(answer), *of_place(answer, seen), *of_cookies(answer, seen)]
    if answer.mimetype == "text/html" and "sandbox" not in policy_of(answer):
        seen["page"] += 1
        if inline := INLINE.search(answer.text):
            found.append(f"script or style within: {answer.text[inline.start() :][:80]}")
    kept = answer.headers["Cache-Control"]
    if kept != "no-store" and "private" not in kept and door.endpoint != "static":
        found.append(f"caches keep it: {kept}")
    return [f"{door.name} ({answer.status_code}): {one}" for one in found]


def policy_of(answer: TestResponse) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return dict(part.strip().partition(" ")[::2] for part in parts)


def of_policy(answer: TestResponse) -> Iterator[str]:
    policy = policy_of(answer)
    wanted = {"default-src": "'none'", "script-src": "'self'", "base-uri": "'none'"}
    if "sandbox" in policy:  # somebody's own message or theme, which runs nothing
        wanted |= {"sandbox": "", "script-src": "'none'", "form-action": "'none'"}
        allowed = {"'unsafe-inline'", "data:"}
        if not set(policy["style-src"].split()) <= allowed:
            yield f"style-src is {policy['style-src']}"
    elif answer.mimetype == "text/html":
        wanted |= {"style-src": "'self'", "form-action": "'self'"}
    for directive, value in wanted.items():
        if policy.get(directive) != value:
            yield f"{directive} is {policy.get(directive)}"
    framed = policy.get("frame-ancestors")
    if framed not in ("'none'", "'self'"):
        yield f"others may frame it: {framed}"
    if answer.headers["X-Frame-Options"] != ("SAMEORIGIN" if framed == "'self'" else "DENY"):
        yield f"frames: {framed} and {answer.headers['X-Frame-Options']}"
    if answer.headers["X-Content-Type-Options"] != "nosniff":
        yield "browsers may guess what it is"


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|<style|\sstyle=\"|"
    r"\son[a-z]+=\"|javascript:|hx-on|hx-vals='?js:"
)


def of_place(answer: TestResponse, seen: Counter[str]) -> Iterator[str]:
    if where := answer.location:
        seen["led"] += 1
        if not re.fullmatch(r"/(?![/\\])\S*", where) or "evil" in where.partition("?")[0]:
            yield f"leads to {where}"


def of_cookies(answer: TestResponse, seen: Counter[str]) -> Iterator[str]:
    for cookie in answer.headers.getlist("Set-Cookie"):
        seen[cookie.partition("=")[0]] += 1
        for flag in ("; HttpOnly", "; SameSite=Lax", "; Path=/"):
            if flag not in cookie:
                yield f"a cookie without {flag}: {cookie}"
        if "Domain=" in cookie:
            yield f"a cookie for other hosts: {cookie}"


# Whom the server answers, and how much it takes


def test_no_route_answers_under_another_name(visitor):
    for door in visitor.doors:
        answer = visitor.open(door, headers={"Host": "evil.example"})
        if door.endpoint not in BY_ADDRESS:
            assert answer.status_code == 400, door.name
        assert "evil.example" not in answer.text, door.name


def test_no_route_takes_more_than_it_says(visitor):
    for door in visitor.doors:
        if door.is_safe:
            continue
        bounds = getattr(visitor.app.view_functions[door.endpoint], "bounds", None)
        largest = bounds.body if isinstance(bounds, Bounds) else LARGEST_BODY
        assert largest <= 32 * 1024 * 1024, door.name
        claimed = {"Content-Length": str(largest + 1), "Content-Type": "multipart/form-data"}
        answer = visitor.open(door, headers=claimed)
        assert answer.status_code in (400, 413), door.name
        if largest == LARGEST_BODY:
            data = {**visitor.token(), "x": "x" * (LARGEST_BODY + 1)}
            assert visitor.open(door, data=data).status_code in (400, 413, 429), door.name


# Guessing

PROOFS = {
    "account.prove_again": ("password", "code"),
    "logging_in.accept_invitation": ("password",),
    "logging_in.send_log_in": ("email", "password"),
    "password_reset.send": ("email",),
    "proving.give_code": ("code",),
    "proving.give_key": ("answer",),
}
"""Every route at which somebody could try passwords, codes, keys or addresses."""


@pytest.mark.parametrize("endpoint", sorted(PROOFS))
def test_proofs_are_tried_a_few_times(visitor, endpoint):
    (door,) = (one for one in visitor.doors if one.endpoint == endpoint and not one.is_safe)
    statuses = []
    for number in range(25):
        data = {**visitor.token(), **dict.fromkeys(PROOFS[endpoint], f"guess{number}@x.example")}
        answer = visitor.client.post(
            door.path(placeholder),
            data=data,
            environ_overrides={"REMOTE_ADDR": "203.0.113.5"},
            buffered=True,
        )
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            break
    assert statuses[-1] == 429, f"{endpoint} lets everybody guess"


def test_no_other_route_takes_a_password_or_a_code(visitor):
    """A route that does so joins the table above, and is throttled."""
    from tests.isolation.fuzzing import field_names

    proving = {
        door.endpoint
        for door in visitor.doors
        if not door.is_safe and door.access.audience is not Audience.SEAT
        if {"password", "code", "answer"} & set(field_names(visitor.app, door.endpoint))
    }
    # These stand in the same modules, and take a new password or a first code of one's own.
    fresh = {
        name for name in proving if name.startswith("account.") and name != "account.prove_again"
    }
    assert proving - fresh - {"logging_in.log_out", "proving.challenge"} <= PROOFS.keys()
