"""The rooms of the portal, in the order in which clients need them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from babel.support import LazyProxy
from flask import current_app, request

from billhook.domain.portal_view import PortalLink
from billhook.i18n import lazy_gettext as _
from billhook.portal import addresses
from billhook.services.portal import clients, questions, slots
from billhook.services.portal.clients import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A page that the navigation leads to, and the pages that belong to it."""

    endpoint: str
    label: LazyProxy
    permission: str
    count: Callable[[Client], int] | None = None
    """How many things wait there."""
    leads_to: tuple[str, ...] = ()
    """Further blueprints whose pages are reached from it."""

    @property
    def blueprint(self) -> str:
        return self.endpoint.partition(".")[0]

    def holds(self, endpoint: str) -> bool:
        """Tell whether a page belongs to the room."""
        return not {self.blueprint, *self.leads_to}.isdisjoint(endpoint.split("."))


ROOMS = (
    Room(endpoint="home.show", label=_("Overview"), permission=clients.SEE),
    Room(
        endpoint="documents.listing",
        label=_("Documents"),
        permission=clients.SEE,
        leads_to=("archives",),
    ),
    Room(endpoint="statement.show", label=_("Statement"), permission=clients.SEE),
    Room(
        endpoint="questions.listing",
        label=_("Questions"),
        permission=clients.SEE,
        count=questions.waiting,
    ),
    Room(
        endpoint="profile.show",
        label=_("Profile"),
        permission=clients.SEE,
        leads_to=("people", "notices"),
    ),
    Room(
        endpoint="security.show",
        label=_("Security"),
        permission=clients.WRITE,
        leads_to=("proving",),
    ),
)


def entries(client: Client) -> tuple[PortalLink, ...]:
    """Return what the client may go to."""
    here = request.endpoint or ""
    known = current_app.view_functions
    rooms = tuple(
        PortalLink(
            label=str(room.label),
            address=addresses.at(room.endpoint),
            is_current=room.holds(here),
            count=str(room.count(client) or "") if room.count else "",
            kind=room.blueprint,
        )
        for room in ROOMS
        if f"portal.{room.endpoint}" in known and client.may(room.permission)
    )
    return (*rooms, *_of_plugins(client))


def _of_plugins(client: Client) -> Iterator[PortalLink]:
    for one in slots.pages(client):
        address = addresses.at("slots.show", plugin=one.plugin, name=one.name)
        is_current = addresses.shown(request.path) == address
        yield PortalLink(label=one.title, address=address, is_current=is_current, kind="more")
