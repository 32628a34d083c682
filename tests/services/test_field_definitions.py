"""Fields of a tenant's own: keys that stay, kinds that stay once there are values, an order."""

import pytest
from sqlalchemy import update

from billhook.domain.custom_fields import FieldKind, FieldSubject
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.customers import Customer
from billhook.services import customers, field_definitions, own_fields
from billhook.services.customers import CustomerInput
from billhook.services.field_definitions import (
    MOST_FIELDS,
    Direction,
    FieldChange,
    NewField,
)


def add(ctx, label, subject="customer", **told):
    return field_definitions.create(ctx, NewField(subject=subject, label=label, **told))


def codes(act, *given, **told):
    with pytest.raises(ValidationFailed) as refused:
        act(*given, **told)
    return [(problem.path, problem.code) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Cost centre", "cost_centre"),
        ("  Größe (cm)  ", "grosse_cm"),
        ("担当者", "field"),
        ("1st contact", "1st_contact"),
    ],
)
def test_the_key_is_made_from_the_label(ctx, label, key):
    assert add(ctx, label).definition.key == key


def test_and_never_changes_after_that(ctx):
    field = add(ctx, "Cost centre")
    changed = field_definitions.change(ctx, field.id, FieldChange(label="Department"))
    assert (changed.definition.key, changed.definition.label) == ("cost_centre", "Department")
    assert add(ctx, "Cost centre").definition.key == "cost_centre_2"


def test_two_fields_of_one_thing_never_have_one_name(ctx):
    add(ctx, "Cost centre")
    assert codes(add, ctx, "cost CENTRE") == [("label", "own_field.label_taken")]
    assert add(ctx, "Cost centre", subject="product").definition.key == "cost_centre"


def test_a_choice_has_something_to_choose(ctx):
    assert codes(add, ctx, "Size", kind="choice") == [("choices", "input.missing")]
    field = add(ctx, "Size", kind="choice", choices=["S", " M ", "S", ""])
    assert field.definition.choices == ("S", "M")
    assert add(ctx, "Note", kind="text", choices=["S"]).definition.choices == ()


def test_what_is_wrong_is_told_at_its_field(ctx):
    wrong = codes(add, ctx, "", subject="planet", kind="colour")
    assert {path for path, _code in wrong} == {"label", "subject", "kind"}


def test_the_kind_stays_once_there_are_values(ctx):
    field = add(ctx, "Cost_centre")
    customer = customers.save(
        ctx, CustomerInput(reference="C1", name="C", country="DE", currency="EUR")
    )
    _give(ctx, customer.id, {"cost-centre": "1"})  # looks alike to a LIKE without escapes
    changed = field_definitions.change(ctx, field.id, FieldChange(kind="number"))
    assert changed.definition.kind is FieldKind.NUMBER
    _give(ctx, customer.id, {"cost_centre": "1"})
    assert codes(field_definitions.change, ctx, field.id, FieldChange(kind="date")) == [
        ("kind", "own_field.kind_fixed")
    ]
    same = FieldChange(kind="number", label="Centre")
    assert field_definitions.change(ctx, field.id, same).definition.label == "Centre"


def _give(ctx, customer_id, values):
    with ctx.transaction() as session:
        session.execute(
            update(Customer)
            .where(Customer.tenant_id == ctx.tenant.id, Customer.id == customer_id)
            .values(fields=values)
        )


def test_a_field_changes_places_with_its_neighbour(ctx):
    fields = [add(ctx, label, subject="line") for label in "ABC"]
    field_definitions.move(ctx, fields[2].id, Direction.UP)
    field_definitions.move(ctx, fields[0].id, Direction.UP)  # the first stays
    assert [one.label for one in own_fields.definitions(FieldSubject.LINE)] == ["A", "C", "B"]


def test_a_field_laid_aside_is_asked_for_no_more_until_it_is_taken_up(ctx):
    field = add(ctx, "Cost centre")
    assert not field_definitions.lay_aside(ctx, field.id).definition.is_active
    assert own_fields.definitions(FieldSubject.CUSTOMER) == []
    field_definitions.take_up(ctx, field.id)
    assert [one.key for one in own_fields.definitions()] == ["cost_centre"]


def test_there_are_so_many_fields_and_no_more(ctx):
    for number in range(MOST_FIELDS):
        add(ctx, f"Field {number}")
    assert codes(add, ctx, "One more") == [("label", "own_field.too_many")]
    assert add(ctx, "One more", subject="product")


def test_of_two_who_change_a_field_at_once_the_second_is_told(ctx):
    field = add(ctx, "Cost centre")
    field_definitions.change(ctx, field.id, FieldChange(label="Department"), version=1)
    with pytest.raises(Conflict):
        field_definitions.change(ctx, field.id, FieldChange(label="Branch"), version=1)
    assert field_definitions.get(ctx, field.id).definition.label == "Department"


def test_only_who_may_change_the_company_adds_fields(ctx, other_ctx, with_permissions):
    with pytest.raises(Forbidden):
        add(with_permissions(ctx, "tenant.view"), "Cost centre")
    field = add(ctx, "Cost centre")
    with other_ctx.acting():
        assert field_definitions.listing(other_ctx) == []
        with pytest.raises(NotFound):
            field_definitions.lay_aside(other_ctx, field.id)
