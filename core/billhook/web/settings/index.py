"""All settings at a glance: a card for each, with a line that says what it is for."""

from dataclasses import dataclass

from babel.support import LazyProxy
from flask import current_app, render_template

from billhook.i18n import lazy_gettext as _
from billhook.web.access import seated
from billhook.web.navigation import may
from billhook.web.settings.rooms import blueprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A page of settings, and who may see it."""

    endpoint: str
    title: LazyProxy
    text: LazyProxy
    icon: str
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cards that belong together."""

    title: LazyProxy
    cards: tuple[Card, ...]


def _card(endpoint: str, permission: str, icon: str, title: LazyProxy, text: LazyProxy) -> Card:
    return Card(endpoint=endpoint, permission=permission, icon=icon, title=title, text=text)


GROUPS = (
    Group(
        title=_("The company"),
        cards=(
            _card(
                "settings.company",
                "tenant.view",
                "building",
                _("Company"),
                _("Name, address and identifiers on documents; how it bills and rounds."),
            ),
            _card(
                "settings.registrations",
                "tenant.view",
                "percentage",
                _("Tax registrations"),
                _("Where you charge tax, under which number, from when until when."),
            ),
            _card(
                "settings.rates",
                "fx_rates.view",
                "world",
                _("Exchange rates"),
                _("What other currencies are worth in the one of your books."),
            ),
            _card(
                "guide.guide",
                "tenant.view",
                "check",
                _("First steps"),
                _("What is still missing until the first invoice can go out."),
            ),
        ),
    ),
    Group(
        title=_("Documents"),
        cards=(
            _card(
                "brands.listing",
                "brands.view",
                "palette",
                _("Brands and templates"),
                _("Logo, colours, sender and texts of documents and mails, shown as you type."),
            ),
            _card(
                "series.listing",
                "documents.view",
                "hash",
                _("Number series"),
                _("How documents are numbered, and which number comes next."),
            ),
            _card(
                "own_fields.listing",
                "tenant.view",
                "adjustments-horizontal",
                _("Own fields"),
                _("What you want to know of customers, products, documents and lines."),
            ),
        ),
    ),
    Group(
        title=_("Clients"),
        cards=(
            _card(
                "client_portal.overview",
                "portal.view",
                "world",
                _("Portal"),
                _("Where clients see what they owe: open or closed, how it looks, who uses it."),
            ),
        ),
    ),
    Group(
        title=_("Programs"),
        cards=(
            _card(
                "api_keys.listing",
                "api_keys.view",
                "key",
                _("API keys"),
                _("Which programs use the API, what they may do, and what they asked for."),
            ),
            _card(
                "webhooks.listing",
                "webhooks.view",
                "webhook",
                _("Webhooks"),
                _("Which programs are told of what happens here, and what they answered."),
            ),
        ),
    ),
    Group(
        title=_("People and plugins"),
        cards=(
            _card(
                "people.listing",
                "people.view",
                "user-plus",
                _("People"),
                _("Who works here, and what each of them may do."),
            ),
            _card(
                "plugins.listing",
                "plugins.view",
                "plug",
                _("Plugins"),
                _("Prices, taxes, channels and formats: switch them on, set them up, test them."),
            ),
        ),
    ),
)


@blueprint.get("")
@seated
def index() -> str:
    """Show the settings that the member may see."""
    known = current_app.view_functions
    found = [
        (
            group.title,
            [one for one in group.cards if one.endpoint in known and may(one.permission)],
        )
        for group in GROUPS
    ]
    return render_template("settings/index.html", groups=[pair for pair in found if pair[1]])
