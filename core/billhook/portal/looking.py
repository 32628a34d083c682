"""A look by a member of the company: begun by a link, noted page by page, ended by leaving."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from billhook.plugins.runtime import runtime
from billhook.portal import addresses, visits
from billhook.portal.access import anybody, half, here, portal, visitor
from billhook.services.portal import log, looks
from billhook.services.portal.clients import Way
from billhook.services.portal.log import PortalAct
from billhook.throttling import PER_ADDRESS, limiter

blueprint = Blueprint("looking", __name__)


@blueprint.get("/look/<token>")
@limiter.limit(PER_ADDRESS)
@anybody
def begin(token: str) -> Response:
    """Let a member look, once, by the link that they asked for."""
    ctx = portal().ctx
    begun = looks.begin(ctx, token, agent=visits.agent())
    answer = redirect(addresses.at("home.show"), HTTPStatus.SEE_OTHER)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return visits.begin(answer, ctx, begun)


@blueprint.post("/leave")
@half
def leave() -> Response:
    """End a look, and go back to the customer's page of the company."""
    client = here()
    if client.way is not Way.LOOK:
        return redirect(addresses.at("home.show"), HTTPStatus.SEE_OTHER)
    back = url_for("customers.customer", customer_id=client.customer_id)
    is_elsewhere = addresses.root() == "/"
    company = runtime().config.base_url.rstrip("/") if is_elsewhere else ""
    return visits.end(redirect(f"{company}{back}", HTTPStatus.SEE_OTHER), portal().ctx)


def note_page(response: Response) -> Response:
    """Keep which pages a member opened while they looked."""
    client = visitor()
    if client is not None and client.way is Way.LOOK and response.status_code == HTTPStatus.OK:
        log.note(client, PortalAct.PAGE_OPENED, object_kind=_room(), object_id=_object())
    return response


def _room() -> str:
    """Return what a page is about: the blueprint that it is of."""
    return (request.blueprint or "").rpartition(".")[2]


def _object() -> UUID | None:
    ids = (one for one in (request.view_args or {}).values() if isinstance(one, UUID))
    return next(ids, None)
