"""The first page: what is owed and why, what is due when, what is new."""

from dataclasses import dataclass

from flask import Blueprint

from billhook.i18n import gettext as _
from billhook.portal import addresses
from billhook.portal.access import client, here, portal
from billhook.portal.rendering import page
from billhook.services.portal import clients, notice_words, notices
from billhook.services.portal import overview as overviews
from billhook.services.portal.clients import Client

blueprint = Blueprint("home", __name__)

TOLD = 3
"""Unread notices that the page shows; the profile has all of them."""


@blueprint.get("/")
@client(clients.SEE)
def show() -> str:
    """Answer the question that clients come with."""
    found = here()
    return page(
        "portal/home.html",
        title=_("Overview"),
        overview=overviews.overview(found),
        news=_news(found),
        message=portal().settings.message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A notice that was not read yet, and where it leads."""

    text: str
    address: str


def _news(found: Client) -> list[News]:
    return [
        News(
            text=str(notice_words.sentence(one.kind, one.facts)),
            address=addresses.at("notices.follow", notice_id=one.id),
        )
        for one in notices.newest_unread(found, limit=TOLD)
    ]
