"""Products as people look for them and change them, each with what one of it costs today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from billhook.db import db
from billhook.domain.states import Supply
from billhook.errors import Conflict, NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.products import Product
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import price_trials, products
from billhook.services.paging import Order, Slice, cut
from billhook.services.prices import PriceWanted, prices_in_force
from billhook.services.products import ProductEntry, ProductInput, entry_of

SORTS = ("sku", "name")
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products are wanted; what is empty narrows nothing."""

    text: str = ""
    """A part of the SKU or name."""
    sku: str = ""
    """The whole of it."""
    is_active: bool | None = None
    supply: Supply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """A product in a list."""

    entry: ProductEntry
    price: str
    """What its pricing model says of it in the tenant's currency; empty where there is none."""


def search(
    ctx: Context,
    wanted: ProductFilter,
    *,
    sort: str = "sku",
    is_descending: bool = False,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[ListedProduct]:
    """Return the page that follows a cursor. Raises ValidationFailed for a cursor that is none."""
    ctx.require("products.view")
    page = entries(ctx, wanted, sort=sort, is_descending=is_descending, after=after, limit=limit)
    prices = prices_today(ctx, page.rows)
    rows = tuple(ListedProduct(entry=one, price=prices.get(one.id, "")) for one in page.rows)
    return Slice(rows=rows, next=page.next)


def entries(
    ctx: Context,
    wanted: ProductFilter,
    *,
    sort: str = "sku",
    is_descending: bool = False,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[ProductEntry]:
    """Return the page that follows a cursor, without prices.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("products.view")
    orders = [Order(Product.sku, str)]
    if sort == "name":
        orders = [Order(Product.name, str), Order(Product.id, UUID)]
    return cut(
        select(Product).where(*_conditions(wanted)),
        orders,
        after=after,
        limit=limit,
        make=lambda row: entry_of(row[0]),
        is_descending=is_descending,
    )


def _conditions(wanted: ProductFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text := wanted.text.strip()[:NAME]:
        columns = (Product.sku, Product.name)
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if wanted.sku:
        conditions.append(Product.sku == wanted.sku)
    if wanted.is_active is not None:
        conditions.append(Product.is_active == wanted.is_active)
    if wanted.supply:
        conditions.append(Product.supply == wanted.supply.value)
    return conditions


def prices_today(ctx: Context, entries: Sequence[ProductEntry]) -> Mapping[UUID, str]:
    """Return what pricing models say of one of each in the tenant's currency, where it has a price."""
    ctx.require("products.view")
    wanted = [
        PriceWanted(
            product_id=entry.id, customer_id=_NOBODY, currency=ctx.tenant.currency, on=ctx.today()
        )
        for entry in entries
    ]
    found = zip(entries, prices_in_force(ctx, wanted), strict=True)
    return price_trials.explained(ctx, {entry.id: one for entry, one in found if one})


def get(ctx: Context, product_id: UUID) -> ProductEntry:
    """Return a product by its id. Raises NotFound."""
    ctx.require("products.view")
    row = db.session.scalar(select(Product).where(Product.id == product_id))
    if row is None:
        raise NotFound(_("product"), product_id)
    return entry_of(row)


def create(ctx: Context, product: ProductInput) -> ProductEntry:
    """Add a product of a new SKU. Raises ValidationFailed."""
    ctx.require("products.edit")
    with ctx.transaction():
        if db.session.scalar(select(Product.id).where(Product.sku == product.sku.strip())):
            message = _("A product has this SKU already. Choose another one.")
            raise ValidationFailed([Problem(code="product.exists", path="sku", message=message)])
        return products.save(ctx, product)


def change(ctx: Context, product_id: UUID, product: ProductInput, *, version: int) -> ProductEntry:
    """Change a product as it was seen; its SKU stays.

    Raises NotFound, ValidationFailed, Conflict where somebody has changed it since.
    """
    ctx.require("products.edit")
    with ctx.transaction():
        row = db.session.scalar(
            select(Product)
            .where(Product.id == product_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound(_("product"), product_id)
        if row.version != version:
            raise Conflict(
                _(
                    "Somebody else has changed this product since you opened it. Compare what "
                    "stands here with what you typed, and save again."
                )
            )
        db.session.expunge(row)
        return products.save(ctx, replace(product, sku=row.sku))
