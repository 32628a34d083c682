"""The company's own fields by the API."""

from uuid import UUID

from billhook.api.schemas.custom_fields import (
    CustomFieldAnswer,
    CustomFieldChanges,
    CustomFieldsQuery,
    FieldMove,
    NewCustomField,
)
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import field_definitions
from billhook.services.field_definitions import FieldChange, NewField

routes = Routes("custom fields", "What you want to know of customers, products and documents.")


@routes.get("/custom-fields", requires="tenant.view")
def list_custom_fields(ctx: Context, query: CustomFieldsQuery) -> Page[CustomFieldAnswer]:
    """List the company's own fields: all of them, on one page, in their order."""
    found = [
        CustomFieldAnswer.of(one)
        for one in field_definitions.listing(ctx)
        if query.subject in (None, one.definition.subject)
        and query.state in (None, "active" if one.definition.is_active else "laid_aside")
    ]
    return Page(data=found, next=None)


@routes.post("/custom-fields", requires="tenant.manage")
def create_custom_field(ctx: Context, body: NewCustomField) -> Made[CustomFieldAnswer]:
    """Add a field, the last of its subject; its key is made from the label and never changes."""
    made = field_definitions.create(ctx, NewField(**body.model_dump()))
    return Made(CustomFieldAnswer.of(made), at=f"/custom-fields/{made.id}")


@routes.get("/custom-fields/<uuid:field_id>", requires="tenant.view")
def get_custom_field(ctx: Context, field_id: UUID) -> CustomFieldAnswer:
    """Get a field."""
    return CustomFieldAnswer.of(field_definitions.get(ctx, field_id))


@routes.patch("/custom-fields/<uuid:field_id>", requires="tenant.manage")
def change_custom_field(
    ctx: Context, field_id: UUID, body: CustomFieldChanges, match: Match
) -> CustomFieldAnswer:
    """Change a field; its values stay under its key. Needs `tenant.view`, too."""
    stored = field_definitions.get(ctx, field_id)
    version = match.require(stored.version)
    changed = field_definitions.change(
        ctx, field_id, FieldChange(**body.model_dump()), version=version
    )
    return CustomFieldAnswer.of(changed)


@routes.post("/custom-fields/<uuid:field_id>/lay-aside", requires="tenant.manage")
def lay_custom_field_aside(ctx: Context, field_id: UUID) -> CustomFieldAnswer:
    """Ask for a field no more; its values stay, and come back when it is taken up again."""
    return CustomFieldAnswer.of(field_definitions.lay_aside(ctx, field_id))


@routes.post("/custom-fields/<uuid:field_id>/take-up", requires="tenant.manage")
def take_custom_field_up(ctx: Context, field_id: UUID) -> CustomFieldAnswer:
    """Ask for a field again that was laid aside."""
    return CustomFieldAnswer.of(field_definitions.take_up(ctx, field_id))


@routes.post("/custom-fields/<uuid:field_id>/move", requires="tenant.manage")
def move_custom_field(ctx: Context, field_id: UUID, body: FieldMove) -> CustomFieldAnswer:
    """Let a field change places with its neighbour, if it has one."""
    return CustomFieldAnswer.of(field_definitions.move(ctx, field_id, body.direction))
