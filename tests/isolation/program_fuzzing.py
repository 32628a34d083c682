"""Requests at random to the API: a program of one tenant sends whatever belongs to another, everywhere.

Routes, parameters and bodies come from the API's own description; texts and ids in
them from all rows of the other tenant, as for pages (`fuzzing`).
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from billhook.db import db
from billhook.services import api_keys
from billhook.services.api_keys import KeyInput
from billhook.services.api_versions import LATEST
from billhook.services.permissions import NAMES
from billhook.testing.applications import fresh_client

from .fuzzing import Fuzz

HEADERS = ("Idempotency-Key", "If-Match", "If-None-Match", "Billhook-Tenant", "X-Tenant-Id")
PLAIN = ("", "1", "-1", "2026-10-31", "10.00", "GB", "GBP", "EUR", "en", "csv", "A", "\u202e")
ENDS_OTHERS = {"revoke_api_key"}
"""What would lock out the next requests most of the time; it has tests of its own."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """An operation, as the description has it."""

    name: str
    method: str
    path: str
    parameters: tuple[Json, ...]
    body: Json | None
    is_upload: bool

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"


@dataclass(kw_only=True)
class ProgramFuzz(Fuzz):
    """One program's requests, one after the other."""

    inside: Callable[[], Any]
    """Returns the context of the tenant whose program it is."""

    def __post_init__(self) -> None:
        self._client = fresh_client(self.app)
        told = self._client.get("/api/v1/openapi.json", buffered=True).json
        self._schemas = told["components"]["schemas"]
        self._knocks = [one for one in _knocks(told) if one.name not in ENDS_OTHERS]
        self._kept: set[str] = set()
        self._is_out = True
        self._secret = ""
        self._secret_ids = frozenset(self.theirs.ids) - frozenset(self.own.ids)

    @property
    def operations(self) -> int:
        return len(self._knocks)

    def step(self) -> None:
        """Send one request, and look at the answer."""
        self._take_key()
        knock = self.randomly.choice(self._knocks)
        sent: list[str] = []
        path = knock.path
        for one in (one for one in knock.parameters if one["in"] == "path"):
            path = path.replace(
                f"{{{one['name']}}}", self._text(one["schema"], sent, in_path=True)
            )
        query = {
            one["name"]: self._parameter(one["schema"], sent)
            for one in knock.parameters
            if one["in"] == "query" and (one["required"] or self.randomly.random() < 0.3)
        }
        headers = {"Authorization": f"Bearer {self._secret}"}
        if self.randomly.random() < 0.3:
            name = self.randomly.choice(HEADERS)
            headers[name] = self._pick(sent).encode("ascii", "replace").decode()
        more: Json = {}
        if knock.is_upload:
            content = self._pick(sent).encode()
            more["data"] = {"file": (io.BytesIO(content), "a.csv")}
        elif knock.body is not None:
            more["json"] = self._value(knock.body, sent, depth=0)
        with self._client.open(
            path, method=knock.method, query_string=query, headers=headers, **more
        ) as answer:
            self._look(knock, path, answer, sent)  # type: ignore[arg-type]
            self._is_out |= answer.status_code == HTTPStatus.TOO_MANY_REQUESTS

    def _take_key(self) -> None:
        if self._is_out:
            ctx = self.inside()
            with ctx.acting():
                wanted = KeyInput(
                    name="Gnu", scopes=tuple(sorted(NAMES)), requests_per_minute=6_000
                )
                self._secret = api_keys.make(ctx, wanted, api_version=LATEST).secret
            db.session.rollback()
            self._is_out = False

    def _parameter(self, schema: Json, sent: list[str]) -> str:
        if schema.get("type") == "array":
            return self._text(schema["items"], sent)
        return self._text(schema, sent)

    def _value(self, schema: Json, sent: list[str], *, depth: int) -> Any:
        """Make a value of a schema; depth bounds what refers to itself."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if options := schema.get("anyOf") or schema.get("oneOf"):
            full = [one for one in options if one.get("type") != "null"]
            return self._value(self.randomly.choice(full), sent, depth=depth)
        match schema.get("type"):
            case "object":
                return self._object(schema, sent, depth=depth)
            case "array":
                count = (
                    0 if depth > 5 else max(self.randomly.randrange(3), schema.get("minItems", 0))
                )
                items = schema.get("items", {})
                return [self._value(items, sent, depth=depth + 1) for _each in range(count)]
            case "integer":
                return self.randomly.randrange(schema.get("minimum", 0), 40)
            case "boolean":
                return self.randomly.random() < 0.5
            case _:
                return self._text(schema, sent)

    def _object(self, schema: Json, sent: list[str], *, depth: int) -> Json:
        needed = schema.get("required", ())
        if "properties" not in schema:
            return {self._pick(sent): self._pick(sent)}
        return {
            name: self._value(found, sent, depth=depth + 1)
            for name, found in schema["properties"].items()
            if name in needed or self.randomly.random() < 0.4
        }

    def _text(self, schema: Json, sent: list[str], *, in_path: bool = False) -> str:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if options := schema.get("anyOf"):
            return self._text(self.randomly.choice(options), sent, in_path=in_path)
        whose = self.own if self.randomly.random() < 0.3 else self.theirs
        if "const" in schema:
            return str(schema["const"])
        if "enum" in schema:
            return str(self.randomly.choice(schema["enum"]))
        match schema.get("format") or schema.get("type"):
            case "uuid":
                return self._pick(sent, of=whose.ids)
            case "date":
                return self.randomly.choice(("2026-10-31", "2026-11-01", "2027-01-01"))
            case "date-time":
                return "2026-10-31T12:00:00Z"
            case "integer":
                return str(self.randomly.randrange(1, 60))
            case "boolean":
                return "true"
        if in_path:
            sent.append(self._pick(sent).replace("/", "-"))
            return sent[-1] or "x"
        if self.randomly.random() < 0.5 or ("pattern" in schema and self.randomly.random() < 0.7):
            return self.randomly.choice(PLAIN)
        return self._pick(sent)


def _named(told: Json, parameter: Json) -> Json:
    """Return a parameter, also one that all operations share."""
    if "$ref" not in parameter:
        return parameter
    found: Json = told["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    return found


def _knocks(told: Json) -> list[Knock]:
    found = []
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            found.append(
                Knock(
                    name=operation["operationId"],
                    method=method.upper(),
                    path=path,
                    parameters=tuple(_named(told, one) for one in operation["parameters"]),
                    body=content.get("application/json", {}).get("schema"),
                    is_upload="multipart/form-data" in content,
                )
            )
    return found
