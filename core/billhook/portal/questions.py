"""Questions and disputes at the portal: ask about a document, read the answer, answer back."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, g
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

from billhook.bounds import takes
from billhook.domain.questions import QuestionKind
from billhook.portal import question_pages
from billhook.portal.access import client, here
from billhook.portal.addresses import at
from billhook.portal.question_forms import LARGEST_BODY
from billhook.portal.question_pages import Page, Places
from billhook.services.portal import clients
from billhook.throttling import limiter

blueprint = Blueprint("questions", __name__)

PER_ASKER = "10 per hour"
PER_WRITER = "30 per hour"
"""How often a contact, or a link, can ask, and say more."""

PLACES = Places(
    listing=lambda after: at("questions.listing", after=after or None),
    document=lambda document_id: at("documents.show", document_id=document_id),
    thread=lambda question_id: at("questions.thread", question_id=question_id),
    act=lambda act, question_id: at(f"questions.{act}", question_id=question_id),
    file=lambda question_id, file_id: at(
        "questions.file", question_id=question_id, file_id=file_id
    ),
)


def _asker() -> str:
    found = g.get("client")
    return f"question {found.contact_id or found.guest_link_id}" if found else get_remote_address()


def _was_taken(response: Response) -> bool:
    """Tell whether a form was taken: what has to be corrected first does not count."""
    return response.status_code == HTTPStatus.SEE_OTHER


asking = limiter.shared_limit(PER_ASKER, scope="ask", key_func=_asker, deduct_when=_was_taken)
writing = limiter.shared_limit(PER_WRITER, scope="say", key_func=_asker, deduct_when=_was_taken)


@blueprint.get("/questions")
@client(clients.SEE)
def listing() -> str:
    """List what the client asked, the newest first."""
    return question_pages.listing(here(), PLACES)


@blueprint.get("/documents/<uuid:document_id>/<any(question, dispute):kind>")
@client(clients.WRITE)
def new(document_id: UUID, kind: str) -> str:
    """Ask what the question is; `?line=3` is about that line."""
    return question_pages.new(here(), PLACES, document_id, QuestionKind(kind))


@blueprint.post("/documents/<uuid:document_id>/<any(question, dispute):kind>")
@asking
@client(clients.WRITE)
@takes(body=LARGEST_BODY)
def ask(document_id: UUID, kind: str) -> Page:
    """Send it to the company."""
    return question_pages.ask(here(), PLACES, document_id, QuestionKind(kind))


@blueprint.get("/questions/<uuid:question_id>")
@client(clients.SEE)
def thread(question_id: UUID) -> str:
    """Show what both sides said."""
    return question_pages.thread(here(), PLACES, question_id)


@blueprint.post("/questions/<uuid:question_id>/reply")
@writing
@client(clients.WRITE)
@takes(body=LARGEST_BODY)
def reply(question_id: UUID) -> Page:
    """Say more."""
    return question_pages.reply(here(), PLACES, question_id)


@blueprint.post("/questions/<uuid:question_id>/settle")
@client(clients.WRITE)
def settle(question_id: UUID) -> Page:
    """Close it: nothing is left open for the client."""
    return question_pages.settle(here(), PLACES, question_id)


@blueprint.post("/questions/<uuid:question_id>/reopen")
@writing
@client(clients.WRITE)
def reopen(question_id: UUID) -> Page:
    """Open it again, and say why."""
    return question_pages.reopen(here(), PLACES, question_id)


@blueprint.get("/questions/<uuid:question_id>/files/<uuid:file_id>")
@client(clients.SEE)
def file(question_id: UUID, file_id: UUID) -> Response:
    """Load a file that came with a message."""
    return question_pages.file(here(), question_id, file_id)
