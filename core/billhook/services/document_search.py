"""Finding documents as people look for them: by a part of a number or name, page by page.

A page counts nothing; `sums` answers “how much” for all that was found, per currency.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import load_only

from billhook.db import db
from billhook.domain.deliveries import DeliveryState
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.deliveries import Delivery
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.ledger import Account
from billhook.sdk.context import Context
from billhook.services import merged, sightings
from billhook.services.disputes import disputed, open_disputes
from billhook.services.documents import DocumentEntry, entries, entry
from billhook.services.paging import Order, Slice, cut

_WORST_FIRST = (
    DeliveryState.FAILED,
    DeliveryState.BOUNCED,
    DeliveryState.QUEUED,
    DeliveryState.SENT,
    DeliveryState.OPENED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents are wanted; what is empty narrows nothing. Dates are inclusive."""

    text: str = ""
    """A part of the number, or of the customer's name or reference."""
    number: str = ""
    """The whole of it, as printed."""
    kind: DocumentType | None = None
    currency: str = ""
    customer: str = ""
    """The customer's reference; documents of its duplicates are its documents."""
    customer_id: UUID | None = None
    """The same by its id."""
    delivery: DeliveryState | None = None
    """Documents that have a delivery in this state."""
    is_disputed: bool = False
    """Those alone about which a dispute is open."""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A document in a list, and whether it reached its client."""

    entry: DocumentEntry
    delivery: DeliveryState | None
    """The worst of its channels' last deliveries; None where nothing was sent."""
    seen_at: datetime | None = None
    """When the client first opened it at the portal."""
    is_disputed: bool = False

    @property
    def gross(self) -> int:
        """What it adds to the sums: a credit note takes away."""
        return self.entry.type.sign * self.entry.gross


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """The sums of one currency in minor units; credit notes count against them."""

    currency: str
    documents: int
    net: int
    tax: int
    gross: int


class DocumentOrder(StrEnum):
    """What a list of documents is sorted by."""

    DATE = "date"
    DUE = "due"
    CUSTOMER = "customer"
    GROSS = "gross"


