"""The description of the API (OpenAPI 3.1), from the operations that are there and nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel

from billhook import limits
from billhook.api import reading, versions
from billhook.api.address import BASE
from billhook.api.refusals import REFUSALS, Refusal, refusals_of
from billhook.api.shapes import Json, Shapes, answered, query_shape, shapes_of
from billhook.sdk.api import Download, Made, Operation, Page, Routes

PLACE = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
"""A place of a path, as Flask writes it."""

_KINDS: dict[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
}
_INTRODUCTION = """\
Whatever a person can do in Billhook, a program can do.

Amounts, quantities and rates are texts such as `"119.00"`, in the currency that stands beside them; dates are
`2026-01-31`, instants RFC 3339 in UTC. Errors are problems (RFC 9457) with a stable `code`. Every write takes an
`Idempotency-Key`: sent again with the same body, it has no second effect and the same answer. A list is read page by
page: its `next` is the `after` of the next page. Programs pass over fields that they do not know.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Routes, and the plugin that brings them; empty for the core's."""

    routes: Routes
    plugin: str = ""

    @property
    def below(self) -> str:
        return f"{BASE}/x/{self.plugin}" if self.plugin else BASE

    @property
    def tag(self) -> str:
        """Name the group, unique over core and plugins."""
        return f"{self.plugin}: {self.routes.tag}" if self.plugin else self.routes.tag

    def operation_id(self, operation: Operation) -> str:
        """Name an operation, unique over core and plugins."""
        return f"{self.plugin}.{operation.name}" if self.plugin else operation.name

    def address(self, operation: Operation) -> str:
        """Write the path of an operation with its places in braces."""
        return self.below + PLACE.sub(r"{\g<name>}", operation.path)


def description(groups: Sequence[Described], *, server: str) -> Json:
    """Write the description of the operations."""
    shapes = _shapes(groups)
    paths: dict[str, Json] = {}
    for group in groups:
        for operation in group.routes.operations:
            entry = paths.setdefault(group.address(operation), {})
            entry[operation.method.lower()] = _operation(group, operation, shapes[group.plugin])
    tags = {group.tag: group.routes.description for group in groups}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Billhook",
            "version": versions.LATEST,
            "description": _INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": {
                **{name: one for each in shapes.values() for name, one in each.models.items()},
                "Problem": PROBLEM,
            },
            "parameters": {"Version": _VERSION},
            "headers": HEADERS,
            "responses": {
                **{refusal.name: _refusal(refusal) for refusal in REFUSALS},
                "Problem": _problem("What is wrong, and what to do about it."),
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The secret of an API key, which begins with `bhk_`.",
                }
            },
        },
    }


def _shapes(groups: Sequence[Described]) -> Mapping[str, Shapes]:
    """Return the schemas by plugin, so that none changes the names of another's, or of the core's."""
    return {
        plugin: shapes_of(
            (
                operation
                for group in groups
                if group.plugin == plugin
                for operation in group.routes.operations
            ),
            prefix=f"{plugin}." if plugin else "",
        )
        for plugin in dict.fromkeys(group.plugin for group in groups)
    }


def _operation(group: Described, operation: Operation, shapes: Shapes) -> Json:
    needed = [f"Needs the scope `{operation.permission}`."] if operation.permission else []
    if group.plugin:
        needed.append(f"Is there where the plugin `{group.plugin}` is switched on.")
    found: Json = {
        "operationId": group.operation_id(operation),
        "tags": [group.tag],
        "summary": operation.summary,
        "description": "\n\n".join(filter(None, (operation.description, " ".join(needed)))),
        "parameters": list(_parameters(operation)),
        "responses": {
            str(operation.status.value): _answer(operation, shapes),
            **{
                str(refusal.status.value): {"$ref": f"#/components/responses/{refusal.name}"}
                for refusal in refusals_of(operation, group.plugin)
            },
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if operation.permission:
        found["x-scope"] = operation.permission
    if body := _body(operation, shapes):
        found["requestBody"] = body
    return found


# What a request brings


def _parameters(operation: Operation) -> Iterator[Json]:
    yield from places(operation)
    yield from query_parameters(operation)
    yield from headers(operation)
    yield {"$ref": "#/components/parameters/Version"}


def places(operation: Operation) -> Iterator[Json]:
    """Describe the places of an operation's path."""
    for match in PLACE.finditer(operation.path):
        yield {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": _KINDS.get(match["kind"] or "", {"type": "string", "minLength": 1}),
        }


def query_parameters(operation: Operation) -> Iterator[Json]:
    """Describe what stands behind an operation's question mark."""
    schema = query_shape(operation)
    needed = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        kept = {key: value for key, value in found.items() if key != "description"}
        parameter: Json = {"name": name, "in": "query", "required": name in needed}
        if "description" in found:
            parameter["description"] = found["description"]
        if found.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        yield {**parameter, "schema": kept}


def headers(operation: Operation) -> Iterator[Json]:
    """Describe the headers that an operation takes beside those of all."""
    if operation.changes:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": limits.NAME,
                "pattern": "^[!-~]+$",
            },
            "description": "Any text of your own, such as a UUID: a repeat has no second effect.",
        }
    if "match" in operation.takes:
        yield {
            "name": "If-Match",
            "in": "header",
            "schema": {"type": "string", "pattern": '^"?[0-9]{1,9}"?$'},
            "description": "The ETag that you read: refused with 412 where it was changed since.",
        }


