"""Issued documents: found, looked at, opened as PDF and XML, sent."""

from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from billhook import downloads
from billhook.downloads import Disposition
from billhook.errors import NotFound, ValidationFailed
from billhook.forms import show
from billhook.i18n import gettext as _
from billhook.plugins.registries import CHANNELS
from billhook.plugins.runtime import relay
from billhook.services import artefacts, attachments, delivering, documents, explaining
from billhook.services.artefacts import ArtefactEntry
from billhook.services.exports import document_lines
from billhook.web import document_list, paging
from billhook.web.access import context, requires
from billhook.web.forms import SendForm
from billhook.web.list_routes import add_list
from billhook.web.papers import page as papers

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


add_list(blueprint, document_list.PAGE)


@blueprint.get("/<uuid:document_id>")
@requires("documents.view")
def document(document_id: UUID) -> str:
    """Show a document as its client reads it, and what became of it."""
    return papers.page(document_id)


@blueprint.get("/<uuid:document_id>/pdf")
@requires("documents.view")
def pdf(document_id: UUID) -> Response:
    """Open what the client got; the first to ask has it made."""
    disposition: Disposition = "attachment" if "download" in request.args else "inline"
    return _kept(artefacts.printed(context(), document_id), disposition)


@blueprint.get("/<uuid:document_id>/xml")
@requires("documents.view")
def xml(document_id: UUID) -> Response:
    """Load the e-invoice, checked by its rules."""
    found = artefacts.e_invoice(context(), document_id, format_key=paging.text("format"))
    return _kept(found, "attachment")


@blueprint.get("/<uuid:document_id>/attachments/<int:position>")
@requires("documents.view")
def attachment(document_id: UUID, position: int) -> Response:
    """Load a file that went out with the document."""
    content = attachments.content(context(), document_id, position)
    return downloads.kept(
        content, sha256=sha256(content.content).hexdigest(), disposition="attachment"
    )


@blueprint.get("/<uuid:document_id>/why")
@requires("documents.view")
def why(document_id: UUID) -> str:
    """Explain each line of a document: where it came from, and how it was counted."""
    ctx = context()
    return render_template(
        "papers/why.html",
        document=documents.get(ctx, document_id).entry,
        reasons=explaining.why(ctx, document_id),
    )


@blueprint.get("/<uuid:document_id>/lines.csv")
@requires("documents.view")
def lines_csv(document_id: UUID) -> Response:
    """Load the lines as a sheet."""
    name, sheet = document_lines.sheet(context(), document_id)
    return send_file(sheet, mimetype="text/csv", as_attachment=True, download_name=name)


@blueprint.get("/<uuid:document_id>/files/<uuid:artefact_id>")
@requires("documents.view")
def artefact(document_id: UUID, artefact_id: UUID) -> Response:
    """Load a file as it was made and kept."""
    entry = artefacts.get(context(), artefact_id)
    if entry.document_id != document_id:
        raise NotFound(_("file"), artefact_id)
    return _kept(entry, "attachment")


def _kept(entry: ArtefactEntry, disposition: Disposition) -> Response:
    content = artefacts.content(context(), entry.id)
    return downloads.kept(content, sha256=entry.sha256, disposition=disposition)


@blueprint.get("/<uuid:document_id>/send")
@requires("deliveries.send")
def sending(document_id: UUID) -> str:
    """Ask how a document is sent, and to whom."""
    return papers.ask(document_id, SendForm.of(channels()))


@blueprint.post("/<uuid:document_id>/send")
@requires("deliveries.send")
def send(document_id: UUID) -> Response | tuple[str, int]:
    """Send a document, or send it again."""
    ctx = context()
    documents.get(ctx, document_id)  # a document that is not there comes before a wrong form
    form = SendForm.of(channels())
    try:
        if form.validate():
            delivery = delivering.send(
                ctx,
                document_id,
                channel=form.channel.data or "",
                recipients=form.recipients(),
                tone=form.chosen_tone(),
                key=form.key.data or None,
            )
            flash(_("The document is on its way. This page shows what becomes of it."))
            return redirect(
                url_for("outbox.delivery", delivery_id=delivery.id), HTTPStatus.SEE_OTHER
            )
    except ValidationFailed as error:
        show(form, error.problems)
    return papers.ask(document_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


def channels() -> list[str]:
    """Return the keys of the channels that the tenant switched on."""
    return list(relay(context()).keys(CHANNELS))
