"""What a client was told: the page, the way to what it is about, and that it was read."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from billhook.errors import NotFound
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.portal import addresses
from billhook.portal.access import client, here
from billhook.portal.rendering import page
from billhook.services.portal import clients, notice_words, notices
from billhook.services.portal.notices import Told

blueprint = Blueprint("notices", __name__)

PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNotice:
    """A notice in words."""

    notice: Told
    text: str


@blueprint.get("/notices")
@client(clients.SEE)
def listing() -> str:
    """List what the client was told, the newest first."""
    found = notices.listing(here(), older_than=_older_than(), limit=PAGE + 1)
    return page(
        "portal/notices.html",
        title=_("Messages"),
        shown=[
            ShownNotice(notice=one, text=str(notice_words.sentence(one.kind, one.facts)))
            for one in found[:PAGE]
        ],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        unread=notices.unread(here()),
        form=ButtonForm(),
    )


@blueprint.get("/notices/<uuid:notice_id>")
@client(clients.SEE)
def follow(notice_id: UUID) -> Response:
    """Go to what a notice tells of, which is to have read it. Raises NotFound."""
    found = notices.get(here(), notice_id)
    if found is None:
        raise NotFound(_("message"), notice_id)
    notices.mark_read(here(), [notice_id])
    path = notice_words.path(found.object_kind, found.object_id)
    return redirect(  # type: ignore[return-value]
        addresses.root().rstrip("/") + path, HTTPStatus.SEE_OTHER
    )


@blueprint.post("/notices/read")
@client(clients.WRITE)
def read_all() -> Response:
    """Mark all as read."""
    notices.mark_all_read(here())
    flash(_("All messages are marked as read."))
    return redirect(addresses.at("notices.listing"), HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def _older_than() -> UUID | None:
    """Return the notice after which the page goes on; None for the first page."""
    try:
        return UUID(request.args.get("older", ""))
    except ValueError:
        return None
