"""The usage log: what clients did at the portal, and which pages colleagues opened while they looked."""

from babel.support import LazyProxy

from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import portal_usage
from billhook.services.paging import Slice
from billhook.services.portal.clients import Way
from billhook.services.portal.log import PortalAct
from billhook.services.portal_usage import FoundVisit, VisitFilter
from billhook.web.labels import label
from billhook.web.list_routes import add_list
from billhook.web.lists import (
    Address,
    Badge,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
)
from billhook.web.objects import address_of
from billhook.web.portal.rooms import visits_blueprint as blueprint

ACTS = {one.value: one for one in PortalAct}
WAYS = {one.value: one for one in Way}
ROOMS: dict[str, LazyProxy] = {
    "home": _("Overview"),
    "documents": _("Documents"),
    "statement": _("Statement"),
    "questions": _("Questions"),
    "profile": _("Profile"),
    "notices": _("Messages"),
}
"""Words for the rooms of the portal that a colleague opened."""


def act_of(visit: FoundVisit) -> str:
    """Return what was done, in words."""
    known = ACTS.get(visit.act)
    return label(known) if known else visit.act


def who(visit: FoundVisit) -> str:
    """Name who did it."""
    if visit.who:
        return visit.who
    if visit.way is Way.LINK:
        return gettext("Somebody with the link of a mail")
    return gettext("Somebody who is gone")


def thing_of(visit: FoundVisit) -> str:
    """Name what it was done to, or the room that was opened."""
    if visit.object:
        return visit.object
    return str(ROOMS.get(visit.object_kind, "")) if visit.act == PortalAct.PAGE_OPENED else ""


def thing_address(visit: FoundVisit) -> str:
    """Return the page of a document that the visit was about; empty for anything else."""
    if not visit.object or visit.object_id is None:
        return ""
    return address_of("document", str(visit.object_id))


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[FoundVisit]:
    wanted = VisitFilter(
        text=query.text,
        customer=query.value("customer"),
        contact_id=query.key("contact"),
        act=ACTS.get(query.value("act")),
        way=WAYS.get(query.value("way")),
        since=query.day("since"),
        until=query.day("until"),
    )
    return portal_usage.search(ctx, wanted, after=after, limit=limit)


PAGE = ListPage(
    name="portal-visits",
    title=_("Usage of the portal"),
    permission="portal.view",
    template="client_portal/visits.html",
    search=_("Name or e-mail address of a person"),
    columns=(
        Column(key="act", label=_("Act"), value=act_of, is_title=True),
        Column(key="object", label=_("Which"), value=thing_of, href=thing_address),
        Column(
            key="customer",
            label=_("Client"),
            value=lambda visit: visit.customer,
            href=Address("customers.customer", customer_id=lambda visit: visit.customer_id),
        ),
        Column(key="who", label=_("Who"), value=who),
        Column(
            key="way",
            label=_("By"),
            kind=Kind.BADGE,
            value=lambda visit: Badge(label(visit.way), "info" if visit.viewer_id else "quiet"),
        ),
        Column(
            key="happened_at",
            label=_("When"),
            kind=Kind.INSTANT,
            value=lambda visit: visit.happened_at,
        ),
        Column(key="address", label=_("From"), kind=Kind.CODE, value=lambda visit: visit.address),
        Column(
            key="user_agent",
            label=_("Browser"),
            value=lambda visit: visit.user_agent,
            is_extra=True,
        ),
        Column(
            key="object_id",
            label=_("Id"),
            kind=Kind.CODE,
            value=lambda visit: visit.object_id,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="customer", label=_("Reference of the client")),
        Filter(
            key="act",
            label=_("Act"),
            kind=FilterKind.CHOICE,
            choices=lambda _ctx: [Choice(code, label(one)) for code, one in ACTS.items()],
        ),
        Filter(
            key="way",
            label=_("By"),
            kind=FilterKind.CHOICE,
            choices=lambda _ctx: [Choice(code, label(one)) for code, one in WAYS.items()],
        ),
        Filter(key="since", label=_("From"), kind=FilterKind.DAY),
        Filter(key="until", label=_("Until"), kind=FilterKind.DAY),
    ),
    fetch=_fetch,
    identify=lambda visit: visit.id,
)
add_list(blueprint, PAGE)
