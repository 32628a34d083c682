"""Products by the API."""

from collections.abc import Collection, Sequence
from uuid import UUID

from billhook.api import own_fields
from billhook.api.schemas.products import (
    Expansion,
    NewProduct,
    ProductAnswer,
    ProductBatch,
    ProductChanges,
    ProductQuery,
    ProductsQuery,
    SavedProduct,
    SavedProducts,
)
from billhook.domain.custom_fields import FieldSubject
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import catalogue, products
from billhook.services.catalogue import ProductFilter
from billhook.services.products import ProductEntry, ProductInput

routes = Routes("products", "What you sell.")


@routes.get("/products", requires="products.view")
def list_products(ctx: Context, query: ProductsQuery) -> Page[ProductAnswer]:
    """List products."""
    wanted = ProductFilter(
        text=query.text, sku=query.sku, is_active=query.is_active, supply=query.supply
    )
    page = catalogue.entries(
        ctx,
        wanted,
        sort=query.sort,
        is_descending=query.descending,
        after=query.after,
        limit=query.limit,
    )
    return Page(data=_answers(ctx, page.rows, query.expand), next=page.next or None)


@routes.post("/products", requires="products.edit")
def create_product(ctx: Context, body: NewProduct) -> Made[ProductAnswer]:
    """Add a product. Give it a price next."""
    own_fields.refuse_unknown(FieldSubject.PRODUCT, [("fields", body.fields)])
    with own_fields.as_sent():
        made = catalogue.create(ctx, body.input(body.sku))
    return Made(ProductAnswer.of(made), at=f"/products/{made.id}")


@routes.put("/products", requires="products.edit")
def save_products(ctx: Context, body: ProductBatch) -> SavedProducts:
    """Add or change up to 1,000 products by their SKUs.

    What is good is stored; each row's answer stands at its place, with what is wrong with
    it. In a row, a field that is left out stays as it is.
    """
    sent = [(f"products.{place}.fields", row.fields) for place, row in enumerate(body.products)]
    own_fields.refuse_unknown(FieldSubject.PRODUCT, sent)
    saved = products.save_all(ctx, [row.input(row.sku) for row in body.products])
    return SavedProducts(data=[SavedProduct.of(one) for one in saved])


@routes.get("/products/<uuid:product_id>", requires="products.view")
def get_product(ctx: Context, product_id: UUID, query: ProductQuery) -> ProductAnswer:
    """Get a product."""
    [found] = _answers(ctx, [catalogue.get(ctx, product_id)], query.expand)
    return found


@routes.patch("/products/<uuid:product_id>", requires="products.edit")
def change_product(
    ctx: Context, product_id: UUID, body: ProductChanges, match: Match
) -> ProductAnswer:
    """Change a product; fields that are left out stay, the SKU always does."""
    stored = catalogue.get(ctx, product_id)
    own_fields.refuse_unknown(
        FieldSubject.PRODUCT, [("fields", body.fields)], stored=stored.fields
    )
    return _changed(ctx, stored, body.input(stored.sku), match)


@routes.post("/products/<uuid:product_id>/activate", requires="products.edit")
def activate_product(ctx: Context, product_id: UUID, match: Match) -> ProductAnswer:
    """Sell a product again."""
    stored = catalogue.get(ctx, product_id)
    return _changed(ctx, stored, ProductInput(sku=stored.sku, is_active="yes"), match)


@routes.post("/products/<uuid:product_id>/deactivate", requires="products.edit")
def deactivate_product(ctx: Context, product_id: UUID, match: Match) -> ProductAnswer:
    """Sell a product no more."""
    stored = catalogue.get(ctx, product_id)
    return _changed(ctx, stored, ProductInput(sku=stored.sku, is_active="no"), match)


def _changed(
    ctx: Context, stored: ProductEntry, change: ProductInput, match: Match
) -> ProductAnswer:
    version = match.require(stored.version)
    with own_fields.as_sent():
        return ProductAnswer.of(catalogue.change(ctx, stored.id, change, version=version))


def _answers(
    ctx: Context, entries: Sequence[ProductEntry], expand: Collection[Expansion]
) -> list[ProductAnswer]:
    if "price" not in expand:
        return [ProductAnswer.of(one) for one in entries]
    prices = catalogue.prices_today(ctx, entries)
    return [ProductAnswer.of(one, price=prices.get(one.id, "")) for one in entries]
