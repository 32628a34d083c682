"""Correcting an issued document: credit it in whole or in part, bill it anew, void it."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from billhook.domain.documents import Document
from billhook.errors import Conflict, PeriodClosed, ValidationFailed
from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.services import crediting, documents, rebilling
from billhook.services.originals import Original
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.objects import address_of
from billhook.web.papers.asking import ReasonForm
from billhook.web.papers.credit_input import MOST_LINES, Typed, Wanted, read, typed

blueprint = Blueprint("crediting", __name__, url_prefix="/documents/<uuid:document_id>")


@blueprint.get("/credit")
@requires("documents.credit")
def credit(document_id: UUID) -> str:
    """Ask what of a document is to be credited."""
    before = crediting.creditable(context(), document_id)
    return _page(document_id, before, typed(request.args, _numbers(before)), ButtonForm())


@blueprint.post("/credit/preview")
@requires("documents.credit")
def preview(document_id: UUID) -> str:
    """Show the credit note that the form would make; writes nothing."""
    before = crediting.creditable(context(), document_id)
    given = typed(request.form, _numbers(before))
    note, wanted, problems = _previewed(document_id, before, given)
    return render_template(
        "papers/credit_preview.html", note=note, problems=problems, given=given, wanted=wanted
    )


@blueprint.post("/credit")
@requires("documents.credit")
def issue(document_id: UUID) -> Response | tuple[str, int]:
    """Issue the credit note, or look at it first; with `rebill` make a draft of what it took."""
    before = crediting.creditable(context(), document_id)
    given = typed(request.form, _numbers(before))
    form = ButtonForm()
    act = request.form.get("act", "")
    wanted = read(given, before.document)
    problems = [*wanted.problems, *_reason_problems(wanted)]
    if act not in ("credit", "rebill") or not form.validate():
        return _page(document_id, before, given, form), HTTPStatus.OK
    try:
        if not problems:
            return _issued(document_id, wanted, act)
    except ValidationFailed as error:
        problems += error.problems
    except (Conflict, PeriodClosed) as error:
        problems.append(Problem(code=error.code, message=error.message))
    page = _page(document_id, before, given, form, problems)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _issued(document_id: UUID, wanted: Wanted, act: str) -> Response:
    ctx, key = context(), request.form.get("key") or None
    if act == "rebill":
        made = rebilling.rebill(
            ctx,
            document_id,
            lines=wanted.lines,
            total=wanted.total,
            reason=wanted.reason,
            issue_on=wanted.issue_on,
            key=key,
        )
        flash(_rebilled(made.note.number))
        draft = address_of("draft", made.parts[0].id)
        page = draft or url_for("documents.document", document_id=document_id)
        return redirect(page, HTTPStatus.SEE_OTHER)
    note = crediting.credit(
        ctx,
        document_id,
        lines=wanted.lines,
        total=wanted.total,
        reason=wanted.reason,
        issue_on=wanted.issue_on,
        key=key,
    )
    flash(_("Credit note %(number)s was issued.", number=note.number))
    return redirect(url_for("documents.document", document_id=note.id), HTTPStatus.SEE_OTHER)


def _rebilled(number: str) -> str:
    return _("Credit note %(number)s was issued. Change this draft, then issue it.", number=number)


def _reason_problems(wanted: Wanted) -> list[Problem]:
    if wanted.reason:
        return []
    message = _("Say why: the reason stands on the credit note.")
    return [Problem(code="input.missing", path="reason", message=message)]


def _page(
    document_id: UUID,
    before: Original,
    given: Typed,
    form: FlaskForm,
    problems: Sequence[Problem] = (),
) -> str:
    note, wanted, found = _previewed(document_id, before, given)
    told = (*found, *problems) if request.method == "POST" else ()
    errors = {problem.path: problem.message for problem in told}
    return render_template(
        "papers/credit.html",
        document=documents.get(context(), document_id).entry,
        before=before,
        lines=list(zip(before.document.lines, before.lines, strict=True))[:MOST_LINES],
        is_long=len(before.lines) > MOST_LINES,
        given=given,
        wanted=wanted,
        note=note,
        problems=found,
        errors=errors,
        general=[one.message for one in problems if not _has_input(one.path)],
        key=request.form.get("key") or str(new_id()),
        form=form,
    )


def _has_input(path: str) -> bool:
    names = ("reason", "issue_on", "total", "quantity-", "amount-")
    return path.startswith(names)


def _previewed(
    document_id: UUID, before: Original, given: Typed
) -> tuple[Document | None, Wanted, list[Problem]]:
    wanted = read(given, before.document)
    if wanted.problems:
        return None, wanted, list(wanted.problems)
    try:
        note = crediting.preview(
            context(),
            document_id,
            lines=wanted.lines,
            total=wanted.total,
            issue_on=wanted.issue_on,
        )
    except ValidationFailed as error:
        return None, wanted, [_at_input(problem) for problem in error.problems]
    except Conflict as error:
        return None, wanted, [Problem(code=error.code, message=error.message)]
    return note, wanted, []


def _at_input(problem: Problem) -> Problem:
    """Name the input of a line's problem: what was typed may be a quantity or an amount."""
    number = problem.path.removeprefix("lines.")
    path = f"amount-{number}" if number.isdigit() else problem.path
    return Problem(code=problem.code, path=path, message=problem.message)


