"""The JSON schemas of what operations take and answer, each model once, by its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from billhook.sdk.api import Download, Made, Operation

Json = dict[str, Any]
Role = Literal["validation", "serialization"]
"""What a request brings is validated, what an answer has is serialized."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The schemas of some operations, which refer to `models`."""

    models: Json
    bodies: Mapping[str, Json]
    """By the name of the operation."""
    answers: Mapping[str, Json]


class _Schemas(GenerateJsonSchema):
    """Leaves out titles that only repeat a name; an answer always has all of its fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def shapes_of(operations: Iterable[Operation], *, prefix: str = "") -> Shapes:
    """Write the schemas of operations; the names of their models begin with the prefix."""
    wanted: list[tuple[str, Role, TypeAdapter[Any]]] = []
    for operation in operations:
        if operation.body is not None:
            wanted.append((operation.name, "validation", TypeAdapter(operation.body)))
        if (answer := answered(operation)) not in (type(None), Download):
            wanted.append((operation.name, "serialization", TypeAdapter(answer)))
    template = f"#/components/schemas/{prefix}{{model}}"
    found, definitions = TypeAdapter.json_schemas(
        wanted, ref_template=template, schema_generator=_Schemas
    )
    return Shapes(
        models={prefix + name: schema for name, schema in definitions.get("$defs", {}).items()},
        bodies={name: schema for (name, role), schema in found.items() if role == "validation"},
        answers={name: schema for (name, role), schema in found.items() if role != "validation"},
    )


def query_shape(operation: Operation) -> Json:
    """Return the schema of what stands behind the question mark, with nothing to refer to."""
    if operation.query is None:
        return {}
    schema = TypeAdapter(operation.query).json_schema(schema_generator=_Schemas)
    named = schema.pop("$defs", {})

    def settled(found: Any) -> Any:
        if isinstance(found, dict):
            if "$ref" in found:
                beside = {name: value for name, value in found.items() if name != "$ref"}
                return settled({**named[found["$ref"].rpartition("/")[2]], **beside})
            return {name: settled(value) for name, value in found.items()}
        return [settled(one) for one in found] if isinstance(found, list) else found

    result: Json = settled(schema)
    for name, found in result.get("properties", {}).items():
        result["properties"][name] = _sent(found)
    return result


def _sent(schema: Json) -> Json:
    """Return a parameter's schema without null: an address can leave out, and write no null."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    if schema.get("default") is not None:
        kept["default"] = schema["default"]
    if not choices:
        return kept
    return {**choices[0], **kept} if len(choices) == 1 else {**kept, "anyOf": choices}


def answered(operation: Operation) -> Any:
    """Return what is in the answer's body: a model, a page, `Download`, or None's type."""
    answer = operation.answer
    return get_args(answer)[0] if get_origin(answer) is Made else answer
