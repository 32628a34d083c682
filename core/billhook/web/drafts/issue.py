"""A draft is looked at once more, then issued, and sent where that is wanted."""

from http import HTTPStatus
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from billhook.errors import BillhookError, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.problems import Problem
from billhook.services import draft_editing, drafting, issuing, publishing
from billhook.services.draft_editing import outgoing
from billhook.services.issuing import Issued
from billhook.web import headers
from billhook.web.access import context, requires
from billhook.web.drafts import editing
from billhook.web.drafts.editing import Editing
from billhook.web.navigation import may


def add_to(blueprint: Blueprint) -> None:
    """Give the room the question whether to issue, and the act."""
    path = "/<uuid:draft_id>/issue"
    blueprint.add_url_rule(path, view_func=ask_to_issue)
    blueprint.add_url_rule(path, view_func=issue, methods=["POST"])


@requires("documents.issue")
def ask_to_issue(draft_id: UUID) -> Response:
    """Show the document that it will be, and ask; where it cannot be one, say why at its field."""
    ctx = context()
    view = drafting.get(ctx, draft_id)
    document = view.outcome.document
    if document is None:
        refused = view.outcome.refused
        return _refused(draft_id, refused.problems if refused else ())
    (publication,) = publishing.publications(ctx, [document])
    html = render_template(
        "drafts/issue.html",
        draft_id=draft_id,
        version=view.version,
        document=document,
        number=publication.number,
        warnings=view.outcome.warnings,
        sends=request.args.get("act") == "send" and may("deliveries.send"),
        by_itself=outgoing.goes_out_by_itself(ctx, document.customer_id),
        key=str(new_id()),
    )
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = headers.WITH_OWN_FRAMES
    return answer


@requires("documents.issue")
def issue(draft_id: UUID) -> Answer:
    """Issue the draft as it was looked at; sent twice, it is issued once."""
    ctx = context()
    version = request.form.get("version", "")
    try:
        issued = issuing.issue(
            ctx,
            draft_id,
            key=request.form.get("key", "")[:80] or None,
            version=int(version) if version.isascii() and version.isdigit() else 0,
        )
    except ValidationFailed as error:
        return _refused(draft_id, error.problems)
    if request.form.get("act") == "send" and may("deliveries.send"):
        _send(issued)
    else:
        flash(_("%(number)s was issued.", number=issued.number))
    return redirect(url_for("documents.document", document_id=issued.id), HTTPStatus.SEE_OTHER)


def _send(issued: Issued) -> None:
    """Send; what cannot be sent stays issued, and its page offers to send it."""
    try:
        outgoing.send_issued(context(), issued)
    except BillhookError as error:
        message = _(
            "%(number)s was issued, but not sent: %(reason)s",
            number=issued.number,
            reason=error.message,
        )
        flash(message, "problem")
    else:
        flash(_("%(number)s was issued and is on its way.", number=issued.number))


def _refused(draft_id: UUID, problems: tuple[Problem, ...]) -> Response:
    """Show the editor with each problem at its input."""
    opened = draft_editing.opened(context(), draft_id)
    shown = Editing(open=opened, given=opened.given, problems=problems)
    return editing.page(shown, HTTPStatus.UNPROCESSABLE_ENTITY)
