"""Files of documents by the API: what clients got, byte for byte.

Reading makes what is not there yet: a document's PDF is rendered when the first one
asks, outside of any transaction, and kept for all who come after.
"""

from hashlib import sha256
from uuid import UUID

from billhook.api.schemas.document_files import (
    DocumentFileAnswer,
    DocumentFilesAnswer,
    EInvoiceQuery,
)
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.sdk.api import Download, Routes
from billhook.sdk.context import Context
from billhook.services import artefacts, attachments, originals
from billhook.services.artefacts import ArtefactEntry
from billhook.services.exports import document_lines

routes = Routes(
    "document files", "PDFs, e-invoices and attachments, kept as they were, with their SHA-256."
)


@routes.get("/documents/<uuid:document_id>/files", requires="documents.view")
def list_document_files(ctx: Context, document_id: UUID) -> DocumentFilesAnswer:
    """List the files that were made of a document so far, then its attachments.

    Ask for `/pdf` or `/e-invoice` to have one made that is not there yet.
    """
    document = originals.all_shown(ctx, [document_id]).get(document_id)
    if document is None:
        raise NotFound(_("document"), document_id)
    made = artefacts.of_document(ctx, document_id)
    attached = enumerate(document.attachments, 1)
    return DocumentFilesAnswer(
        data=[
            *(DocumentFileAnswer.made(one) for one in made),
            *(DocumentFileAnswer.attached(document_id, place, one) for place, one in attached),
        ]
    )


@routes.get("/documents/<uuid:document_id>/pdf", requires="documents.view")
def get_document_pdf(ctx: Context, document_id: UUID) -> Download:
    """Download the document for people; the first to ask has it made.

    Its ETag is its SHA-256: send it as If-None-Match to get 304 for what you have.
    """
    return _kept(ctx, artefacts.printed(ctx, document_id))


@routes.get("/documents/<uuid:document_id>/e-invoice", requires="documents.view")
def get_document_e_invoice(ctx: Context, document_id: UUID, query: EInvoiceQuery) -> Download:
    """Download the document for machines, such as XRechnung or Factur-X.

    The first to ask has it made and checked; 422 with the findings where its rules refuse it.
    """
    return _kept(ctx, artefacts.e_invoice(ctx, document_id, format_key=query.format))


@routes.get("/documents/<uuid:document_id>/files/<uuid:artefact_id>", requires="documents.view")
def get_document_file(ctx: Context, document_id: UUID, artefact_id: UUID) -> Download:
    """Download a file that was made of a document."""
    entry = artefacts.get(ctx, artefact_id)
    if entry.document_id != document_id:
        raise NotFound(_("file"), artefact_id)
    return _kept(ctx, entry)


@routes.get("/documents/<uuid:document_id>/attachments/<int:position>", requires="documents.view")
def get_document_attachment(ctx: Context, document_id: UUID, position: int) -> Download:
    """Download a file that went out with a document; the first has position 1."""
    found = attachments.content(ctx, document_id, position)
    return Download(
        name=found.name,
        content_type=found.content_type,
        content=found.content,
        digest=sha256(found.content).hexdigest(),
    )


@routes.get("/documents/<uuid:document_id>/lines.csv", requires="documents.view")
def get_document_sheet(ctx: Context, document_id: UUID) -> Download:
    """Download the lines of a document as CSV."""
    name, sheet = document_lines.sheet(ctx, document_id)
    return Download(name=name, content_type="text/csv; charset=utf-8", content=sheet.getvalue())


def _kept(ctx: Context, entry: ArtefactEntry) -> Download:
    content = artefacts.content(ctx, entry.id)
    return Download(
        name=content.name,
        content_type=content.content_type,
        content=content.content,
        digest=entry.sha256,
    )