def _body(operation: Operation, shapes: Shapes) -> Json:
    if "upload" in operation.takes:
        part = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema: Json = {"type": "object", "properties": {"file": part}, "required": ["file"]}
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if operation.body is None:
        return {}
    return {
        "required": not reading.accepts_nothing(operation.body),
        "content": {"application/json": {"schema": shapes.bodies[operation.name]}},
    }


# What it is answered


def _answer(operation: Operation, shapes: Shapes) -> Json:
    answer = answered(operation)
    found: Json = {
        "description": HTTPStatus(operation.status).phrase,
        "headers": {name: _header(name) for name in answer_headers(operation)},
    }
    if answer is Download:
        found |= {"description": "The file.", "content": {"*/*": {"schema": {}}}}
    elif answer is not type(None):
        schema = shapes.answers[operation.name]
        found["content"] = {"application/json": {"schema": schema}}
    return found


def answer_headers(operation: Operation) -> Iterable[str]:
    """Name the headers of an operation's answer, those of all answers at the end."""
    answer = answered(operation)
    is_model = isinstance(answer, type) and issubclass(answer, BaseModel)
    if is_model and "version" in answer.model_fields:
        yield "ETag"
    if getattr(operation.answer, "__origin__", None) is Made:
        yield "Location"
    if is_model and issubclass(answer, Page):
        yield "Link"
    if answer is Download:
        yield "Content-Disposition"
    yield from COMMON_HEADERS


def _refusal(refusal: Refusal) -> Json:
    codes = ", ".join(f"`{code}`" for code in refusal.codes)
    found = _problem(f"{refusal.description} Codes: {codes}.")
    if refusal.status is HTTPStatus.TOO_MANY_REQUESTS:
        found["headers"]["Retry-After"] = _header("Retry-After")
    if refusal.status is HTTPStatus.UNAUTHORIZED:
        found["headers"] = {"WWW-Authenticate": _header("WWW-Authenticate")}
    return found


def _problem(text: str) -> Json:
    return {
        "description": text,
        "headers": {name: _header(name) for name in COMMON_HEADERS},
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


COMMON_HEADERS = (
    versions.HEADER,
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
)
"""On every answer to a key."""

HEADERS: Json = {
    name: {"description": text, "schema": schema}
    for name, text, schema in (
        (versions.HEADER, "The version of the answer.", {"type": "string", "format": "date"}),
        ("RateLimit-Limit", "Requests per minute of this key.", {"type": "integer"}),
        ("RateLimit-Remaining", "How many are left.", {"type": "integer"}),
        ("RateLimit-Reset", "Seconds until all are back.", {"type": "integer"}),
        ("Retry-After", "Seconds to wait.", {"type": "integer"}),
        ("ETag", "The version; send it as If-Match when you change it.", {"type": "string"}),
        ("Location", "Where it is.", {"type": "string", "format": "uri-reference"}),
        ("Link", 'The next page, as `rel="next"`; absent on the last.', {"type": "string"}),
        ("Content-Disposition", "An attachment with the name of the file.", {"type": "string"}),
        ("WWW-Authenticate", "Bearer.", {"type": "string"}),
    )
}

_VERSION: Json = {
    "name": versions.HEADER,
    "in": "header",
    "description": "Another version than the key's, for this request.",
    "schema": {"type": "string", "enum": versions.known(versions.CHANGES)},
}

PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457, with a stable code and the fields at fault.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The code, as a URN."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What to do about it, for people."},
        "code": {
            "type": "string",
            "description": "Stable, for programs.",
            "examples": sorted({code for refusal in REFUSALS for code in refusal.codes}),
        },
        "request_id": {"type": "string", "format": "uuid"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "field", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "field": {
                        "type": "string",
                        "description": "Where, such as `lines.0.quantity`; empty for the whole.",
                    },
                    "message": {"type": "string"},
                },
            },
        },
    },
}
