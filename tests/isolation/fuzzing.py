"""Requests at random: a member of one tenant sends whatever belongs to another, everywhere.

Routes, methods and the names of fields come from the application, what is sent from all
rows of the other tenant: ids, references, numbers, e-mail addresses, codes, hashes of
sessions. A seed decides what goes where. An answer leaks if it holds the word that stands
in every text of the other tenant, or one of its ids, beyond what the request itself said.
"""

import html
import inspect
import io
import json
import logging
import random
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

from flask import Flask
from flask_wtf import FlaskForm
from markupsafe import escape
from sqlalchemy import Table, select
from werkzeug.routing import BaseConverter
from werkzeug.test import TestResponse

from billhook.db import Base, db, tenant_tables
from billhook.models.people import Credential, LoginSession, RecoveryCode, SecondFactor
from billhook.sdk.context import Context
from billhook.services import sessions
from billhook.testing.applications import fresh_client
from billhook.testing.doors import Door, doors, form_token

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CODE = re.compile(r"\S{1,60}")
NAMED = re.compile(r"(?:form|args|values|files)(?:\.get|\.getlist|\.pop)?[\[(]\s*\"([a-z_]+)\"")
PLAIN = (
    "",
    "1",
    "-1",
    "on",
    "yes",
    "2026-10-31",
    "10.00",
    "GB",
    "GBP",
    "en",
    "csv",
    "A",
    "\u202e",
)
USUAL = ("q", "after", "before", "sort", "columns", "customer", "state", "next", "ids", "view")
HEADERS = (
    "X-Tenant",
    "X-Tenant-Id",
    "Billhook-Tenant",
    "Authorization",
    "Idempotency-Key",
    "If-None-Match",
    "HX-Request",
    "HX-Current-URL",
    "HX-Target",
    "Referer",
    "X-Request-ID",
    "X-Forwarded-For",
    "Accept-Language",
    "Range",
)
LOCKS_OUT = {"people.require_factor", "logging_in.log_out"}
"""What would keep the member from trying anything else; both have tests of their own."""
OUTAGES = {502, 503}  # a plugin that was switched off or fails, said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """What a tenant's rows hold: the ids among it, and the words that are sent as codes."""

    ids: tuple[str, ...]
    codes: tuple[str, ...]

    @classmethod
    def of(cls, ctx: Context) -> "Belongings":
        with ctx.acting():
            values = [value for rows in _rows(ctx).values() for row in rows for value in row]
        return cls.among(values)

    @classmethod
    def among(cls, values: Iterable[object]) -> "Belongings":
        """Return what can be sent of some values."""
        found = sorted({text for value in values for text in _texts(value)})
        codes = [one for one in found if CODE.fullmatch(one) and not ID.fullmatch(one)]
        return cls(ids=tuple(filter(ID.fullmatch, found)), codes=tuple(codes))


def fingerprint(ctx: Context) -> dict[str, str]:
    """Return a hash of each table's rows of a tenant, and of how its people prove themselves."""
    with ctx.acting():
        return {
            name: sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
            for name, rows in _rows(ctx).items()
        }


def _rows(ctx: Context) -> dict[str, list[Any]]:
    """Read all that is the tenant's, and its people's rows."""
    tables = Base.metadata.tables
    found = {name: _of(tables[name], "tenant_id", [ctx.tenant.id]) for name in tenant_tables()}
    people = [row.person_id for row in found["member"]]
    for kind in (Credential, LoginSession, RecoveryCode, SecondFactor):
        found[kind.__tablename__] = _of(tables[kind.__tablename__], "person_id", people)
    return found


def _of(table: Table, column: str, values: Collection[UUID]) -> list[Any]:
    if column == "tenant_id":  # the guard wants to see it bound by itself
        (only,) = values
        return list(db.session.execute(select(table).where(table.c.tenant_id == only)))
    return list(db.session.execute(select(table).where(table.c[column].in_(values))))


def _texts(value: object) -> Iterator[str]:
    match value:
        case UUID() | int() if not isinstance(value, bool):
            yield str(value)
        case str():
            yield value
        case bytes() if len(value) <= 32:
            yield value.hex()
        case dict():
            for one in value.values():
                yield from _texts(one)
        case list():
            for one in value:
                yield from _texts(one)


