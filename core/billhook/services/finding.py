"""Looking for anything by what people remember of it: a number, a reference, a name, an address.

What begins with the text comes first; only where nothing does is looked for what
holds it anywhere. Each kind gives a few rows, those that the member may see.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from billhook import limits
from billhook.db import db
from billhook.domain.states import DraftState
from billhook.models.charges import ChargeRow
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.drafts import Draft
from billhook.models.ledger import Account
from billhook.models.products import Product
from billhook.sdk.context import Context
from billhook.services.texts_found import begins, holds, spellings

SHOWN = 5
MOST_DRAFTS = 2_000
"""Of which the newest are looked through."""
SHORTEST = 3
"""Fewer characters stand in too many texts to be looked for anywhere but at the beginning."""


class Kind(StrEnum):
    DOCUMENTS = "documents"
    CUSTOMERS = "customers"
    PRODUCTS = "products"
    DRAFTS = "drafts"
    CHARGES = "charges"
    DELIVERIES = "deliveries"
    ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found: what it is called, and what tells it from others."""

    id: UUID
    title: str
    detail: str = ""
    on: date | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What was found of one kind, at most `SHOWN`."""

    kind: Kind
    hits: Sequence[Hit]
    has_more: bool


def find(ctx: Context, text: str) -> list[Hits]:
    """Return what is found of each kind that the member may see; nothing for no text."""
    wanted = " ".join(text.split())[: limits.CODE]
    if not wanted:
        return []
    found = [
        _hits(kind, search, wanted)
        for kind, permission, search in _SEARCHES
        if ctx.permissions is None or permission in ctx.permissions
    ]
    return [one for one in found if one.hits]


def document_numbered(ctx: Context, text: str) -> UUID | None:
    """Return the document of exactly that number, for a member who may open it."""
    if ctx.permissions is not None and "documents.view" not in ctx.permissions:
        return None
    return db.session.scalar(
        select(DocumentSeal.document_id).where(DocumentSeal.printed_number == text.strip())
    )


Search = Callable[[str], Iterator[Select[Any]]]
"""Gives selects of id, title and what else a hit has; each is tried until something is found."""


def _hits(kind: Kind, search: Search, text: str) -> Hits:
    found: dict[UUID, Hit] = {}
    for query in search(text):
        for row in db.session.execute(query.limit(SHOWN + 1)):
            found.setdefault(row.id, Hit(**row._mapping))
        if found:
            break
    hits = list(found.values())
    return Hits(kind=kind, hits=hits[:SHOWN], has_more=len(hits) > SHOWN)


def _documents(text: str) -> Iterator[Select[Any]]:
    number = DocumentSeal.printed_number
    query = (
        select(
            DocumentRow.id,
            number.label("title"),
            Customer.name.label("detail"),
            DocumentRow.issue_on.label("on"),
        )
        .select_from(DocumentSeal)
        .join(
            DocumentRow, _of(DocumentRow, DocumentSeal, DocumentRow.id == DocumentSeal.document_id)
        )
        .join(Customer, _of(Customer, DocumentRow, Customer.id == DocumentRow.customer_id))
        .order_by(number)
    )
    for condition in _beginning_or_anywhere(text, number):
        if keys := _first(select(number).where(condition)):
            yield query.where(number.in_(keys))


def _customers(text: str) -> Iterator[Select[Any]]:
    query = select(
        Customer.id, Customer.name.label("title"), Customer.reference.label("detail")
    ).order_by(Customer.name, Customer.id)
    references = select(Customer.reference)
    for one in (text, text.upper()):
        if keys := _first(references.where(begins(Customer.reference, one))):
            yield query.where(Customer.reference.in_(keys))
    if "@" in text:
        yield query.where(Customer.email == text.lower())
    for condition in _beginning_or_anywhere(text, Customer.name):
        if keys := _first(select(Customer.name).where(condition)):
            yield query.where(Customer.name.in_(keys))


def _beginning_or_anywhere(text: str, column: Any) -> Iterator[ColumnElement[bool]]:
    yield from (begins(column, one) for one in spellings(text))
    if len(text) >= SHORTEST:
        yield holds(text, column)


def _first(keys: Select[Any]) -> list[str]:
    """Take as many keys as are shown, from an index alone, before their rows are read."""
    (column,) = keys.selected_columns
    return list(db.session.scalars(keys.order_by(column).limit(SHOWN + 1)))


def _products(text: str) -> Iterator[Select[Any]]:
    query = select(Product.id, Product.sku.label("title"), Product.name.label("detail"))
    yield query.where(begins(Product.sku, text)).order_by(Product.sku)
    yield query.where(holds(text, Product.name, Product.sku)).order_by(Product.sku)


def _drafts(text: str) -> Iterator[Select[Any]]:
    newest = (
        select(Draft)
        .where(Draft.state.in_((DraftState.OPEN.value, DraftState.APPROVED.value)))
        .order_by(Draft.id.desc())
        .limit(MOST_DRAFTS)
        .subquery()
    )
    draft = aliased(Draft, newest)
    columns = (Customer.name, Customer.reference, draft.purchase_order, draft.reference)
    yield (
        select(draft.id, Customer.name.label("title"), draft.purchase_order.label("detail"))
        .add_columns(draft.issue_on.label("on"), draft.currency)
        .join(Customer, _of(Customer, draft, Customer.id == draft.customer_id))
        .where(holds(text, *columns))
        .order_by(draft.id.desc())
    )


def _charges(text: str) -> Iterator[Select[Any]]:
    query = select(
        ChargeRow.id,
        ChargeRow.reference.label("title"),
        ChargeRow.description.label("detail"),
        ChargeRow.charged_on.label("on"),
    ).order_by(ChargeRow.reference, ChargeRow.id)
    keys = select(ChargeRow.source, ChargeRow.reference).where(begins(ChargeRow.reference, text))
    found = db.session.execute(keys.limit(SHOWN + 1)).all()
    if found:
        yield query.where(
            ChargeRow.source.in_({row.source for row in found}),
            ChargeRow.reference.in_({row.reference for row in found}),
        )


def _deliveries(text: str) -> Iterator[Select[Any]]:
    if len(text) < SHORTEST:
        return
    query = (
        select(
            Delivery.id,
            DeliveryRecipient.address.label("title"),
            DocumentSeal.printed_number.label("detail"),
        )
        .join(
            DeliveryRecipient,
            _of(DeliveryRecipient, Delivery, DeliveryRecipient.delivery_id == Delivery.id),
        )
        .join(
            DocumentSeal,
            _of(DocumentSeal, Delivery, DocumentSeal.document_id == Delivery.document_id),
        )
    )
    yield query.where(begins(DeliveryRecipient.address, text)).order_by(Delivery.id.desc())
    if text != text.lower():
        address = begins(DeliveryRecipient.address, text.lower())
        yield query.where(address).order_by(Delivery.id.desc())


def _accounts(text: str) -> Iterator[Select[Any]]:
    query = select(
        Account.id, Account.code.label("title"), Account.name.label("detail"), Account.currency
    )
    yield query.where(or_(begins(Account.code, text), holds(text, Account.name))).order_by(
        Account.code, Account.currency
    )


def _of(row: Any, beside: Any, joined: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(row.tenant_id == beside.tenant_id, joined)


_SEARCHES: tuple[tuple[Kind, str, Search], ...] = (
    (Kind.DOCUMENTS, "documents.view", _documents),
    (Kind.CUSTOMERS, "customers.view", _customers),
    (Kind.PRODUCTS, "products.view", _products),
    (Kind.DRAFTS, "drafts.view", _drafts),
    (Kind.CHARGES, "charges.view", _charges),
    (Kind.DELIVERIES, "deliveries.view", _deliveries),
    (Kind.ACCOUNTS, "ledger.view", _accounts),
)
