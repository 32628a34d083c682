"""Roles by the API, and the permissions that there are."""

from billhook.api.schemas.people import (
    NewRole,
    PermissionAnswer,
    RoleAnswer,
    RoleChanges,
    permissions_answer,
)
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import roles
from billhook.services.roles import RoleChange

routes = Routes("roles", "What people and programs may do.")


@routes.get("/permissions", requires="")
def list_permissions(ctx: Context) -> Page[PermissionAnswer]:
    """List all that a role or a key may be allowed, and which of it the asking key may do."""
    return Page(data=permissions_answer(roles.grouped(ctx), ctx.permissions), next=None)


@routes.get("/roles", requires="people.view")
def list_roles(ctx: Context) -> Page[RoleAnswer]:
    """List every role, the standard ones first: all on one page."""
    return Page(data=[RoleAnswer.of(one) for one in roles.listing(ctx)], next=None)


@routes.post("/roles", requires="people.manage")
def create_role(ctx: Context, body: NewRole) -> Made[RoleAnswer]:
    """Make a role; its code comes from the title.

    A role that may do more than the key is not made: 403. Needs `people.view`, too.
    """
    made = roles.create(
        ctx,
        title=body.title,
        summary=body.summary,
        like=body.like,
        permissions=body.permissions,
    )
    return Made(RoleAnswer.of(made), at=f"/roles/{made.code}")


@routes.get("/roles/<code>", requires="people.view")
def get_role(ctx: Context, code: str) -> RoleAnswer:
    """Get a role by its code."""
    return RoleAnswer.of(roles.get(ctx, code))


@routes.patch("/roles/<code>", requires="people.manage")
def change_role(ctx: Context, code: str, body: RoleChanges, match: Match) -> RoleAnswer:
    """Change a role of your own, from everybody's next request on.

    What the key may not do itself, it cannot give: 403. The standard roles stay as they
    are: 404. Needs `people.view`, too.
    """
    stored = roles.get(ctx, code)
    version = match.require(stored.version)
    if body.permissions is not None:
        given = frozenset(body.permissions)
        roles.change(ctx, [RoleChange(code=code, permissions=given, version=version)])
    if body.title is not None or body.summary is not None:
        roles.describe(
            ctx,
            code,
            title=stored.title if body.title is None else body.title,
            summary=stored.summary if body.summary is None else body.summary,
        )
    return RoleAnswer.of(roles.get(ctx, code))


@routes.delete("/roles/<code>", requires="people.manage")
def remove_role(ctx: Context, code: str) -> None:
    """Remove a role of your own that nobody has or is invited to. Needs `people.view`, too."""
    roles.remove(ctx, roles.get(ctx, code).code)
