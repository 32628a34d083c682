"""What a link in a mail shows: one document with its files, without a log-in, and no way further.

The link is the key: these pages are never kept, tell no other site where somebody came
from, and stay out of search engines. Whatever opens nothing is the same 404.
"""

from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from billhook import downloads
from billhook.portal import visits
from billhook.portal.access import act_for, guest, portal
from billhook.portal.documents import addresses_of
from billhook.portal.rendering import page
from billhook.services.portal import guests, papers
from billhook.services.portal.clients import Client
from billhook.throttling import limiter

blueprint = Blueprint("guests", __name__, url_prefix="/d/<token>")

PER_STRANGER = "20 per minute; 100 per hour"
"""How many links that open nothing somebody may try; those that open something count not."""


def _opened_nothing(response: Answer) -> bool:
    return response.status_code == HTTPStatus.NOT_FOUND


guarded = limiter.shared_limit(PER_STRANGER, scope="guest links", deduct_when=_opened_nothing)


@blueprint.after_request
def keep_to_oneself(response: Response) -> Response:
    """Let no cache, no other site and no search engine have what only the link shows."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def enter(token: str) -> tuple[Client, UUID]:
    """Let the rest of the request be that of whom a token lets in; return them and their document.

    Raises NotFound.
    """
    found = guests.opened(portal().ctx, token, agent=visits.agent())
    if found is None or found.document_id is None:
        raise NotFound
    act_for(found)
    return found, found.document_id


@blueprint.get("")
@guarded
@guest
def show(token: str) -> str:
    """Show the document."""
    client, document_id = enter(token)
    paper = papers.read(client, document_id)
    guests.note_opened(client)
    return page(
        "portal/guest.html",
        title=f"{paper.view.title} {paper.document.number}",
        paper=paper,
        addresses=addresses_of(paper, "guests", token=token),
        token=token,
    )


@blueprint.get("/pdf")
@guarded
@guest
def pdf(token: str) -> Answer:
    """Load the file for people."""
    client, document_id = enter(token)
    entry, content = papers.pdf(client, document_id)
    return downloads.kept(content, sha256=entry.sha256)


@blueprint.get("/xml/<key>")
@guarded
@guest
def xml(token: str, key: str) -> Answer:
    """Load an e-invoice."""
    client, document_id = enter(token)
    entry, content = papers.xml(client, document_id, key)
    return downloads.kept(content, sha256=entry.sha256)


@blueprint.get("/lines.csv")
@guarded
@guest
def lines(token: str) -> Answer:
    """Load the lines as a sheet."""
    client, document_id = enter(token)
    name, sheet = papers.lines(client, document_id)
    return send_file(sheet, mimetype="text/csv", as_attachment=True, download_name=name)


@blueprint.get("/attachments/<int:position>")
@guarded
@guest
def attachment(token: str, position: int) -> Answer:
    """Load a file that went out with the document."""
    client, document_id = enter(token)
    content = papers.attachment(client, document_id, position)
    return downloads.kept(content, sha256=sha256(content.content).hexdigest())


@blueprint.get("/payment-code.png")
@guarded
@guest
def code(token: str) -> Answer:
    """Return the picture that a banking app reads."""
    client, document_id = enter(token)
    return Response(papers.payment_code(client, document_id), content_type="image/png")
