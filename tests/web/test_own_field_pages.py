"""The company's own fields in the browser: added, changed, moved, laid aside."""

import pytest

from billhook.db import db
from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.services import field_definitions, own_fields
from billhook.services.field_definitions import FieldChange, NewField
from billhook.testing.browser import Page


def fields(ctx):
    db.session.rollback()
    return own_fields.definitions(FieldSubject.CUSTOMER)


@pytest.fixture
def olga(office):
    return office.visit()


def test_a_field_is_added_with_what_can_be_chosen(office, olga):
    told = {
        "label": "Branch",
        "kind": "choice",
        "choices": "Berlin\r\nBonn\r\n",
        "is_required": "y",
        "is_printed": "y",
    }
    answer = olga.send("/own-fields/new/customer", told)
    assert (answer.status_code, answer.location) == (303, "/own-fields")
    (field,) = fields(office.ctx)
    assert (field.key, field.choices) == ("branch", ("Berlin", "Bonn"))
    assert field.is_required
    assert field.is_printed
    assert "Berlin, Bonn" in Page(olga.get("/own-fields").text).text


def test_a_wrong_field_keeps_what_was_typed(office, olga):
    answer = olga.send("/own-fields/new/line", {"label": "Size", "kind": "choice"})
    assert answer.status_code == 422
    assert 'value="Size"' in answer.text
    assert "one in each line" in answer.text


def test_a_products_field_is_never_printed(olga):
    assert 'name="is_printed"' not in olga.get("/own-fields/new/product").text
    assert 'name="is_printed"' in olga.get("/own-fields/new/line").text


def test_a_field_changes_moves_and_is_laid_aside_after_asking(office, olga):
    with office.ctx.acting():
        first, second = (
            field_definitions.create(office.ctx, NewField(subject="customer", label=label))
            for label in ("First", "Second")
        )
    page = f"/own-fields/{second.id}"
    told = {"label": "Another", "kind": "number", "version": "1"}
    assert olga.send(page, told).status_code == 303
    olga.send(f"{page}/move", {"way": "up"}, page="/own-fields")
    assert [(one.label, one.kind) for one in fields(office.ctx)] == [
        ("Another", FieldKind.NUMBER),
        ("First", FieldKind.TEXT),
    ]
    asked = olga.get(f"/own-fields/{first.id}/lay-aside")
    assert "Its values stay" in asked.text
    olga.send(f"/own-fields/{first.id}/lay-aside")
    assert [one.label for one in fields(office.ctx)] == ["Another"]
    olga.send(f"/own-fields/{first.id}/take-up", page="/own-fields")
    assert len(fields(office.ctx)) == 2


def test_of_two_who_change_a_field_the_second_sees_both(office, olga):
    with office.ctx.acting():
        field = field_definitions.create(
            office.ctx, NewField(subject="customer", label="Cost centre")
        )
        field_definitions.change(office.ctx, field.id, FieldChange(label="Theirs"))
    told = {"label": "Mine", "kind": "text", "version": "1"}
    answer = olga.send(f"/own-fields/{field.id}", told)
    assert answer.status_code == 422
    assert "Theirs" in answer.text
    assert 'value="Mine"' in answer.text


def test_who_may_only_look_sees_the_fields_and_no_buttons(office):
    manager = office.signed_in("manager")
    page = manager.get("/own-fields")
    assert page.status_code == 200
    assert "/own-fields/new" not in page.text
    assert manager.get("/own-fields/new/customer").status_code == 403
