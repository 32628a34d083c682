"""Links that show a document without a log-in: made to be passed on, and ended."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from billhook.forms import ButtonForm
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.services import document_links, documents
from billhook.web.access import context, requires
from billhook.web.confirming import Question, ask
from billhook.web.papers.asking import KeyForm

blueprint = Blueprint("document_links", __name__, url_prefix="/documents/<uuid:document_id>/links")


@blueprint.get("")
@requires("portal.view")
def listing(document_id: UUID) -> str:
    """Show which links there are, whether they hold and when they were first opened."""
    ctx = context()
    links = document_links.listing(ctx, document_id)
    document = documents.get(ctx, document_id).entry
    return render_template("papers/links.html", document=document, links=links)


@blueprint.route("/new", methods=["GET", "POST"])
@requires("deliveries.send")
def new(document_id: UUID) -> str | Response:
    """Make a link to pass on."""
    form = KeyForm.fresh()
    if request.method == "POST" and form.validate():
        made = document_links.make(context(), document_id, key=form.key.data or None)
        there = url_for(".show", document_id=document_id, link_id=made.entry.id)
        return redirect(there, HTTPStatus.SEE_OTHER)
    question = Question(
        title=_("Make a link?"),
        text=_(
            "Whoever has the link sees this document and its files at the portal, without a "
            "log-in. Give it to its reader alone; you can end it at any time."
        ),
        label=_("Make the link"),
        act=url_for(".new", document_id=document_id),
        back=_document(document_id),
    )
    return ask(question, form)


@blueprint.get("/<uuid:link_id>")
@requires("deliveries.send")
def show(document_id: UUID, link_id: UUID) -> str:
    """Show a link's address, to be copied."""
    found = document_links.get(context(), document_id, link_id)
    return render_template("papers/link.html", link=found.entry, address=found.address)


@blueprint.route("/<uuid:link_id>/revoke", methods=["GET", "POST"])
@requires("deliveries.send")
def revoke(document_id: UUID, link_id: UUID) -> str | Response:
    """End one link."""
    form = ButtonForm()
    if request.method == "POST" and form.validate():
        document_links.revoke(context(), document_id, link_id)
        flash(_("The link shows nothing any more."))
        return redirect(_document(document_id), HTTPStatus.SEE_OTHER)
    question = Question(
        title=_("End this link?"),
        text=_("Whoever opens it then finds nothing. It cannot be brought back."),
        label=_("End the link"),
        act=url_for(".revoke", document_id=document_id, link_id=link_id),
        back=_document(document_id),
        tone="danger",
    )
    return ask(question, form)


@blueprint.route("/revoke", methods=["GET", "POST"])
@requires("deliveries.send")
def revoke_all(document_id: UUID) -> str | Response:
    """End all links to a document."""
    form = ButtonForm()
    if request.method == "POST" and form.validate():
        count = document_links.revoke_all(context(), document_id)
        flash(ngettext("%(count)s link was ended.", "%(count)s links were ended.", count))
        return redirect(_document(document_id), HTTPStatus.SEE_OTHER)
    question = Question(
        title=_("End all links to this document?"),
        text=_(
            "The links in mails that went out show nothing any more. They cannot be brought "
            "back; clients with an account still see the document."
        ),
        label=_("End all links"),
        act=url_for(".revoke_all", document_id=document_id),
        back=_document(document_id),
        tone="danger",
    )
    return ask(question, form)


def _document(document_id: UUID) -> str:
    return url_for("documents.document", document_id=document_id)
