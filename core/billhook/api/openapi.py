"""The description of the API (OpenAPI 3.1), from the operations that are there and nothing else."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from billhook.api import versions
from billhook.api.address import BASE
from billhook.sdk.api import Download, Made, Operation, Query, Routes

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
_PLACE = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_KINDS: dict[str, Json] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
}
_INTRODUCTION = """\
Whatever a person can do in Billhook, a program can do.

Amounts, quantities and rates are texts such as `"119.00"`, in the currency that stands beside them; dates are
`2026-01-31`, instants RFC 3339 in UTC. Errors are problems (RFC 9457) with a stable `code`. Every write takes an
`Idempotency-Key`: sent again with the same body, it has no second effect and the same answer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Routes, and the plugin that brings them; empty for the core's."""

    routes: Routes
    plugin: str = ""

    @property
    def below(self) -> str:
        return f"{BASE}/x/{self.plugin}" if self.plugin else BASE

    def operation_id(self, operation: Operation) -> str:
        """Name an operation, unique over core and plugins."""
        return f"{self.plugin}.{operation.name}" if self.plugin else operation.name


def description(groups: Sequence[Described], *, server: str) -> Json:
    """Write the description of the operations."""
    operations = [operation for group in groups for operation in group.routes.operations]
    schemas = _schemas(operations)
    paths: dict[str, Json] = {}
    for group in groups:
        for operation in group.routes.operations:
            path = group.below + _PLACE.sub(r"{\g<name>}", operation.path)
            entry = paths.setdefault(path, {})
            entry[operation.method.lower()] = _operation(group, operation)
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
        "tags": [
            {"name": group.routes.tag, "description": group.routes.description} for group in groups
        ],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "responses": {
                "Problem": {
                    "description": "What is wrong, and what to do about it.",
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                }
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(group: Described, operation: Operation) -> Json:
    needed = f"Needs the scope `{operation.permission}`." if operation.permission else ""
    if group.plugin:
        needed += f" Is there where the plugin `{group.plugin}` is switched on."
    found: Json = {
        "operationId": group.operation_id(operation),
        "tags": [group.routes.tag],
        "summary": operation.summary,
        "description": "\n\n".join(text for text in (operation.description, needed) if text),
        "parameters": [*_places(operation), *_parameters(operation), *_headers(operation)],
        "responses": {
            str(operation.status.value): _answer(operation),
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if operation.permission:
        found["x-scope"] = operation.permission
    if body := _body(operation):
        found["requestBody"] = body
    return found


def _places(operation: Operation) -> Iterable[Json]:
    for match in _PLACE.finditer(operation.path):
        yield {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": _KINDS.get(match["kind"] or "", {"type": "string", "minLength": 1}),
        }


def _parameters(operation: Operation) -> Iterable[Json]:
    if operation.query is None:
        return
    schema = _query_schema(operation.query)
    needed = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        kept = {key: value for key, value in found.items() if key not in ("description", "title")}
        parameter: Json = {
            "name": name,
            "in": "query",
            "required": name in needed,
            "schema": kept,
        }
        if "description" in found:
            parameter["description"] = found["description"]
        if found.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        yield parameter


def _query_schema(model: type[Query]) -> Json:
    """Return the schema with its references put in their places."""
    schema = TypeAdapter(model).json_schema(ref_template=_REF)
    named = schema.pop("$defs", {})

    def settled(found: Any) -> Any:
        if isinstance(found, dict):
            if "$ref" in found:
                return settled(named[found["$ref"].rpartition("/")[2]])
            return {key: settled(value) for key, value in found.items()}
        return [settled(one) for one in found] if isinstance(found, list) else found

    result: Json = settled(schema)
    return result


def _headers(operation: Operation) -> Iterable[Json]:
    if operation.changes:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            "description": "Any text of your own, such as a UUID: a repeat has no second effect.",
        }
    if "match" in operation.takes:
        yield {
            "name": "If-Match",
            "in": "header",
            "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
            "description": "The ETag that you read: refused with 412 where it was changed since.",
        }


def _body(operation: Operation) -> Json:
    if "upload" in operation.takes:
        part = {"type": "string", "contentMediaType": "application/octet-stream"}
        schema: Json = {
            "type": "object",
            "properties": {"file": part},
            "required": ["file"],
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if operation.body is None:
        return {}
    return {
        "required": True,
        "content": {"application/json": {"schema": _reference(operation.body, "validation")}},
    }


def _answer(operation: Operation) -> Json:
    answer = _answered(operation)
    phrase = HTTPStatus(operation.status).phrase
    if answer is type(None):
        return {"description": phrase}
    if answer is Download:
        return {"description": "The file.", "content": {"*/*": {"schema": {}}}}
    return {
        "description": phrase,
        "content": {"application/json": {"schema": _reference(answer, "serialization")}},
    }


def _answered(operation: Operation) -> Any:
    answer = operation.answer
    return get_args(answer)[0] if get_origin(answer) is Made else answer


def _models(operations: Iterable[Operation]) -> Iterable[tuple[type[BaseModel], str]]:
    for operation in operations:
        for found, mode in (
            (operation.body, "validation"),
            (_answered(operation), "serialization"),
        ):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield found, mode


def _schemas(operations: Iterable[Operation]) -> Json:
    wanted = list(dict.fromkeys(_models(operations)))
    _found, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    schemas: Json = definitions.get("$defs", {})
    return schemas


def _reference(model: Any, mode: str) -> Json:
    if isinstance(model, type) and issubclass(model, BaseModel):
        key = (model, mode)
        found, _definitions = models_json_schema([key], ref_template=_REF)  # type: ignore[list-item]
        return dict(found[key])  # type: ignore[index]
    return TypeAdapter(model).json_schema(ref_template=_REF)


_PROBLEM: Json = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457, with a stable code and the fields at fault.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do about it, for people."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "request_id": {"type": "string", "format": "uuid"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "field", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
