"""Issued documents as people and programs read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, and_, select

from billhook.db import db
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.documents import (
    DocumentEvent,
    DocumentRow,
    DocumentSeal,
    PartySnapshotRow,
)
from billhook.models.ledger import Credit, Receivable
from billhook.sdk.context import Context
from billhook.services import merged


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document in a list; amounts in minor units, positive on credit notes too."""

    id: UUID
    number: str
    type: DocumentType
    customer_id: UUID
    customer: str
    customer_name: str
    currency: str
    issue_on: date
    due_on: date
    net: int
    tax: int
    gross: int
    payable: int
    open: int
    """What is not yet settled of the receivable or credit."""
    is_void: bool
    credits_id: UUID | None
    """The invoice that a credit note takes back."""
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What came after issue."""

    kind: str
    happened_at: datetime
    reason: str
    related_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """A whole document: the sealed content, its parties, and what came after."""

    entry: DocumentEntry
    content: dict[str, Any]
    """The canonical JSON that the hash covers; see docs/reference/document-content.md."""
    seller: dict[str, Any] | None
    """None once it is erased."""
    buyer: dict[str, Any] | None
    hash: str
    credits: tuple[UUID, ...]
    """Credit notes against it."""
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document's row, and how lists show it."""

    row: DocumentRow
    entry: DocumentEntry
    hash: str


def listing(
    ctx: Context,
    *,
    kind: DocumentType | None = None,
    customer: str | None = None,
    number: str | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = PAGE_ROWS,
) -> list[DocumentEntry]:
    """Return documents, newest first; dates are inclusive."""
    ctx.require("documents.view")
    query = entries().order_by(DocumentRow.issue_on.desc(), DocumentRow.id.desc()).limit(limit)
    if kind:
        query = query.where(DocumentRow.type == kind.value)
    if customer:
        query = query.where(DocumentRow.customer_id.in_(merged.family_of(customer)))
    if number:
        query = query.where(DocumentSeal.printed_number == number)
    if since:
        query = query.where(DocumentRow.issue_on >= since)
    if until:
        query = query.where(DocumentRow.issue_on <= until)
    return [entry(row) for row in db.session.execute(query)]


def get(ctx: Context, document_id: UUID) -> DocumentView:
    """Return a document. Raises NotFound."""
    ctx.require("documents.view")
    one = found(document_id)
    document = one.row
    parties = dict(
        db.session.execute(
            select(PartySnapshotRow.id, PartySnapshotRow.content).where(
                PartySnapshotRow.id.in_([document.seller_id, document.buyer_id])
            )
        )
        .tuples()
        .all()
    )
    return DocumentView(
        entry=one.entry,
        content=orjson.loads(document.content),
        seller=_party(parties.get(document.seller_id)),
        buyer=_party(parties.get(document.buyer_id)),
        hash=one.hash,
        credits=tuple(_credits(document_id)),
        happenings=tuple(happenings(document_id)),
    )


def found(document_id: UUID) -> Found:
    """Return a document with its row. Raises NotFound."""
    for one in _all(DocumentRow.id == document_id):
        return one
    raise NotFound(_("document"), document_id)


def notes_against(document_id: UUID) -> list[Found]:
    """Return the credit notes against a document, oldest first."""
    return _all(DocumentRow.credits_document_id == document_id)


def credited_by(document: DocumentRow) -> Found | None:
    """Return what a document is a credit note against; None for an invoice."""
    if document.credits_document_id is None:
        return None
    return next(iter(_all(DocumentRow.id == document.credits_document_id)), None)


def _all(condition: ColumnElement[bool]) -> list[Found]:
    rows = db.session.execute(entries().where(condition))
    found = [Found(row=row[0], entry=entry(row), hash=row.hash.hex()) for row in rows]
    return sorted(found, key=lambda one: one.row.id)


def of_ids(ctx: Context, document_ids: Sequence[UUID]) -> list[DocumentEntry]:
    """Return these documents, oldest first; those that are not there are left out."""
    ctx.require("documents.view")
    if not document_ids:
        return []
    query = entries().where(DocumentRow.id.in_(document_ids)).order_by(DocumentRow.id)
    return [entry(row) for row in db.session.execute(query)]


def find(ctx: Context, reference: str) -> UUID:
    """Return the id of a document by its id or printed number. Raises NotFound."""
    ctx.require("documents.view")
    found = db.session.scalar(
        select(DocumentSeal.document_id).where(DocumentSeal.printed_number == reference)
    )
    if found:
        return found
    try:
        return UUID(reference)
    except ValueError:
        raise NotFound(_("document"), reference) from None


def customer_of(ctx: Context, document_id: UUID) -> UUID:
    """Return whose document it is. Raises NotFound."""
    ctx.require("documents.view")
    found = db.session.scalar(select(DocumentRow.customer_id).where(DocumentRow.id == document_id))
    if found is None:
        raise NotFound(_("document"), document_id)
    return found


@cache
def entries() -> Select[Any]:
    """Select documents with what a list of them shows; `entry` reads the rows."""

    def on(row: Any, left: Any, right: Any) -> Any:
        return and_(row.tenant_id == DocumentRow.tenant_id, left == right)

    voided = and_(
        DocumentEvent.tenant_id == DocumentRow.tenant_id,
        DocumentEvent.document_id == DocumentRow.id,
        DocumentEvent.kind == "voided",
    )
    return (
        select(
            DocumentRow,
            DocumentSeal.printed_number,
            DocumentSeal.hash,
            Customer.reference,
            Customer.name,
            Receivable.allocated.label("received"),
            Credit.allocated.label("credited"),
            DocumentEvent.id.label("void_id"),
        )
        .join(DocumentSeal, on(DocumentSeal, DocumentSeal.document_id, DocumentRow.id))
        .join(Customer, on(Customer, Customer.id, DocumentRow.customer_id))
        .outerjoin(Receivable, on(Receivable, Receivable.document_id, DocumentRow.id))
        .outerjoin(Credit, on(Credit, Credit.document_id, DocumentRow.id))
        .outerjoin(DocumentEvent, voided)
    )


def entry(row: Any) -> DocumentEntry:
    """Return a row of `entries` as a list shows it."""
    document: DocumentRow = row[0]
    settled = row.received if row.received is not None else row.credited or 0
    return DocumentEntry(
        id=document.id,
        number=row.printed_number,
        type=DocumentType(document.type),
        customer_id=document.customer_id,
        customer=row.reference,
        customer_name=row.name,
        currency=document.currency,
        issue_on=document.issue_on,
        due_on=document.due_on,
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        payable=document.payable,
        open=document.payable - settled,
        is_void=row.void_id is not None,
        credits_id=document.credits_document_id,
        hash=row.hash.hex(),
    )


def _party(content: bytes | None) -> dict[str, Any] | None:
    return None if content is None else orjson.loads(content)


def _credits(document_id: UUID) -> list[UUID]:
    """Sort here: to save sorting by id, SQLite would read all documents of the tenant."""
    return sorted(
        db.session.scalars(
            select(DocumentRow.id).where(DocumentRow.credits_document_id == document_id)
        )
    )


def happenings(document_id: UUID) -> list[Happening]:
    """Return what came after a document's issue, oldest first."""
    rows = db.session.scalars(
        select(DocumentEvent)
        .where(DocumentEvent.document_id == document_id)
        .order_by(DocumentEvent.happened_at, DocumentEvent.id)
    )
    return [
        Happening(
            kind=row.kind,
            happened_at=row.happened_at,
            reason=row.reason,
            related_id=row.related_id,
        )
        for row in rows
    ]
