"""Documents by the API: found, read, explained."""

from collections.abc import Collection, Sequence
from uuid import UUID

from billhook.api.schemas.documents import (
    DocumentAnswer,
    DocumentFilters,
    DocumentQuery,
    DocumentsQuery,
    Expanded,
    SumAnswer,
    SumsAnswer,
)
from billhook.api.schemas.families import FamilyAnswer
from billhook.api.schemas.reasons import LineReasonAnswer, ReasonsAnswer
from billhook.api.schemas.trails import TrailAnswer, TrailEventAnswer
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import document_search, documents, dossiers, explaining, links, originals

routes = Routes(
    "documents", "Issued invoices and credit notes: numbered, sealed, and never changed."
)

_CONTENT = {"lines", "taxes", "details"}


@routes.get("/documents", requires="documents.view")
def list_documents(ctx: Context, query: DocumentsQuery) -> Page[DocumentAnswer]:
    """List documents, the newest first.

    Each is what `GET /documents/{id}` answers with the same `expand`.
    """
    found = document_search.search(
        ctx,
        query.wanted(),
        by=query.sort,
        is_descending=query.direction == "desc",
        after=query.after,
        limit=query.limit,
    )
    expanded = _expanded(ctx, [one.entry.id for one in found.rows], query.expand)
    return Page(
        data=[DocumentAnswer.of(one, expanded) for one in found.rows], next=found.next or None
    )


@routes.get("/documents/sums", requires="documents.view")
def sum_documents(ctx: Context, query: DocumentFilters) -> SumsAnswer:
    """Sum up the documents that the filters find, by currency.

    Credit notes, and with them what was voided, count against invoices.
    """
    found = document_search.sums(ctx, query.wanted())
    return SumsAnswer(data=[SumAnswer.of(one) for one in found])


@routes.get("/documents/<uuid:document_id>", requires="documents.view")
def get_document(ctx: Context, document_id: UUID, query: DocumentQuery) -> DocumentAnswer:
    """Get a document with its lines, taxes and parties, as they were sealed."""
    found = document_search.get(ctx, document_id)
    return DocumentAnswer.of(found, _expanded(ctx, [document_id], query.expand))


@routes.get("/documents/<uuid:document_id>/why", requires="documents.view")
def explain_document(ctx: Context, document_id: UUID) -> ReasonsAnswer:
    """Explain each line: its charge, its price version, how it was counted and taxed."""
    found = explaining.why(ctx, document_id)
    return ReasonsAnswer(data=[LineReasonAnswer.of(one) for one in found])


@routes.get("/documents/<uuid:document_id>/links", requires="documents.view")
def get_document_links(ctx: Context, document_id: UUID) -> FamilyAnswer:
    """Get what a document came from and what it became: drafts, credit notes, parts."""
    documents.customer_of(ctx, document_id)
    return FamilyAnswer.of(links.family(ctx, document_id))


@routes.get("/documents/<uuid:document_id>/trail", requires="documents.view")
def get_document_trail(ctx: Context, document_id: UUID) -> TrailAnswer:
    """Get all that happened to a document, oldest first.

    Steps of its deliveries are there for keys that may see deliveries.
    """
    found = dossiers.dossier(ctx, document_id)
    return TrailAnswer(data=[TrailEventAnswer.of(one) for one in found.trail])


def _expanded(ctx: Context, ids: Sequence[UUID], wanted: Collection[str]) -> Expanded:
    """Read what was asked for of all documents at once."""
    asked = frozenset(wanted)
    return Expanded(
        wanted=asked,
        contents=originals.all_shown(ctx, ids) if asked & _CONTENT else {},
        families=links.families(ctx, ids) if "links" in asked else {},
    )
