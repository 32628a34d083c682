"""The reference of the API: its pages for people, its page of the documentation, its examples."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from billhook.api import described
from billhook.api.openapi import description
from billhook.api.reference.fields import field_rows, kind_of
from billhook.api.reference.markdown import reference
from billhook.api.reference.sheets import OperationSheet, html, sheets
from billhook.testing.chromium import serving
from billhook.testing.programs import program

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
DOCS = "/api/v1/docs"


def test_the_page_of_the_documentation_is_current():
    command = "python -m billhook.api.reference > docs/reference/api.md"
    assert PAGE.read_text(encoding="utf-8") == reference(), command


def test_everybody_reads_all_operations_by_group(app, client):
    index = client.get(DOCS).text
    groups = sheets(client.get("/api/v1/openapi.json").json)
    for group in groups:
        page = client.get(f"{DOCS}?group={group.slug}")
        assert f"<h1>{group.title}</h1>" in page.text
        assert f'?group={group.slug}"' in index
        for operation in group.operations:
            assert f'id="{operation.id}"' in page.text
            assert f'href="{DOCS}?group={group.slug}#{operation.id}"' in index
            assert f'data-path="{operation.path}"' in page.text
    assert client.get(f"{DOCS}?group=nothing").status_code == 404
    assert "Set-Cookie" not in client.get(DOCS).headers


def test_pages_hold_to_the_strict_policy(client):
    page = client.get(f"{DOCS}?group=customers")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?! [^>]*src=)|\sstyle=|\son\w+=", page.text)


def test_the_search_finds_by_words_without_scripts(client):
    found = re.findall(r'#(\w+)">', client.get(DOCS, query_string={"q": "issue DRAFT"}).text)
    assert "issue_draft" in found
    assert "list_customers" not in found
    nothing = client.get(DOCS, query_string={"q": "<b>"}).text
    assert "Nothing has “&lt;b&gt;” in its name" in nothing


def test_markdown_of_docstrings_stays_text_where_it_is_html():
    assert html("a `code` <script>") == "<p>a <code>code</code> &lt;script&gt;</p>\n"


MODELS: dict[str, Any] = {
    "Line": {
        "type": "object",
        "required": ["net"],
        "properties": {
            "net": {"type": "string", "maxLength": 60},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        },
    },
    "Kind": {"type": "string", "enum": ["a", "b"], "description": "Which."},
}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "format": "date"}, "date"),
        (
            {"anyOf": [{"type": "string", "maxLength": 1000}, {"type": "null"}]},
            "text, at most 1,000 characters or null",
        ),
        ({"$ref": "#/components/schemas/Kind"}, "one of a, b"),
        (
            {"type": "array", "items": {"type": "integer"}, "maxItems": 5},
            "list of whole number, at most 5",
        ),
        ({}, "anything"),
    ],
)
def test_types_are_told_in_words(schema, kind):
    assert kind_of(schema, MODELS) == kind


def test_nested_models_are_unfolded_once():
    schema = {
        "properties": {
            "kind": {"$ref": "#/components/schemas/Kind", "default": "a"},
            "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        }
    }
    rows = {row.name: row for row in field_rows(schema, MODELS)}
    assert list(rows) == ["kind", "lines", "lines[].net", "lines[].parts"]
    assert rows["kind"].text == "Which. a where it is left out."
    assert [row.is_needed for row in rows.values()] == [False, False, True, False]


# Examples that run


@pytest.fixture
def operations(office) -> dict[str, OperationSheet]:
    content = description(described(), server="$BILLHOOK_URL")
    return {one.id: one for group in sheets(content) for one in group.operations}


RUN = ("list_customers", "create_customer", "get_customer", "list_documents", "list_drafts")


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("curl") or os.environ.get("CI")), reason="curl is not installed"
)
def test_examples_of_main_operations_run_as_they_are_shown(office, operations, monkeypatch):
    """In curl and, as the second of the same, in Python."""
    ours = program(office.app, office.ctx)
    customer = ours.get("/customers", limit="1").json["data"][0]["id"]
    with serving(office.app) as address:
        environ = {
            **os.environ,
            "BILLHOOK_URL": address,
            "BILLHOOK_API_KEY": ours.secret,
            "CUSTOMER_ID": customer,
        }
        script = "\n".join(
            operations[name].curl.replace("curl ", "curl -sf ", 1)
            + " -o /dev/null -w '%{http_code}\\n'"
            for name in RUN
        )
        done = subprocess.run(
            ["bash", "-uc", script], env=environ, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == ["200", "201", "200", "200", "200"], (script, done.stderr)
        monkeypatch.setenv("BILLHOOK_API_KEY", ours.secret)
        for name in RUN:
            shown = operations[name].python.replace("$BILLHOOK_URL", address)
            names = {"customer_id": customer}
            exec(compile(shown, name, "exec"), names)  # noqa: S102
            assert names["answer"].status_code in (200, 201)
