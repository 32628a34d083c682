"""What clients want changed about themselves, decided on by the API."""

from uuid import UUID

from billhook.api.schemas.profile_changes import (
    ProfileChangeAnswer,
    ProfileChangeApproval,
    ProfileChangeQuery,
    ProfileChangeRefusal,
)
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import profile_changes as service

routes = Routes(
    "profile changes",
    "What clients changed about themselves at the portal where the company wants to say yes first.",
)


@routes.get("/profile-changes", requires="customers.view")
def list_profile_changes(ctx: Context, query: ProfileChangeQuery) -> Page[ProfileChangeAnswer]:
    """List what clients want changed, the oldest first."""
    page = service.search(
        ctx,
        state=query.state,
        customer_id=query.customer_id,
        after=query.after,
        limit=query.limit,
    )
    return Page(data=[ProfileChangeAnswer.of(one) for one in page.rows], next=page.next or None)


@routes.get("/profile-changes/<uuid:change_id>", requires="customers.view")
def get_profile_change(ctx: Context, change_id: UUID) -> ProfileChangeAnswer:
    """Get a change, beside what is stored now."""
    return ProfileChangeAnswer.of(service.get(ctx, change_id))


@routes.post("/profile-changes/<uuid:change_id>/approve", requires="customers.edit")
def approve_profile_change(
    ctx: Context, change_id: UUID, body: ProfileChangeApproval
) -> ProfileChangeAnswer:
    """Take a change over, or some of its fields; answer what was taken over.

    Where some fields go on waiting, what was taken over has an id of its own. Issued
    documents stay as they are.
    """
    done = service.approve(ctx, change_id, fields=body.fields, version=body.customer_version)
    return ProfileChangeAnswer.of(done)


@routes.post("/profile-changes/<uuid:change_id>/refuse", requires="customers.edit")
def refuse_profile_change(
    ctx: Context, change_id: UUID, body: ProfileChangeRefusal
) -> ProfileChangeAnswer:
    """Refuse a change, or some of its fields, and say why; answer what was refused."""
    done = service.refuse(ctx, change_id, reason=body.reason, fields=body.fields)
    return ProfileChangeAnswer.of(done)
