"""What the tenant sells, by SKU. Prices stand in `prices`, and can be had from here."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from billhook import limits
from billhook.db import db
from billhook.domain.custom_fields import FieldDefinition, FieldSubject
from billhook.domain.events import Event, ProductChanged, ProductCreated
from billhook.domain.states import Supply
from billhook.errors import NotFound, ValidationFailed
from billhook.i18n import gettext as _
from billhook.ids import new_id
from billhook.models.products import Product
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, outbox, own_fields
from billhook.services.fields import Fields
from billhook.services.prices import (
    FIRST_DAY,
    AddedPrice,
    PriceEntry,
    PriceInput,
    PriceWanted,
    add_price,
    add_prices,
    prices,
    prices_in_force,
)

PIECE = "C62"
"""One piece, in UN/ECE Recommendation 20."""

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductInput:
    """What somebody says of a product. None leaves what is stored; "" empties it."""

    sku: str
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    supply: str | None = None
    tax_category: str | None = None
    revenue_account: str | None = None
    is_active: str | None = None
    fields: Mapping[str, str] | None = None
    """Typed values of the tenant's own fields, by key; those that it leaves out stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upserted:
    """What became of an input; `id` is None where it was refused."""

    sku: str
    state: Literal["new", "changed", "unchanged", "refused"]
    id: UUID | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEntry:
    """A product as people see it."""

    id: UUID
    sku: str
    name: str
    description: str
    unit: str
    supply: Supply | None
    tax_category: str
    revenue_account: str
    is_active: bool
    version: int
    fields: Mapping[str, str]


def save(ctx: Context, product: ProductInput) -> ProductEntry:
    """Create a product, or change the one of that SKU. Raises ValidationFailed."""
    with ctx.transaction():
        [answer] = upsert(ctx, [product])
        if answer.problems:
            raise ValidationFailed(answer.problems)
        if answer.state != "unchanged":
            action = "product.created" if answer.state == "new" else "product.changed"
            audit.record(ctx, action, "product", answer.id)
        return get(ctx, answer.sku)


def save_all(ctx: Context, products: Sequence[ProductInput]) -> list[Upserted]:
    """Create or change products by SKU, those without problems; answer each at its place."""
    with ctx.transaction():
        answers = upsert(ctx, products)
        states = Counter(str(answer.state) for answer in answers)
        audit.record(ctx, "product.batch_saved", "tenant", ctx.tenant.id, **states)
    return answers


def upsert(ctx: Context, products: Sequence[ProductInput]) -> list[Upserted]:
    """Create or change products by SKU; each answer stands at its input's place.

    Inputs with problems are left out and say why. Joins the caller's transaction,
    and leaves the audit row to the caller.
    """
    ctx.require("products.edit")
    with ctx.transaction():
        answers = [
            answer
            for start in range(0, len(products), _BATCH)
            for answer in _upsert(ctx, products[start : start + _BATCH])
        ]
        outbox.publish_all(ctx, list(_events(answers)))
    return answers


def _events(answers: Iterable[Upserted]) -> Iterator[Event]:
    """Say what became of each product once, though several inputs may name it."""
    created = {one.id for one in answers if one.id and one.state == "new"}
    changed = {one.id for one in answers if one.id and one.state == "changed"}
    yield from (ProductCreated(product_id=one) for one in sorted(created))
    yield from (ProductChanged(product_id=one) for one in sorted(changed - created))


def get(ctx: Context, sku: str) -> ProductEntry:
    """Raises NotFound."""
    ctx.require("products.view")
    row = db.session.scalar(select(Product).where(Product.sku == sku))
    if row is None:
        raise NotFound(_("product"), sku)
    return entry_of(row)


def listing(
    ctx: Context, *, after: str = "", limit: int = limits.PAGE_ROWS, search: str = ""
) -> list[ProductEntry]:
    """Return products by SKU, after one; search finds parts of SKU and name."""
    ctx.require("products.view")
    query = select(Product).where(Product.sku > after).order_by(Product.sku).limit(limit)
    if search:
        query = query.where(
            Product.sku.icontains(search, autoescape=True)
            | Product.name.icontains(search, autoescape=True)
        )
    return [entry_of(row) for row in db.session.scalars(query)]


def entry_of(row: Product) -> ProductEntry:
    """Return a row as people see it."""
    return ProductEntry(
        id=row.id,
        sku=row.sku,
        name=row.name,
        description=row.description,
        unit=row.unit,
        supply=Supply(row.supply) if row.supply else None,
        tax_category=row.tax_category,
        revenue_account=row.revenue_account,
        is_active=row.is_active,
        version=row.version,
        fields=row.fields,
    )


