"""Links to documents by the API: seen, made, ended."""

from uuid import UUID

from billhook.api.schemas.document_links import (
    AddressedLinkAnswer,
    DocumentLinkAnswer,
    LinksAnswer,
    RevokedLinksAnswer,
)
from billhook.sdk.api import Made, Routes
from billhook.sdk.context import Context
from billhook.services import document_links

routes = Routes("guest links", "A link shows one document to whoever has it, without a log-in.")


@routes.get("/documents/<uuid:document_id>/guest-links", requires="portal.view")
def list_document_links(ctx: Context, document_id: UUID) -> LinksAnswer:
    """List the links to a document, the newest first: those in messages and those made by hand."""
    found = document_links.listing(ctx, document_id)
    return LinksAnswer(data=[DocumentLinkAnswer.of(one) for one in found])


@routes.post("/documents/<uuid:document_id>/guest-links", requires="deliveries.send")
def create_document_link(
    ctx: Context, document_id: UUID, key: str | None
) -> Made[AddressedLinkAnswer]:
    """Make a link to pass on; it holds for the days that the portal's settings say.

    Needs the scope `documents.view`, too.
    """
    made = document_links.make(ctx, document_id, key=key)
    return Made(
        AddressedLinkAnswer.of(made), at=f"/documents/{document_id}/guest-links/{made.entry.id}"
    )


@routes.get("/documents/<uuid:document_id>/guest-links/<uuid:link_id>", requires="deliveries.send")
def get_document_link(ctx: Context, document_id: UUID, link_id: UUID) -> AddressedLinkAnswer:
    """Get a link with its address. Needs the scope `documents.view`, too."""
    return AddressedLinkAnswer.of(document_links.get(ctx, document_id, link_id))


@routes.post(
    "/documents/<uuid:document_id>/guest-links/<uuid:link_id>/revoke", requires="deliveries.send"
)
def revoke_document_link(ctx: Context, document_id: UUID, link_id: UUID) -> DocumentLinkAnswer:
    """End a link for good; it shows nothing from now on. One that has ended stays as it is."""
    return DocumentLinkAnswer.of(document_links.revoke(ctx, document_id, link_id))


@routes.post("/documents/<uuid:document_id>/guest-links/revoke", requires="deliveries.send")
def revoke_document_links(ctx: Context, document_id: UUID) -> RevokedLinksAnswer:
    """End all links to a document for good."""
    return RevokedLinksAnswer(count=document_links.revoke_all(ctx, document_id))
