"""Which brand's series numbers a document: of brands that have one of their own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.documents import Document
from billhook.models.deliveries import DeliveryPreference
from billhook.sdk.context import Context
from billhook.services import brands, series
from billhook.services.sets import one_of


def numbered_by(ctx: Context, documents: Sequence[Document]) -> dict[UUID, UUID]:
    """Return the brand of each document whose brand has a series of its own.

    As on what is printed: the brand chosen for the document, else its customer's, else
    the tenant's default. Where no brand has a series it asks nothing more.
    """
    own = series.brands_with_own()
    if not own:
        return {}
    default = brands.default_row(ctx).id
    of_customers = _of_customers({document.customer_id for document in documents})
    found = {
        document.id: document.brand_id or of_customers.get(document.customer_id, default)
        for document in documents
    }
    return {document_id: brand for document_id, brand in found.items() if brand in own}


def _of_customers(customer_ids: set[UUID]) -> dict[UUID, UUID]:
    """Return the brands that customers chose."""
    rows = db.session.execute(
        select(DeliveryPreference.customer_id, DeliveryPreference.brand_id).where(
            one_of(DeliveryPreference.customer_id, customer_ids)
        )
    )
    return {row.customer_id: row.brand_id for row in rows if row.brand_id}