def _upsert(ctx: Context, products: Sequence[ProductInput]) -> list[Upserted]:
    stored = _stored(ctx, {product.sku.strip() for product in products})
    own = own_fields.definitions(FieldSubject.PRODUCT)
    new: dict[UUID, dict[str, Any]] = {}
    changed: dict[UUID, dict[str, Any]] = {}
    answers: list[Upserted] = []
    for product in products:
        fields = Fields()
        sku = fields.text("sku", product.sku, limit=limits.CODE, is_required=True)
        row = stored.get(sku)
        values = _read(fields, product, is_new=row is None)
        values |= _own(fields, product, own, row["fields"] if row else {})
        if fields.problems:
            answers.append(Upserted(sku=sku, state="refused", problems=tuple(fields.problems)))
        elif row is None:
            row = _new_row(ctx, sku, values)
            stored[sku] = new[row["id"]] = row
            answers.append(Upserted(sku=sku, state="new", id=row["id"]))
        elif all(row[name] == value for name, value in values.items()):
            answers.append(Upserted(sku=sku, state="unchanged", id=row["id"]))
        else:
            row.update(values)
            if row["id"] not in new and row["id"] not in changed:
                row["version"] += 1
                changed[row["id"]] = row
            answers.append(Upserted(sku=sku, state="changed", id=row["id"]))
    if new:
        db.session.execute(insert(Product), list(new.values()))
    if changed:
        _update(changed.values())
    return answers


def _stored(ctx: Context, skus: Collection[str]) -> dict[str, dict[str, Any]]:
    table = Product.__table__
    rows = db.session.execute(
        select(*table.c).where(table.c.tenant_id == ctx.tenant.id, table.c.sku.in_(skus))
    )
    return {row["sku"]: dict(row) for row in rows.mappings()}


def _new_row(ctx: Context, sku: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": new_id(),
        "sku": sku,
        "created_at": ctx.now(),
        "version": 1,
        **values,
    }


def _update(rows: Iterable[Mapping[str, Any]]) -> None:
    table = Product.__table__
    names = [*_READERS, "fields", "version"]
    db.session.connection().execute(
        update(Product)
        .where(table.c.tenant_id == bindparam("_tenant_id"), table.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in names}),
        [
            {"_tenant_id": row["tenant_id"], "_id": row["id"]}
            | {name: row[name] for name in names}
            for row in rows
        ],
    )


def _read(fields: Fields, sent: ProductInput, *, is_new: bool) -> dict[str, Any]:
    """Return the columns that the input sets; for a new product all but the key."""
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        text = getattr(sent, name)
        if text is None and is_new and name == "name":
            text = ""
        if text is not None:
            found = read(fields, name, text)
            values[name] = _DEFAULTS.get(name, "") if found in ("", None) else found
        elif is_new:
            values[name] = _DEFAULTS.get(name, "")
    return values


def _own(
    fields: Fields,
    sent: ProductInput,
    own: Sequence[FieldDefinition],
    stored: Mapping[str, str],
) -> dict[str, Any]:
    """Read the own fields that are sent, and leave the others."""
    if sent.fields is None:
        return {"fields": dict(stored)}
    found, problems = own_fields.read({**stored, **sent.fields}, own, stored=stored)
    fields.problems += problems
    return {"fields": found}


def _text(limit: int) -> Callable[[Fields, str, str], str]:
    return lambda fields, name, text: fields.text(
        name, text, limit=limit, is_required=name == "name"
    )


def _supply(fields: Fields, name: str, text: str) -> str:
    chosen = fields.choice(name, text, Supply)
    return chosen.value if chosen else ""


_READERS: dict[str, Callable[[Fields, str, str], Any]] = {
    "name": _text(limits.NAME),
    "description": Fields.prose,
    "unit": _text(10),
    "supply": _supply,
    "tax_category": _text(limits.CODE),
    "revenue_account": _text(20),
    "is_active": Fields.flag,
}
_DEFAULTS = {"unit": PIECE, "tax_category": "standard", "is_active": True}


__all__ = [
    "FIRST_DAY",
    "PIECE",
    "AddedPrice",
    "PriceEntry",
    "PriceInput",
    "PriceWanted",
    "ProductEntry",
    "ProductInput",
    "Upserted",
    "add_price",
    "add_prices",
    "entry_of",
    "get",
    "listing",
    "prices",
    "prices_in_force",
    "save",
    "save_all",
    "upsert",
]
