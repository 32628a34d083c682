"""The pages of questions, as they are for clients who logged in and for guests of a link alike."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.domain.publications import FileContent
from billhook.domain.questions import QuestionKind, QuestionState
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import ButtonForm, show
from billhook.i18n import gettext as _
from billhook.portal.access import portal
from billhook.portal.question_forms import REASONS, AskForm, SayForm
from billhook.portal.rendering import brand, page
from billhook.services.portal import clients, questions
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.questions import Subject
from billhook.services.questions import QuestionIsClosed, Thread

PAGE = 25

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the pages of questions are for whoever is there."""

    listing: Callable[[str], str]
    """The list, from a cursor on."""
    document: Callable[[UUID], str]
    thread: Callable[[UUID], str]
    act: Callable[[str, UUID], str]
    """Where a thread's form goes: reply, settle, reopen."""
    file: Callable[[UUID, UUID], str]


def listing(client: Client, places: Places) -> str:
    """List what was asked, the newest first."""
    found = questions.listing(client, after=request.args.get("after", ""), limit=PAGE)
    return page(
        "portal/questions.html",
        title=_("Questions"),
        questions=found.rows,
        next=found.next,
        places=places,
    )


def new(client: Client, places: Places, document_id: UUID, kind: QuestionKind) -> str:
    """Ask what the question is."""
    subject = questions.subject(client, document_id)
    form = AskForm.about(subject, kind, line=request.args.get("line", ""))
    return _new(form, subject, kind, places)


def ask(client: Client, places: Places, document_id: UUID, kind: QuestionKind) -> Page:
    """Send a question to the company."""
    subject = questions.subject(client, document_id)
    form = AskForm.about(subject, kind)
    if form.validate():
        try:
            asked = questions.ask(client, form.question(document_id, kind), key=form.sent_key())
        except ValidationFailed as error:
            show(form, error.problems)
        else:
            flash(_("Thank you. We have got it, and will answer you here."))
            return _to(places, asked)
    return _new(form, subject, kind, places), HTTPStatus.UNPROCESSABLE_ENTITY


def _new(form: AskForm, subject: Subject, kind: QuestionKind, places: Places) -> str:
    number = subject.document.number
    is_dispute = kind is QuestionKind.DISPUTE
    title = (
        _("Dispute %(number)s", number=number)
        if is_dispute
        else _("Ask about %(number)s", number=number)
    )
    return page(
        "portal/question_new.html",
        title=title,
        form=form,
        subject=subject,
        is_dispute=is_dispute,
        places=places,
    )


def thread(client: Client, places: Places, question_id: UUID) -> str:
    """Show what both sides said."""
    return _thread(client, places, questions.thread(client, question_id), SayForm.fresh())


def reply(client: Client, places: Places, question_id: UUID) -> Page:
    """Say more."""
    found, form = questions.thread(client, question_id), SayForm()
    if form.validate():
        text, uploads, key = form.text.data or "", form.uploads(), form.sent_key()
        try:
            questions.reply(client, question_id, text, uploads=uploads, key=key)
        except ValidationFailed as error:
            show(form, error.problems)
        except QuestionIsClosed as error:
            form.form_errors.append(error.message)
            closed = questions.thread(client, question_id)
            return _thread(client, places, closed, form), HTTPStatus.CONFLICT
        else:
            flash(_("Your message was sent."))
            return _to(places, question_id)
    return _thread(client, places, found, form), HTTPStatus.UNPROCESSABLE_ENTITY


def settle(client: Client, places: Places, question_id: UUID) -> Page:
    """Close it: nothing is left open for the client."""
    questions.settle(client, question_id)
    flash(_("Good to hear. The question is closed."))
    return _to(places, question_id)


def reopen(client: Client, places: Places, question_id: UUID) -> Page:
    """Open it again, and say why."""
    found, form = questions.thread(client, question_id), SayForm()
    if not form.validate():
        return _thread(client, places, found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        questions.reopen(client, question_id, form.text.data or "")
    except ValidationFailed as error:
        show(form, error.problems)
        return _thread(client, places, found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as error:
        flash(error.message)
        return _to(places, question_id)
    flash(_("The question is open again. We will answer you here."))
    return _to(places, question_id)


def file(client: Client, question_id: UUID, file_id: UUID) -> Response:
    """Load a file of a thread; it is saved and never shown: what it holds, a stranger wrote."""
    found: FileContent = questions.file(client, question_id, file_id)
    return downloads.saved(found)


def _thread(client: Client, places: Places, found: Thread, form: SayForm) -> str:
    return page(
        "portal/question.html",
        title=_("About %(number)s", number=found.entry.number),
        thread=found,
        form=form,
        button=ButtonForm(),
        reasons=REASONS,
        is_closed=found.entry.state is QuestionState.CLOSED,
        may_write=client.way is Way.LINK or client.may(clients.WRITE),
        company_name=brand().name or portal().ctx.tenant.party.name,
        places=places,
    )


def _to(places: Places, question_id: UUID) -> Response:
    return redirect(places.thread(question_id), HTTPStatus.SEE_OTHER)
