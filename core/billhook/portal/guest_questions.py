"""Questions and disputes by the link in a mail: about its document, and read at that link."""

from functools import partial
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from billhook.bounds import takes
from billhook.domain.questions import QuestionKind
from billhook.portal import question_pages
from billhook.portal.access import guest
from billhook.portal.addresses import at
from billhook.portal.guests import enter, guarded, keep_to_oneself
from billhook.portal.question_forms import LARGEST_BODY
from billhook.portal.question_pages import Page, Places
from billhook.portal.questions import asking, writing

blueprint = Blueprint("guest_questions", __name__, url_prefix="/d/<token>")
blueprint.after_request(keep_to_oneself)


def _places(token: str) -> Places:
    here = partial(at, token=token)
    return Places(
        listing=lambda after: here("guest_questions.listing", after=after or None),
        document=lambda _document_id: here("guests.show"),
        thread=lambda question_id: here("guest_questions.thread", question_id=question_id),
        act=lambda act, question_id: here(f"guest_questions.{act}", question_id=question_id),
        file=lambda question_id, file_id: here(
            "guest_questions.file", question_id=question_id, file_id=file_id
        ),
    )


@blueprint.get("/questions")
@guarded
@guest
def listing(token: str) -> str:
    """List what was asked at this link."""
    client, _document_id = enter(token)
    return question_pages.listing(client, _places(token))


@blueprint.get("/<any(question, dispute):kind>")
@guarded
@guest
def new(token: str, kind: str) -> str:
    """Ask what the question is; `?line=3` is about that line."""
    client, document_id = enter(token)
    return question_pages.new(client, _places(token), document_id, QuestionKind(kind))


@blueprint.post("/<any(question, dispute):kind>")
@guarded
@asking
@guest
@takes(body=LARGEST_BODY)
def ask(token: str, kind: str) -> Page:
    """Send it to the company."""
    client, document_id = enter(token)
    return question_pages.ask(client, _places(token), document_id, QuestionKind(kind))


@blueprint.get("/questions/<uuid:question_id>")
@guarded
@guest
def thread(token: str, question_id: UUID) -> str:
    """Show what both sides said."""
    client, _document_id = enter(token)
    return question_pages.thread(client, _places(token), question_id)


@blueprint.post("/questions/<uuid:question_id>/reply")
@guarded
@writing
@guest
@takes(body=LARGEST_BODY)
def reply(token: str, question_id: UUID) -> Page:
    """Say more."""
    client, _document_id = enter(token)
    return question_pages.reply(client, _places(token), question_id)


@blueprint.post("/questions/<uuid:question_id>/settle")
@guarded
@guest
def settle(token: str, question_id: UUID) -> Page:
    """Close it: nothing is left open for the client."""
    client, _document_id = enter(token)
    return question_pages.settle(client, _places(token), question_id)


@blueprint.post("/questions/<uuid:question_id>/reopen")
@guarded
@writing
@guest
def reopen(token: str, question_id: UUID) -> Page:
    """Open it again, and say why."""
    client, _document_id = enter(token)
    return question_pages.reopen(client, _places(token), question_id)


@blueprint.get("/questions/<uuid:question_id>/files/<uuid:file_id>")
@guarded
@guest
def file(token: str, question_id: UUID, file_id: UUID) -> Response:
    """Load a file that came with a message."""
    client, _document_id = enter(token)
    return question_pages.file(client, question_id, file_id)
