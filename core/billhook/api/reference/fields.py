"""Schemas as rows of a table: each field by its path, nested models unfolded where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from billhook.api.shapes import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field as people read it."""

    name: str
    """Its path, such as ``lines[].quantity``."""
    kind: str
    """Its type, such as “text, at most 40 characters”."""
    text: str
    is_needed: bool = False


def field_rows(schema: Json, models: Mapping[str, Json]) -> list[FieldRow]:
    """Return the fields of a schema, those of nested models after their own."""
    return list(_rows(schema, models, "", ()))


def settled(schema: Json, models: Mapping[str, Json]) -> Json:
    """Return a schema with what it refers to in its place; what stands beside the reference wins."""
    while "$ref" in schema:
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**models[model_of(schema)], **beside}
    return schema


def model_of(schema: Json) -> str:
    """Name the model that a reference leads to."""
    name: str = schema["$ref"].rpartition("/")[2]
    return name


def kind_of(schema: Json, models: Mapping[str, Json]) -> str:
    """Say what a value is."""
    schema = settled(schema, models)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind_of(one, models) for one in choices))
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {kind_of(schema.get('items', {}), models)}{_most(schema, 'maxItems')}"
        case "string":
            return _TEXTS.get(schema.get("format", ""), "text") + _most(
                schema, "maxLength", "characters"
            )
        case str(name):
            return _KINDS[name]
    return "anything"


_KINDS = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
}
_TEXTS = {
    "uuid": "id",
    "date": "date",
    "date-time": "instant",
    "binary": "file",
}


def _most(schema: Json, limit: str, unit: str = "") -> str:
    most = schema.get(limit)
    return f", at most {most:,} {unit}".rstrip() if most else ""


def _rows(
    schema: Json, models: Mapping[str, Json], path: str, seen: tuple[str, ...]
) -> Iterator[FieldRow]:
    if "$ref" in schema:
        model = model_of(schema)
        if model in seen:
            return
        seen = (*seen, model)
    schema = settled(schema, models)
    for choice in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _rows(choice, models, path, seen)
    if isinstance(schema.get("items"), dict):
        yield from _rows(schema["items"], models, f"{path}[]", seen)
    needed = schema.get("required", ())
    for name, found in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield FieldRow(
            name=below,
            kind=kind_of(found, models),
            text=_told(found, models),
            is_needed=name in needed,
        )
        yield from _rows(found, models, below, seen)


def _told(schema: Json, models: Mapping[str, Json]) -> str:
    text = settled(schema, models).get("description", "")
    default: Any = schema.get("default")
    if default in (None, "", [], {}):
        return str(text)
    return f"{text} {default} where it is left out.".strip()