def search(
    ctx: Context,
    wanted: DocumentFilter,
    *,
    by: DocumentOrder = DocumentOrder.DATE,
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[FoundDocument]:
    """Return the page that follows a cursor. Raises ValidationFailed for one that is none."""
    ctx.require("documents.view")
    page = cut(
        entries().options(_SHOWN).where(*_conditions(wanted)),
        _ORDERS[by],
        after=after,
        limit=limit,
        is_descending=is_descending,
        make=entry,
    )
    return Slice(rows=_found(page.rows), next=page.next)


def get(ctx: Context, document_id: UUID) -> FoundDocument:
    """Return a document as lists show it. Raises NotFound."""
    ctx.require("documents.view")
    query = entries().options(_SHOWN).where(DocumentRow.id == document_id)
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound(_("document"), document_id)
    (found,) = _found([entry(row)])
    return found


def _found(shown: Sequence[DocumentEntry]) -> tuple[FoundDocument, ...]:
    """Say of each document whether it reached its client, and is disputed, by three queries."""
    ids = [one.id for one in shown]
    states, seen, disputes = _delivery_states(ids), sightings.times_of(ids), open_disputes(ids)
    return tuple(
        FoundDocument(
            entry=one,
            delivery=states.get(one.id),
            seen_at=seen.get(one.id),
            is_disputed=one.id in disputes,
        )
        for one in shown
    )


def sums(ctx: Context, wanted: DocumentFilter) -> list[CurrencyTotal]:
    """Return what all that is found comes to, by currency."""
    ctx.require("documents.view")
    return _totals(_conditions(wanted))


_SHOWN = load_only(
    DocumentRow.type,
    DocumentRow.customer_id,
    DocumentRow.credits_document_id,
    DocumentRow.currency,
    DocumentRow.issue_on,
    DocumentRow.due_on,
    DocumentRow.net,
    DocumentRow.tax,
    DocumentRow.gross,
    DocumentRow.payable,
)
"""A list leaves the sealed content where it is."""

_ID = Order(DocumentRow.id, UUID)
_ORDERS = {
    DocumentOrder.DATE: (Order(DocumentRow.issue_on, date), _ID),
    DocumentOrder.DUE: (Order(DocumentRow.due_on, date), _ID),
    DocumentOrder.CUSTOMER: (Order(Customer.name, str), _ID),
    DocumentOrder.GROSS: (Order(DocumentRow.gross, int), _ID),
}


def currencies(ctx: Context) -> list[str]:
    """Return the currencies that were posted in; a chart of accounts is read faster than documents."""
    ctx.require("documents.view")
    return sorted(db.session.scalars(select(Account.currency).distinct()))


def _conditions(wanted: DocumentFilter) -> list[Any]:
    conditions: list[Any] = []
    if text := wanted.text.strip()[:NAME]:
        conditions.append(mentions(text))
    if wanted.number:
        conditions.append(DocumentSeal.printed_number == wanted.number)
    if wanted.kind:
        conditions.append(DocumentRow.type == wanted.kind.value)
    if wanted.currency:
        conditions.append(DocumentRow.currency == wanted.currency)
    if wanted.customer:
        conditions.append(DocumentRow.customer_id.in_(merged.family_of(wanted.customer)))
    if wanted.customer_id:
        conditions.append(DocumentRow.customer_id.in_(merged.family(wanted.customer_id)))
    if wanted.delivery:
        conditions.append(
            select(Delivery.id)
            .where(
                Delivery.tenant_id == DocumentRow.tenant_id,
                Delivery.document_id == DocumentRow.id,
                Delivery.state == wanted.delivery.value,
            )
            .exists()
        )
    if wanted.is_disputed:
        conditions.append(DocumentRow.id.in_(disputed()))
    if wanted.since:
        conditions.append(DocumentRow.issue_on >= wanted.since)
    if wanted.until:
        conditions.append(DocumentRow.issue_on <= wanted.until)
    return conditions


def mentions(text: str) -> Any:
    """Return the condition that a document's number, or its customer, has the text in it."""
    columns = (DocumentSeal.printed_number, Customer.name, Customer.reference)
    return or_(
        *(
            column.icontains(spelling, autoescape=True)
            for column in columns
            for spelling in _spellings(text)
        )
    )


def _spellings(text: str) -> set[str]:
    """SQLite, and PostgreSQL in the C locale, know the case of ASCII letters alone."""
    return {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}


def _totals(conditions: Sequence[Any]) -> list[CurrencyTotal]:
    is_credit = DocumentRow.type == DocumentType.CREDIT_NOTE.value

    def signed(amount: Any) -> Any:
        return func.sum(case((is_credit, -amount), else_=amount))

    query = (
        select(
            DocumentRow.currency,
            func.count(),
            signed(DocumentRow.net),
            signed(DocumentRow.tax),
            signed(DocumentRow.gross),
        )
        .select_from(DocumentRow)
        .join(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == DocumentRow.tenant_id,
                DocumentSeal.document_id == DocumentRow.id,
            ),
        )
        .join(
            Customer,
            and_(
                Customer.tenant_id == DocumentRow.tenant_id,
                Customer.id == DocumentRow.customer_id,
            ),
        )
        .where(*conditions)
        .group_by(DocumentRow.currency)
        .order_by(DocumentRow.currency)
    )
    return [
        CurrencyTotal(
            currency=currency, documents=count, net=int(net), tax=int(tax), gross=int(gross)
        )
        for currency, count, net, tax, gross in db.session.execute(query)
    ]


def _delivery_states(document_ids: Sequence[UUID]) -> dict[UUID, DeliveryState]:
    """Take the last delivery of each channel, so that a resend heals what failed before it."""
    if not document_ids:
        return {}
    rows = db.session.execute(
        select(Delivery.document_id, Delivery.channel, Delivery.state)
        .where(Delivery.document_id.in_(document_ids))
        .order_by(Delivery.id)
    )
    last: dict[UUID, dict[str, DeliveryState]] = defaultdict(dict)
    for document_id, channel, state in rows:
        last[document_id][channel] = DeliveryState(state)
    return {
        document_id: min(by_channel.values(), key=_WORST_FIRST.index)
        for document_id, by_channel in last.items()
    }
