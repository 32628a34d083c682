"""Documents as they go out: number, brand, template and attachments gathered around them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import and_, select

from billhook.db import db
from billhook.domain.brands import Brand, Template
from billhook.domain.documents import Document
from billhook.domain.publications import FileContent, Publication, Reference, Stage
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.sdk.context import Context
from billhook.services import brand_series, brands, files, originals, series, templates
from billhook.services.sets import one_of


def publication(ctx: Context, document_id: UUID) -> Publication:
    """Return an issued document as it goes out.

    Raises NotFound, Conflict once its parties are erased.
    """
    ctx.require("documents.view")
    return whole(ctx, document_id)


def whole(ctx: Context, document_id: UUID) -> Publication:
    """Return an issued document for a use-case that asked for its own permission.

    Raises what `publication` raises.
    """
    document = originals.read(ctx, document_id)
    known = _references([one for one in (document.id, document.credits_document_id) if one])
    if document.id not in known:
        raise NotFound(_("document"), document.id)
    return issued(
        ctx,
        document,
        number=known[document.id].number,
        credited=known.get(document.credits_document_id),
    )


def issued(
    ctx: Context, document: Document, *, number: str, credited: Reference | None
) -> Publication:
    """Return an issued document that was read already, as it goes out."""
    found = looked_at(ctx, document, number=number, credited=credited)
    return replace(found, files=_files(ctx, document))


def looked_at(
    ctx: Context, document: Document, *, number: str, credited: Reference | None
) -> Publication:
    """Return an issued document as it reads: without the bytes of its attachments."""
    references = {document.credits_document_id: credited} if credited else {}
    numbers = {document.id: number}
    return _publications(ctx, [document], numbers, references, Stage.ISSUED)[0]


def publications(ctx: Context, documents: Sequence[Document]) -> list[Publication]:
    """Return documents that have no number yet, in order, under the next one of their series."""
    faces = brand_series.numbered_by(ctx, documents)
    keys = {one.id: (one.type, one.issue_on, faces.get(one.id)) for one in documents}
    expected = {
        key: series.expected_number(ctx, *key[:2], brand_id=key[2]) for key in set(keys.values())
    }
    numbers = {document_id: expected[key] for document_id, key in keys.items()}
    credited = _references(
        [one.credits_document_id for one in documents if one.credits_document_id]
    )
    found = _publications(ctx, documents, numbers, credited, Stage.DRAFT)
    return [replace(one, files=_files(ctx, one.document)) for one in found]


def _publications(
    ctx: Context,
    documents: Sequence[Document],
    numbers: Mapping[UUID, str],
    credited: Mapping[UUID | None, Reference],
    stage: Stage,
) -> list[Publication]:
    faces = _faces(ctx, documents)
    looks = _templates(ctx, documents, faces)
    return [
        Publication(
            document=document,
            number=numbers[document.id],
            stage=stage,
            brand=faces[document.id],
            template=looks[faces[document.id].id, document.type],
            credited=credited.get(document.credits_document_id),
            is_sandbox=ctx.tenant.is_sandbox,
        )
        for document in documents
    ]


def _faces(ctx: Context, documents: Sequence[Document]) -> dict[UUID, Brand]:
    """Return each document's brand: the one chosen for it, else its customer's."""
    of_customers = brands.of_customers(ctx, {document.customer_id for document in documents})
    chosen = {document.brand_id for document in documents if document.brand_id}
    by_id = brands.of_ids(ctx, chosen) if chosen else {}
    return {
        document.id: by_id.get(document.brand_id, of_customers[document.customer_id])
        if document.brand_id
        else of_customers[document.customer_id]
        for document in documents
    }


def _templates(
    ctx: Context, documents: Sequence[Document], faces: Mapping[UUID, Brand]
) -> dict[tuple[UUID, DocumentType], Template]:
    wanted = {(faces[document.id].id, document.type) for document in documents}
    return {key: templates.template(ctx, *key) for key in wanted}


def reference(document_id: UUID) -> Reference | None:
    """Return number and date of an issued document; None where there is none."""
    return _references([document_id]).get(document_id)


def _references(document_ids: Sequence[UUID]) -> dict[UUID | None, Reference]:
    """Return number and date of issued documents."""
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(DocumentRow.id, DocumentSeal.printed_number, DocumentRow.issue_on)
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == DocumentRow.tenant_id,
                DocumentSeal.document_id == DocumentRow.id,
            ),
        )
        .where(one_of(DocumentRow.id, document_ids))
    )
    return {row.id: Reference(number=row.printed_number, issue_on=row.issue_on) for row in rows}


def _files(ctx: Context, document: Document) -> tuple[FileContent, ...]:
    return tuple(_attachment(ctx, item.file_id) for item in document.attachments)


def _attachment(ctx: Context, file_id: UUID) -> FileContent:
    entry, content = files.stored(ctx, file_id)
    return FileContent(name=entry.name, content_type=entry.content_type, content=content)
