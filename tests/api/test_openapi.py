"""The description of the API is OpenAPI 3.1, and says of each operation what there is to know."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from billhook.api.openapi import Described, description
from billhook.api.resources import ROUTES
from billhook.plugins.discovery import discover

OPENAPI = Path(__file__).parents[1] / "data" / "openapi" / "oas-3.1-2022-10-07.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    """Return the description with all plugins that are installed."""
    of_plugins = [
        Described(routes=routes, plugin=name)
        for name, plugin in discover().installed.items()
        for routes in plugin.registered.routes
    ]
    own = [Described(routes=routes) for routes in ROUTES]
    return description(own + of_plugins, server="https://billhook.example")


def operations(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, entry in content["paths"].items():
        for method, operation in entry.items():
            yield path, method, operation


def values(found: Any) -> Iterator[dict[str, Any]]:
    """Return all objects, whatever they are in."""
    if isinstance(found, dict):
        yield found
        for one in found.values():
            yield from values(one)
    elif isinstance(found, list):
        for one in found:
            yield from values(one)


def test_the_description_is_valid_and_without_loose_ends(content):
    jsonschema_rs.validate(json.loads(OPENAPI.read_text(encoding="utf-8")), content)
    for name, schema in content["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({**schema, "$schema": DRAFT}), name
    known = {
        f"#/components/{kind}/{name}"
        for kind, entries in content["components"].items()
        for name in entries
    }
    used = {one["$ref"] for one in values(content) if isinstance(one.get("$ref"), str)}
    assert used - known == set()
    schemas = {name for name in known if "/schemas/" in name}
    assert schemas - used == set(), "A model that nothing names."
    assert [name for name in content["components"]["schemas"] if "__" in name] == [], (
        "Two models have one name: rename one, or programs get names of our modules."
    )


def test_each_operation_says_what_it_does_needs_and_answers(content):
    tags = [tag["name"] for tag in content["tags"]]
    assert len(tags) == len(set(tags))
    scopes = {
        permission
        for _path, _method, one in operations(content)
        if (permission := one.get("x-scope"))
    }
    found = list(operations(content))
    assert len({one["operationId"] for *_where, one in found}) == len(found)
    for path, method, operation in found:
        where = (method, path)
        assert method in METHODS, where
        assert re.fullmatch(r"[A-Z].+[.?]", operation["summary"]), where
        assert set(operation["tags"]) <= set(tags), where
        assert operation["responses"].keys() >= {"401", "422", "429", "503", "default"}, where
        assert ("403" in operation["responses"]) == ("x-scope" in operation), where
        (good,) = (status for status in operation["responses"] if status.startswith("2"))
        assert (good == "201") == ("Location" in operation["responses"][good]["headers"]), where
        names = [one.get("name") for one in operation["parameters"]]
        assert set(re.findall(r"{(\w+)}", path)) == {
            one["name"] for one in operation["parameters"] if one.get("in") == "path"
        }, where
        assert ("If-Match" in names) == ("412" in operation["responses"]), where
        assert method == "post" or (method == "get") == ("Idempotency-Key" not in names), where
    assert "customers.view" in scopes


def test_bodies_are_closed_and_bounded(content):
    """Every text, list and object that a request brings has an end, and numbers of money are texts."""
    schemas = content["components"]["schemas"]
    unbounded = []
    for path, method, operation in operations(content):
        if "requestBody" not in operation:
            continue
        ((kind, body),) = operation["requestBody"]["content"].items()
        if kind != "application/json":
            continue
        for name, schema in brought(body["schema"], schemas, ""):
            if schema.get("type") == "number" or not is_bounded(schema):
                unbounded.append((method, path, name, schema))
    assert unbounded == []


def brought(schema, schemas, name, seen=()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each field of a body with its schema, those of nested models included."""
    if "$ref" in schema:
        model = schema["$ref"].rpartition("/")[2]
        if model not in seen:
            yield from brought(schemas[model], schemas, name, (*seen, model))
        return
    yield name, schema
    for field, one in schema.get("properties", {}).items():
        yield from brought(one, schemas, f"{name}.{field}", seen)
    for one in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if isinstance(one, dict):
            yield from brought(one, schemas, name, seen)


def is_bounded(schema: dict[str, Any]) -> bool:
    match schema.get("type"):
        case "string":
            return bool({"maxLength", "enum", "const", "format"} & schema.keys())
        case "array":
            return "maxItems" in schema
        case "integer":
            return "minimum" in schema and bool({"maximum", "exclusiveMaximum"} & schema.keys())
        case "object" if "properties" in schema:
            return schema.get("additionalProperties") is False
    return True


def test_what_may_be_null_or_one_of_some_is_told_so(content):
    schemas = content["components"]["schemas"]
    page = schemas["Page_CustomerAnswer_"]
    assert page["properties"]["next"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert set(page["required"]) == {"data", "next"}
    customer = schemas["CustomerAnswer"]["properties"]
    assert (customer["id"]["format"], customer["created_at"]["format"]) == ("uuid", "date-time")


def test_parameters_of_the_query_are_left_out_and_never_null(content):
    nulls = [
        (path, one["name"])
        for path, _method, operation in operations(content)
        for one in operation["parameters"]
        if one.get("in") == "query" and {"type": "null"} in values(one["schema"])
    ]
    assert nulls == []
    listed = content["paths"]["/api/v1/customers"]["get"]["parameters"]
    expand = next(one for one in listed if one.get("name") == "expand")
    assert (expand["explode"], expand["schema"]["type"]) == (False, "array")


def test_plugins_are_described_with_names_of_their_own(content):
    rates = content["paths"]["/api/v1/x/tax_rules/rates"]["get"]
    assert (rates["operationId"], rates["tags"]) == (
        "tax_rules.list_rates",
        ["tax_rules: tax rules"],
    )
    assert "Is there where the plugin `tax_rules` is switched on." in rates["description"]
    assert "tax_rules.RatesAnswer" in content["components"]["schemas"]


def test_the_description_is_open_to_everybody(client):
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json["openapi"] == "3.1.0"
