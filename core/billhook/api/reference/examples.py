"""Examples of requests, in curl and Python, with as much in them as is needed."""

import json
import re
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from billhook.api.reference.fields import settled
from billhook.api.shapes import Json

_ID = "01980c0a-7d6e-7c3f-a6d2-0b1c2d3e4f50"
_BY_FORMAT = {"uuid": _ID, "date": "2026-01-31", "date-time": "2026-01-31T12:00:00Z"}
_PLACE = re.compile(r"{(\w+)}")


def example(schema: Json, models: Mapping[str, Json]) -> Any:
    """Return a value that fits a schema."""
    schema = settled(schema, models)
    if examples := schema.get("examples"):
        return examples[0]
    for choice in schema.get("anyOf") or schema.get("oneOf") or ():
        return example(choice, models)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return _object(schema, models)
        case "array":
            return [example(schema.get("items", {}), models)]
        case "integer":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _BY_FORMAT.get(schema.get("format", ""), "text"[: schema.get("maxLength", 4)])
    return None


def _object(schema: Json, models: Mapping[str, Json]) -> dict[str, Any]:
    """Return what is needed; where nothing is, what its fields give examples of."""
    fields = schema.get("properties", {})
    needed = schema.get("required") or [
        name for name, found in fields.items() if "examples" in settled(found, models)
    ]
    return {name: example(found, models) for name, found in fields.items() if name in needed}


def as_json(value: Any) -> str:
    """Write an example as people send it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def curl(
    method: str, url: str, *, body: Any = None, has_file: bool = False, changes: bool, loads: bool
) -> str:
    """Write a request for a shell that has the key and the ids in variables."""
    address = _PLACE.sub(lambda match: f"${match[1].upper()}", url)
    parts = [f'curl -X {method} "{address}"' if method != "GET" else f'curl "{address}"']
    parts.append('-H "Authorization: Bearer $BILLHOOK_API_KEY"')
    if changes:
        parts.append('-H "Idempotency-Key: one-of-your-own"')
    if has_file:
        parts.append('-F "file=@a-file.csv"')
    elif body is not None:
        parts.append('-H "Content-Type: application/json"')
        quoted = as_json(body).replace("'", "'\\''")
        parts.append(f"-d '{quoted}'")
    if loads:
        parts.append("-OJ")
    return " \\\n  ".join(parts)


def python(
    method: str, url: str, *, body: Any = None, has_file: bool = False, changes: bool, loads: bool
) -> str:
    """Write a request by httpx."""
    address = json.dumps(url)
    if _PLACE.search(url):
        address = f"f{address}"
    given = [f"    {address},", '    headers={"Authorization": f"Bearer {key}"},']
    if changes:
        given[1] = (
            '    headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "one-of-your-own"},'
        )
    if has_file:
        given.append('    files={"file": open("a-file.csv", "rb")},')
    elif body is not None:
        shown = pformat(body, sort_dicts=False, width=84).replace("\n", "\n         ")
        given.append(f"    json={shown},")
    call = "\n".join([f"answer = httpx.{method.lower()}(", *given, ")"])
    shown = "answer.content" if loads else "answer.json()"
    rest = [] if method == "DELETE" else [f"print({shown})"]
    return "\n".join(
        [
            "import os",
            "import httpx",
            "",
            'key = os.environ["BILLHOOK_API_KEY"]',
            call,
            "answer.raise_for_status()",
            *rest,
        ]
    )
