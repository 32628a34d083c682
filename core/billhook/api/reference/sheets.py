"""The reference as values: groups of operations with all that their pages show."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from billhook.api.reference import examples
from billhook.api.reference.fields import FieldRow, field_rows, kind_of
from billhook.api.shapes import Json

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSheet:
    """A place of the path, a parameter of the query, or a header."""

    name: str
    place: str
    kind: str
    text: str
    is_needed: bool
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSheet:
    """A status with which it refuses."""

    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSheet:
    """An operation with all that is told of it."""

    id: str
    method: str
    path: str
    summary: str
    markdown: str
    scope: str
    parameters: Sequence[ParameterSheet]
    has_file: bool
    body: Sequence[FieldRow]
    body_example: str
    """JSON; empty where it takes none."""
    status: str
    answer: Sequence[FieldRow]
    is_download: bool
    refusals: Sequence[RefusalSheet]
    curl: str
    python: str

    @property
    def title(self) -> str:
        return self.summary.rstrip(".")

    @property
    def text(self) -> Markup:
        return html(self.markdown)

    @property
    def words(self) -> str:
        """All by which a search finds it."""
        return f"{self.summary} {self.method} {self.path} {self.id} {self.scope}".lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSheet:
    """Operations of one kind of thing."""

    slug: str
    title: str
    text: str
    operations: Sequence[OperationSheet]


def html(markdown: str) -> Markup:
    """Write Markdown of our docstrings as HTML; tags in it stay text."""
    return Markup(_MARKDOWN.render(markdown))


def inline(markdown: str) -> Markup:
    """Write a line of Markdown as HTML."""
    return Markup(_MARKDOWN.renderInline(markdown))


def sheets(description: Json) -> list[GroupSheet]:
    """Return the groups of a description, in its order."""
    by_tag: dict[str, list[OperationSheet]] = {tag["name"]: [] for tag in description["tags"]}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append(
                _sheet(description, method.upper(), path, operation)
            )
    return [
        GroupSheet(
            slug=re.sub(r"[^a-z0-9]+", "-", tag["name"].lower()).strip("-"),
            title=_title(tag["name"]),
            text=str(tag["description"]),
            operations=by_tag[tag["name"]],
        )
        for tag in description["tags"]
    ]


def _title(tag: str) -> str:
    plugin, colon, _rest = tag.partition(": ")
    return tag if colon and plugin else tag[:1].upper() + tag[1:]


def _sheet(description: Json, method: str, path: str, operation: Json) -> OperationSheet:
    components = description["components"]
    models: Mapping[str, Json] = components["schemas"]
    status, answer = _good(operation)
    content = operation.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema")
    sent = None if body is None else examples.example(body, models)
    parameters = list(_parameters(operation, components["parameters"], models))
    request: dict[str, Any] = {
        "body": sent,
        "has_file": "multipart/form-data" in content,
        "changes": any(one.name == "Idempotency-Key" for one in parameters),
        "loads": "*/*" in answer.get("content", {}),
    }
    url = description["servers"][0]["url"] + path
    shown = answer.get("content", {}).get("application/json", {}).get("schema")
    return OperationSheet(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        markdown=operation["description"],
        scope=operation.get("x-scope", ""),
        parameters=parameters,
        has_file=request["has_file"],
        body=[] if body is None else field_rows(body, models),
        body_example="" if body is None else examples.as_json(sent),
        status=f"{status} {HTTPStatus(int(status)).phrase}",
        answer=field_rows(shown, models) if shown else [],
        is_download=request["loads"],
        refusals=list(_refusals(operation, components["responses"])),
        curl=examples.curl(method, url, **request),
        python=examples.python(method, url, **request),
    )


def _good(operation: Json) -> tuple[str, Json]:
    return next(each for each in operation["responses"].items() if each[0].startswith("2"))


def _parameters(
    operation: Json, shared: Mapping[str, Json], models: Mapping[str, Json]
) -> Iterator[ParameterSheet]:
    for found in operation["parameters"]:
        one = shared[found["$ref"].rpartition("/")[2]] if "$ref" in found else found
        yield ParameterSheet(
            name=one["name"],
            place=one["in"],
            kind=kind_of(one["schema"], models),
            text=one.get("description", ""),
            is_needed=one.get("required", False),
            choices=[str(each) for each in one["schema"].get("enum", ())],
        )


def _refusals(operation: Json, shared: Mapping[str, Json]) -> Iterator[RefusalSheet]:
    for status, found in operation["responses"].items():
        if status[0] in "45":
            name = found["$ref"].rpartition("/")[2]
            yield RefusalSheet(status=status, text=shared[name]["description"])
