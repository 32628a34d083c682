"""The blueprint that the modules of this room add their pages to, and the frame around a customer."""

from dataclasses import dataclass
from uuid import UUID

from babel.support import LazyProxy
from flask import Blueprint, render_template, request

from billhook.i18n import lazy_gettext as _
from billhook.services import customers
from billhook.services.customers import CustomerEntry
from billhook.web.access import context
from billhook.web.customers.listing import PAGE
from billhook.web.list_routes import add_list
from billhook.web.navigation import may

blueprint = Blueprint("customers", __name__, url_prefix="/customers")

add_list(blueprint, PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page about one customer; each is a link, and works without scripts."""

    endpoint: str
    label: LazyProxy
    permission: str = ""
    others: tuple[str, ...] = ()
    """Endpoints of pages that lead here back."""

    @property
    def is_current(self) -> bool:
        here = (request.endpoint or "").partition(".")[2]
        return here == self.endpoint or here in self.others


TABS = (
    Tab(endpoint="customer", label=_("Overview"), others=("write_note",)),
    Tab(
        endpoint="contacts_of",
        label=_("Contacts"),
        others=("add_contact", "contact", "save_contact", "invite_contact"),
    ),
    Tab(
        endpoint="agreements_of",
        label=_("Prices"),
        permission="products.view",
        others=("agree",),
    ),
    Tab(endpoint="statement", label=_("Statement"), permission="documents.view"),
    Tab(endpoint="preferences_of", label=_("Sending"), others=("save_preferences",)),
    Tab(endpoint="activity", label=_("Activity"), permission="audit.view"),
    Tab(endpoint="privacy", label=_("Privacy"), others=("erase",)),
)


def tabs() -> list[Tab]:
    """Return the pages about a customer that the member may open."""
    return [tab for tab in TABS if not tab.permission or may(tab.permission)]


def page(template: str, customer_id: UUID, **known: object) -> str:
    """Return a page in the frame of a customer. Raises NotFound."""
    customer = customers.by_id(context(), customer_id)
    return render_template(template, customer=customer, tabs=tabs(), kept=_kept(customer), **known)


def _kept(customer: CustomerEntry) -> CustomerEntry | None:
    """Return who took a duplicate's place."""
    if customer.merged_into_id is None:
        return None
    return customers.by_id(context(), customer.merged_into_id)
