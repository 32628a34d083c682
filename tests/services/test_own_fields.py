"""Own fields as people type them: one form per kind, each error at its field."""

from types import SimpleNamespace

import pytest
from flask import render_template_string

from billhook.domain.custom_fields import FieldDefinition, FieldKind, FieldSubject
from billhook.services import own_fields
from billhook.testing.browser import Page
from billhook.web.own_fields import messages


def field(key: str, kind: FieldKind, **more: object) -> FieldDefinition:
    return FieldDefinition(
        subject=FieldSubject.DOCUMENT, key=key, label=key.title(), kind=kind, **more
    )


ALL = (
    field("remark", FieldKind.TEXT),
    field("weight", FieldKind.NUMBER),
    field("arrival", FieldKind.DATE),
    field("color", FieldKind.CHOICE, choices=("red", "blue")),
    field("urgent", FieldKind.YES_NO),
)


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("remark", "  as agreed ", "as agreed"),
        ("weight", "0012.500", "12.5"),
        ("arrival", "2026-11-30", "2026-11-30"),
        ("color", "red", "red"),
        ("urgent", "yes", "yes"),
        ("urgent", "no", "no"),
    ],
)
def test_each_kind_is_stored_in_one_form(app, key, typed, stored):
    assert own_fields.read({key: typed}, ALL) == ({key: stored}, [])


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("remark", "x" * 2001, "input.too_long"),
        ("weight", "1,5", "number.invalid"),
        ("weight", "1e5", "number.invalid"),
        ("arrival", "30.11.2026", "date.invalid"),
        ("arrival", "2026-02-30", "date.invalid"),
        ("color", "green", "input.unknown_choice"),
        ("urgent", "maybe", "input.not_a_flag"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(app, key, typed, code):
    found, problems = own_fields.read({key: typed}, ALL, prefix="lines-2-fields-")
    assert found == {}
    assert [(p.path, p.code) for p in problems] == [(f"lines-2-fields-{key}", code)]


def test_a_required_field_must_be_filled(app):
    needed = [field("cost_center", FieldKind.TEXT, is_required=True)]
    _found, problems = own_fields.read({"cost_center": "  "}, needed)
    assert [(p.path, p.code) for p in problems] == [("fields-cost_center", "input.missing")]


def test_values_of_fields_that_are_out_of_use_stay(app):
    found, _problems = own_fields.read(
        {"remark": "new"}, ALL, stored={"gone": "kept", "remark": "old", "color": "red"}
    )
    assert found == {"gone": "kept", "remark": "new"}


def test_inputs_are_found_by_their_names():
    form = {"fields-a": "1", "lines-0-fields-a": "2", "name": "x"}
    assert own_fields.sent(form) == {"a": "1"}
    assert own_fields.sent(form, prefix="lines-0-fields-") == {"a": "2"}


def test_inputs_are_rendered_by_kind_with_the_error_bound_to_them(app):
    _found, problems = own_fields.read({"weight": "heavy"}, ALL)
    with app.test_request_context():
        html = render_template_string(
            '{% from "macros/own_fields.html" import own_fields with context %}'
            "{{ own_fields(ask.fields, ask.values, ask.errors) }}",
            ask=SimpleNamespace(
                fields=ALL,
                values={"weight": "heavy", "color": "blue", "urgent": "no", "remark": '"<b>'},
                errors=messages(problems),
            ),
        )
    page = Page(html)
    assert 'type="date"' in html
    assert 'aria-describedby="fields-weight-error"' in html
    assert 'id="fields-weight-error"' in html
    assert "<option selected>blue</option>" in html
    assert '<option value="no" selected>' in html
    assert "<b>" not in html
    assert all(f'for="fields-{f.key}"' in html for f in ALL)
    assert "Remark" in page.text
