"""The clients' portal by the API: its settings, what was done there, how much it is used."""

from dataclasses import asdict

from billhook.api.schemas.portal import (
    PortalSettingsAnswer,
    PortalSettingsChanges,
    UsageAnswer,
    UsageMonthAnswer,
    VisitAnswer,
    VisitsQuery,
)
from billhook.sdk.api import Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import portal_figures, portal_settings, portal_usage
from billhook.services.portal_usage import VisitFilter

routes = Routes("portal", "Where clients see what they owe, and what they did there.")


@routes.get("/portal-settings", requires="portal.manage")
def get_portal_settings(ctx: Context) -> PortalSettingsAnswer:
    """Get how the portal is run."""
    return PortalSettingsAnswer.of(portal_settings.get(ctx))


@routes.patch("/portal-settings", requires="portal.manage")
def change_portal_settings(
    ctx: Context, body: PortalSettingsChanges, match: Match
) -> PortalSettingsAnswer:
    """Change how the portal is run, from the next request on; fields that are left out stay.

    To close it logs all clients out, and no link in a mail leads anywhere until it is
    open again.
    """
    known = portal_settings.get(ctx)
    version = match.require(known.version)
    changed = portal_settings.change(ctx, body.as_change(), version=version)
    return PortalSettingsAnswer.of(changed)


@routes.get("/portal-visits", requires="portal.view")
def list_portal_visits(ctx: Context, query: VisitsQuery) -> Page[VisitAnswer]:
    """List what was done at the portal, the newest first. Visits appear about a second later.

    They are kept for 400 days.
    """
    wanted = VisitFilter(
        text=query.text,
        customer_id=query.customer_id,
        contact_id=query.contact_id,
        act=query.act,
        way=query.way,
        since=query.since,
        until=query.until,
    )
    found = portal_usage.search(ctx, wanted, after=query.after, limit=query.limit)
    return Page(data=[VisitAnswer.of(one) for one in found.rows], next=found.next or None)


@routes.get("/portal-usage", requires="portal.view")
def get_portal_usage(ctx: Context) -> UsageAnswer:
    """Get how much clients used the portal in the last twelve months."""
    found = portal_figures.usage(ctx)
    return UsageAnswer(
        customers=found.customers,
        with_access=found.with_access,
        months=[UsageMonthAnswer(**asdict(one)) for one in found.months],
    )