def _numbers(before: Original) -> list[int]:
    return [line.line_no for line in before.lines[:MOST_LINES]]


# Acts that only ask why


@blueprint.route("/rebill", methods=["GET", "POST"])
@requires("documents.credit")
def rebill(document_id: UUID) -> str | Response | tuple[str, int]:
    """Credit all that is left, and make a draft of it to be corrected."""
    ctx = context()
    document = documents.get(ctx, document_id).entry

    def act(form: ReasonForm) -> Response:
        made = rebilling.rebill(ctx, document_id, reason=form.reason.data, key=form.key.data)
        flash(_rebilled(made.note.number))
        draft = address_of("draft", made.parts[0].id)
        page = draft or url_for("documents.document", document_id=document_id)
        return redirect(page, HTTPStatus.SEE_OTHER)

    question = Question(
        title=_("Credit %(number)s and bill it anew?", number=document.number),
        text=_(
            "A credit note takes back all that is left of it, and a draft with the same lines "
            "waits for your correction. Nothing of it can be billed twice."
        ),
        label=_("Credit and make the draft"),
        act=url_for(".rebill", document_id=document_id),
        back=url_for("documents.document", document_id=document_id),
    )
    return _asked(question, act)


@blueprint.route("/void", methods=["GET", "POST"])
@requires("documents.void")
def void(document_id: UUID) -> str | Response | tuple[str, int]:
    """Take an invoice back that nobody has seen yet."""
    ctx = context()
    document = documents.get(ctx, document_id).entry

    def act(form: ReasonForm) -> Response:
        crediting.void(ctx, document_id, reason=form.reason.data)
        flash(_("Document %(number)s is void. Its number stays.", number=document.number))
        return redirect(
            url_for("documents.document", document_id=document_id), HTTPStatus.SEE_OTHER
        )

    question = Question(
        title=_("Void %(number)s?", number=document.number),
        text=_(
            "Its number stays and shows as void, and a credit note takes its amount back. This "
            "works only while it is neither paid nor sent, and the client has not seen it."
        ),
        label=_("Void the document"),
        act=url_for(".void", document_id=document_id),
        back=url_for("documents.document", document_id=document_id),
        tone="danger",
    )
    return _asked(question, act)


def _asked(
    question: Question, act: Callable[[ReasonForm], Response]
) -> str | Response | tuple[str, int]:
    """Ask why, and do it once there is a reason; what refuses it stands on the question."""
    form = ReasonForm.fresh()
    if request.method == "GET":
        return ask(question, form)
    try:
        if form.validate():
            return act(form)
    except ValidationFailed as error:
        form.form_errors.extend(problem.message for problem in error.problems)
    except (Conflict, PeriodClosed) as error:
        form.form_errors.append(error.message)
    return ask(question, form), HTTPStatus.UNPROCESSABLE_ENTITY
