"""The audit log by the API."""

from uuid import UUID

from billhook.api.schemas.audit import ActAnswer, ActsQuery, LinkAnswer
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import acts
from billhook.services.acts import ActFilter

routes = Routes("audit", "Who did what, when.")


@routes.get("/audit", requires="audit.view")
def list_acts(ctx: Context, query: ActsQuery) -> Page[ActAnswer]:
    """List what was done, the newest first."""
    wanted = ActFilter(
        text=query.text,
        object_kind=query.object_kind,
        actor_id=query.actor_id,
        since=query.since,
        until=query.until,
    )
    found = acts.search(ctx, wanted, after=query.after, limit=query.limit)
    return Page(data=[ActAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/audit/<uuid:act_id>", requires="audit.view")
def get_act(ctx: Context, act_id: UUID) -> ActAnswer:
    """Get an act with all that was noted."""
    return ActAnswer.of(acts.get(ctx, act_id).act)


@routes.get("/audit/<uuid:act_id>/link", requires="audit.view")
def get_act_link(ctx: Context, act_id: UUID) -> LinkAnswer:
    """Get the place of an act in the chain of hashes."""
    return LinkAnswer.of(acts.get(ctx, act_id))
