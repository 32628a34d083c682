"""A draft like one that is there."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from billhook.i18n import gettext as _
from billhook.services import duplicating
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.objects import address_of
from billhook.web.papers.asking import KeyForm

blueprint = Blueprint("duplicating", __name__)


@blueprint.route("/documents/<uuid:document_id>/duplicate", methods=["GET", "POST"])
@requires("drafts.edit")
def document(document_id: UUID) -> str | Response:
    """Make a draft with the lines and terms of a document."""
    return _duplicate(
        document_id,
        here=url_for(".document", document_id=document_id),
        back=url_for("documents.document", document_id=document_id),
    )


@blueprint.route("/drafts/<uuid:draft_id>/duplicate", methods=["GET", "POST"])
@requires("drafts.edit")
def draft(draft_id: UUID) -> str | Response:
    """Make a draft with the lines and terms of another."""
    return _duplicate(
        draft_id,
        here=url_for(".draft", draft_id=draft_id),
        back=address_of("draft", draft_id) or url_for("home.home"),
    )


def _duplicate(one_id: UUID, *, here: str, back: str) -> str | Response:
    form = KeyForm.fresh()
    if request.method == "POST" and form.validate():
        made = duplicating.duplicate(context(), one_id, key=form.key.data)
        flash(_("This is the copy. Nothing that was billed before is billed by it again."))
        return redirect(address_of("draft", made) or back, HTTPStatus.SEE_OTHER)
    question = Question(
        title=_("Make a copy?"),
        text=_(
            "A new draft gets the same lines and terms, without attachments. It bills no charge "
            "that waits or was billed."
        ),
        label=_("Make the copy"),
        act=here,
        back=back,
    )
    return ask(question, form)