@dataclass(kw_only=True)
class Fuzz:
    """One member's requests, one after the other."""

    app: Flask
    person: UUID
    tenant: UUID
    own: Belongings
    theirs: Belongings
    mark: str
    randomly: random.Random
    leaks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    """How often each route was really run: not answered by the log-in, an old form or a wrong method."""
    root: str = "/"
    """The path below which the cookies of pages hold."""
    leads_out: tuple[str, ...] = ("/log-in", "/workplaces")

    def __post_init__(self) -> None:
        self._client = fresh_client(self.app)
        self._doors = self._all_doors()
        self._kept: set[str] = set()
        self._is_out = True
        self._secret_ids = frozenset(self.theirs.ids) - frozenset(self.own.ids)

    def _all_doors(self) -> list[Door]:
        return [one for one in doors(self.app) if one.endpoint not in LOCKS_OUT]

    def run(self, requests: int) -> None:
        with _quietly():
            for _step in range(requests):
                self.step()

    def step(self) -> None:
        """Send one request, and look at the answer."""
        self._log_in_again()
        door = self.randomly.choice(self._doors)
        sent: list[str] = []
        path = door.path(lambda name, kind: self._placed(name, kind, sent))
        query = self._filled(door, sent) if self.randomly.random() < 0.5 else {}
        headers = self._headers(sent) if self.randomly.random() < 0.3 else {}
        body = {} if door.is_safe else self._filled(door, sent, all_fields=True)
        if not door.is_safe:
            body["csrf_token"] = form_token(self._client, self.root)
        with self._client.open(
            path,
            method=door.method,
            query_string=query,
            data=body or None,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{self.randomly.randrange(250)}"},
        ) as answer:
            self._look(door, path, answer, sent)

    def _log_in_again(self) -> None:
        if self._is_out:
            token = sessions.begin(self.person, tenant_id=self.tenant)
            self._client.set_cookie("billhook_login", token)
            db.session.rollback()
            self._is_out = False

    def _pick(self, sent: list[str], *, of: Iterable[str] = ()) -> str:
        """Take something of the other's, mostly; sometimes of one's own, so that acts go further."""
        own = self.randomly.random() < 0.3
        whose = self.own if own else self.theirs
        chosen = self.randomly.choice(
            tuple(of) or (whose.ids if self.randomly.random() < 0.6 else whose.codes)
        )
        sent.append(chosen)
        return chosen

    def _placed(self, _name: str, kind: BaseConverter, sent: list[str]) -> Any:
        whose = self.own if self.randomly.random() < 0.3 else self.theirs
        match type(kind).__name__:
            case "UUIDConverter":
                return UUID(self._pick(sent, of=whose.ids))
            case "IntegerConverter":
                return self.randomly.randrange(1, 5)
            case "AnyConverter":
                return self.randomly.choice(sorted(kind.items))
            case _:
                sent.append(self._pick(sent).replace("/", "-"))
                return sent[-1] or "x"

    def _filled(self, door: Door, sent: list[str], *, all_fields: bool = False) -> dict[str, Any]:
        names = [*field_names(self.app, door.endpoint), *USUAL]
        if not all_fields:
            names = self.randomly.sample(names, min(len(names), self.randomly.randrange(1, 4)))
        return {
            name: self._pick(sent) if self.randomly.random() < 0.5 else self.randomly.choice(PLAIN)
            for name in names
        }

    def _headers(self, sent: list[str]) -> dict[str, str]:
        names = self.randomly.sample(HEADERS, self.randomly.randrange(1, 4))
        return {name: self._pick(sent).encode("ascii", "replace").decode() for name in names}

    def _look(self, door: Door, path: str, answer: TestResponse, sent: list[str]) -> None:
        status = answer.status_code
        self.statuses[status] += 1
        asks_to_log_in = status in (302, 303) and answer.location.startswith(self.leads_out)
        if status not in (302, 400, 401, 405, 429) and not asks_to_log_in:
            self.reached[door.name] += 1
        if status >= 500 and status not in OUTAGES:
            self.crashes.append(f"{door.method} {path} answered {status}")
        said = {*sent, *(key for text in sent for key in ID.findall(text.lower()))}
        if found := self.leak(readable(answer), said):
            self.leaks.append(f"{door.method} {path} ({status}) shows {found}")
        if not door.is_safe and status < 400:
            self._kept |= said
        self._is_out = status == 401 or asks_to_log_in

    def leak(self, text: str, said: set[str]) -> str:
        """Return what an answer shows of the other tenant; nothing where it shows nothing."""
        low = text.lower()
        known = said | self._kept
        if shown := (set(ID.findall(low)) & self._secret_ids) - known:
            return min(shown)
        if self.mark not in low:
            return ""
        for word in sorted(_spellings(known, self.mark), key=len, reverse=True):
            low = low.replace(word, "")
        at = low.find(self.mark)
        return "" if at < 0 else repr(low[max(at - 60, 0) : at + 60])


def _spellings(words: Iterable[str], mark: str) -> Iterator[str]:
    """Return how what was sent may stand in an answer."""
    for word in words:
        if mark in word.lower():
            for spelt in (
                word,
                html.escape(word),
                str(escape(word)),
                quote(word),
                quote_plus(word),
            ):
                yield spelt.lower()
            yield json.dumps(word)[1:-1].lower()
            yield re.sub(r"[^a-z0-9]+", "-", word.lower())  # as codes are made of titles
            yield re.sub(r"[^a-z0-9]+", "_", word.lower())
            # A key of a provider begins with its plugin, which an answer names where there is none.
            plugin = word.lower().partition(".")[0]
            yield f"the plugin “{plugin}” is not installed"
            yield f"such as billhook-{plugin.replace('_', '-')}, and run"


def readable(answer: TestResponse) -> str:
    """Return what an answer says: headers, text, and what lies in spreadsheets and archives.

    A PDF's text is compressed, and is not read: each comes from what other answers show.
    """
    body, said = answer.data, "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return said + "\n" + body.decode("utf-8", "replace")


@cache
def field_names(app: Flask, endpoint: str) -> tuple[str, ...]:
    """Return the names of what a route reads: its module's forms, and what it asks of requests."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[endpoint]))
    if module is None:
        return ()
    named = set(NAMED.findall(inspect.getsource(module)))
    for one in vars(module).values():
        if inspect.isclass(one) and issubclass(one, FlaskForm):
            named |= {name for name, value in inspect.getmembers(one, _is_field)}
    return tuple(sorted(named - {"csrf_token"}))


def _is_field(value: object) -> bool:
    return type(value).__name__ == "UnboundField"


@contextmanager
def _quietly() -> Iterator[None]:
    """Log nothing: a line for each request takes longer than many a request."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
