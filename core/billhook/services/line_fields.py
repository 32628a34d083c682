"""What lines take over from the own fields of their products.

A printed field of lines whose key a field of products has, too, is filled in from
there when charges become bills.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.custom_fields import FieldSubject, FieldValue
from billhook.models.products import Product
from billhook.services import own_fields
from billhook.services.sets import one_of


def of_products(product_ids: Collection[UUID]) -> Mapping[UUID, tuple[FieldValue, ...]]:
    """Return the fields of each product's lines; products without any are left out."""
    if not product_ids:
        return {}
    printed = [one for one in own_fields.definitions(FieldSubject.LINE) if one.is_printed]
    if not printed:
        return {}
    rows = db.session.execute(
        select(Product.id, Product.fields).where(one_of(Product.id, product_ids))
    )
    found = {row.id: own_fields.frozen(row.fields, printed) for row in rows if row.fields}
    return {product_id: fields for product_id, fields in found.items() if fields}
