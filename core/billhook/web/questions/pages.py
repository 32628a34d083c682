"""The pages of questions: the list, a thread with its document beside it, and what is done there."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.bounds import takes
from billhook.errors import Conflict, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.services import dossiers, questions
from billhook.services.presenting import present
from billhook.services.questions import QuestionIsClosed, QuestionMoved, Thread
from billhook.web.access import context, requires
from billhook.web.list_routes import add_list
from billhook.web.navigation import may
from billhook.web.questions.forms import LARGEST_BODY, AnswerForm, AssignForm
from billhook.web.questions.listing import PAGE
from billhook.web.questions.words import asker_of, kind_of, reason_of, state_of

blueprint = Blueprint("questions", __name__, url_prefix="/questions")

Page = str | Response | tuple[str, int]

add_list(blueprint, PAGE)

_ACTS = {"reply": questions.reply, "close": questions.close, "reopen": questions.reopen}


def _done(act: str) -> str:
    match act:
        case "close":
            return _("The question is closed, and the client was told.")
        case "reopen":
            return _("The question is open again, and the client was told.")
        case _:
            return _("The answer was sent.")


@blueprint.get("/<uuid:question_id>")
@requires("questions.view")
def question(question_id: UUID) -> str:
    """Show what both sides said, and the document."""
    thread = questions.get(context(), question_id)
    return _page(thread, AnswerForm.of(thread))


@blueprint.post("/<uuid:question_id>/say")
@requires("questions.answer")
@takes(body=LARGEST_BODY)
def say(question_id: UUID) -> Page:
    """Answer; with the act “close” as the last word, with “reopen” to open it again."""
    ctx, form = context(), AnswerForm()
    act = request.form.get("act", "reply")
    do = _ACTS.get(act, questions.reply)
    if not form.validate():
        thread = questions.get(ctx, question_id)
        return _page(thread, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        do(
            ctx,
            question_id,
            form.text.data or "",
            version=form.read_version(),
            uploads=form.uploads(),
            key=form.sent_key(),
        )
    except ValidationFailed as error:
        show(form, error.problems)
        thread = questions.get(ctx, question_id)
        return _page(thread, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as error:
        return _moved(question_id, form, error)
    flash(_done(act))
    return _to(question_id)


def _moved(question_id: UUID, form: AnswerForm, error: Conflict) -> tuple[str, int]:
    """Show the thread as it is now, with what was typed, to be sent to that."""
    thread = questions.get(context(), question_id)
    form.version.data = form.version.raw_data = str(thread.entry.version)
    form.form_errors.append(error.message)
    return _page(thread, form), HTTPStatus.CONFLICT


@blueprint.post("/<uuid:question_id>/assign")
@requires("questions.answer")
def assign(question_id: UUID) -> Page:
    """Say whose task it is."""
    form = AssignForm()
    try:
        if form.validate():
            questions.assign(context(), question_id, form.chosen(), version=form.read_version())
            flash(_("The question was given away.") if form.chosen() else _("It is nobody's now."))
    except (QuestionMoved, QuestionIsClosed) as error:
        flash(error.message, "problem")
    except ValidationFailed as error:
        flash(" ".join(one.message for one in error.problems), "problem")
    return _to(question_id)


@blueprint.get("/<uuid:question_id>/files/<uuid:file_id>")
@requires("questions.view")
def file(question_id: UUID, file_id: UUID) -> Response:
    """Load a file that came with a message; it is saved and never shown."""
    found = questions.file(context(), question_id, file_id)
    return downloads.saved(found)


def _page(thread: Thread, form: AnswerForm) -> str:
    ctx, entry = context(), thread.entry
    paper = (
        present(dossiers.dossier(ctx, entry.document_id).publication)
        if may("documents.view")
        else None
    )
    return render_template(
        "questions/question.html",
        thread=thread,
        view=paper,
        badges=[kind_of(entry), state_of(entry)],
        asker=asker_of(entry),
        reason=reason_of(entry),
        form=form,
        assigning=AssignForm.of(ctx, thread),
    )


def _to(question_id: UUID) -> Response:
    return redirect(url_for(".question", question_id=question_id), HTTPStatus.SEE_OTHER)
