"""A client's documents: those that are theirs or that they pay, without what was made void.

A list reads no sealed content. What was voided, and the credit note that reverses it, are
not there: nobody got the one, so nobody needs the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, select
from sqlalchemy.sql.expression import FromClause

from billhook.columns import Id
from billhook.db import db
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import CODE
from billhook.models.clients import DocumentSeen
from billhook.models.customers import Customer
from billhook.models.documents import DocumentEvent, DocumentRow, DocumentSeal
from billhook.models.ledger import Credit, Receivable
from billhook.money import to_major
from billhook.services.disputes import disputed, open_disputes
from billhook.services.exports.sheets import Cell, write
from billhook.services.paging import Order, Slice, cut
from billhook.services.portal import clients, log
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.log import PortalAct

PAGE = 25
_AT_ONCE = 1_000
"""Rows of a sheet that are read together."""


class DocumentState(StrEnum):
    """How a client stands to a document."""

    OPEN = "open"
    PARTLY = "partly"  # settled in part
    OVERDUE = "overdue"  # open, and due before today
    SETTLED = "settled"
    CREDIT = "credit"  # a credit note of which something is left
    USED = "used"  # a credit note of which nothing is
    ELSEWHERE = "elsewhere"  # somebody else pays it


class Wanted(StrEnum):
    """What a list can be narrowed to."""

    OPEN = "open"
    OVERDUE = "overdue"
    SETTLED = "settled"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """Which documents are wanted; what is empty narrows nothing. Dates of issue, inclusive."""

    text: str = ""
    """A part of the number."""
    kind: DocumentType | None = None
    state: Wanted | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDocument:
    """A document as its client finds it; amounts in minor units, positive on credit notes too."""

    id: UUID
    number: str
    type: DocumentType
    customer_id: UUID
    buyer: str
    """Whose document it is, where that is not the client."""
    currency: str
    issue_on: date
    due_on: date
    net: int
    tax: int
    gross: int
    payable: int
    open: int
    """What is not settled; of a credit note what is left of it."""
    state: DocumentState
    credits_id: UUID | None
    """The invoice that a credit note takes back."""
    is_seen: bool
    """Whether somebody of the client's has opened it."""
    is_disputed: bool = False

    @property
    def is_theirs_to_pay(self) -> bool:
        return self.state is not DocumentState.ELSEWHERE


def search(
    client: Client, wanted: ClientFilter, *, after: str = "", limit: int = PAGE
) -> Slice[ClientDocument]:
    """Return a page, newest first. Raises ValidationFailed for a cursor that is none."""
    client.require(clients.SEE)
    page = cut(
        entries().where(*_conditions(client, wanted)),
        _NEWEST,
        after=after,
        limit=limit,
        make=lambda row: entry(client, row),
        is_descending=True,
    )
    return replace(page, rows=told(page.rows))


def get(client: Client, document_id: UUID) -> ClientDocument:
    """Return a document of the client's; a guest has one. Raises NotFound."""
    return _opened(client, _one(), document_id)[0]


def get_whole(client: Client, document_id: UUID) -> tuple[ClientDocument, DocumentRow]:
    """Return a document of the client's with its sealed content. Raises NotFound."""
    document, row = _opened(client, _whole(), document_id)
    return document, row.DocumentRow


def _opened(
    client: Client, query: Select[Any], document_id: UUID
) -> tuple[ClientDocument, Row[Any]]:
    client.require(clients.GUEST if client.way is Way.LINK else clients.SEE)
    is_others = client.way is Way.LINK and document_id != client.document_id
    row = None if is_others else db.session.execute(query, {"wanted": document_id}).one_or_none()
    if row is None:
        raise NotFound(_("document"), document_id)
    (found,) = told([entry(client, row)])
    return found, row


def sheet(client: Client, wanted: ClientFilter, out: BinaryIO) -> int:
    """Write all that is found as CSV, sums as they add up; return how many rows there are."""
    client.require(clients.SEE)
    count = write(out, "csv", _header(), _cells(client, wanted))
    log.note(client, PortalAct.LIST_DOWNLOADED)
    return count


def _header() -> Sequence[str]:
    return (
        _("Number"),
        _("Type"),
        _("For"),
        _("Issued"),
        _("Due"),
        _("Net"),
        _("Tax"),
        _("Total"),
        _("Open"),
        _("Currency"),
        _("State"),
        _("Disputed"),
    )


def _cells(client: Client, wanted: ClientFilter) -> Iterator[Sequence[Cell]]:
    after = ""
    while True:
        page = search(client, wanted, after=after, limit=_AT_ONCE)
        for one in page.rows:
            sums = (one.net, one.tax, one.payable, one.open)
            net, tax, total, left = (_signed(one, amount) for amount in sums)
            yield (
                one.number,
                one.type.value,
                one.buyer,
                one.issue_on,
                one.due_on,
                *(net, tax, total),
                left if one.is_theirs_to_pay else None,
                one.currency,
                one.state.value,
                one.is_disputed,
            )
        if not page.next:
            return
        after = page.next


def _signed(one: ClientDocument, amount: int) -> Decimal:
    """Return an amount as it adds up: a credit note takes away."""
    return to_major(one.type.sign * amount, one.currency)


def told(found: Sequence[ClientDocument]) -> tuple[ClientDocument, ...]:
    """Say of each document whether it is disputed, by one query."""
    disputed = open_disputes([one.id for one in found])
    return tuple(replace(one, is_disputed=one.id in disputed) for one in found)


_NEWEST = (Order(DocumentRow.issue_on, date), Order(DocumentRow.id, UUID))


def table(row: Any) -> FromClause:
    """Take a table as it is: its rows follow the document's, which the scope narrows."""
    return row.__table__  # type: ignore[no-any-return]


@cache
def entries() -> Select[Any]:
    """Select what lists show of the documents that are not void; `entry` reads the rows."""
    seal, receivable, credit = table(DocumentSeal), table(Receivable), table(Credit)
    seen, buyer = table(DocumentSeen), table(Customer)

    def of_document(table: FromClause) -> ColumnElement[bool]:
        return and_(
            table.c.tenant_id == DocumentRow.tenant_id, table.c.document_id == DocumentRow.id
        )

    is_buyer = and_(
        buyer.c.tenant_id == DocumentRow.tenant_id, buyer.c.id == DocumentRow.customer_id
    )
    # The fewer tables are joined, the sooner PostgreSQL has planned, which takes longer than the rows.
    return (
        select(
            DocumentRow.id,
            DocumentRow.type,
            DocumentRow.customer_id,
            DocumentRow.payer_id,
            DocumentRow.currency,
            DocumentRow.issue_on,
            DocumentRow.due_on,
            DocumentRow.net,
            DocumentRow.tax,
            DocumentRow.gross,
            DocumentRow.payable,
            DocumentRow.credits_document_id,
            seal.c.printed_number,
            func.coalesce(receivable.c.allocated, credit.c.allocated, 0).label("settled"),
            select(seen.c.seen_at).where(of_document(seen)).scalar_subquery().label("seen_at"),
            select(buyer.c.name).where(is_buyer).scalar_subquery().label("buyer"),
        )
        .join(seal, of_document(seal))
        .outerjoin(receivable, of_document(receivable))
        .outerjoin(credit, of_document(credit))
        .where(~_is_void())
    )


def _is_void() -> ColumnElement[bool]:
    """Tell what is void, or reverses what is: a voided document has no other credit note."""
    event = table(DocumentEvent)
    return (
        select(event.c.id)
        .where(
            event.c.tenant_id == DocumentRow.tenant_id,
            event.c.document_id.in_([DocumentRow.id, DocumentRow.credits_document_id]),
            event.c.kind == "voided",
        )
        .exists()
    )


@cache
def _one() -> Select[Any]:
    return entries().where(DocumentRow.id == bindparam("wanted", type_=Id()))


@cache
def _whole() -> Select[Any]:
    return _one().add_columns(DocumentRow)


def entry(client: Client, row: Row[Any]) -> ClientDocument:
    """Return a row of `entries` as lists show it."""
    document_type = DocumentType(row.type)
    left = row.payable - row.settled
    is_payer = row.payer_id in client.customer_ids
    return ClientDocument(
        id=row.id,
        number=row.printed_number,
        type=document_type,
        customer_id=row.customer_id,
        buyer="" if row.customer_id in client.customer_ids else row.buyer,
        currency=row.currency,
        issue_on=row.issue_on,
        due_on=row.due_on,
        net=row.net,
        tax=row.tax,
        gross=row.gross,
        payable=row.payable,
        open=left,
        state=_state(document_type, row.payable, left, row.due_on, client.ctx.today())
        if is_payer
        else DocumentState.ELSEWHERE,
        credits_id=row.credits_document_id,
        is_seen=row.seen_at is not None,
    )


def _state(
    document_type: DocumentType, payable: int, left: int, due_on: date, today: date
) -> DocumentState:
    if document_type is DocumentType.CREDIT_NOTE:
        return DocumentState.CREDIT if left > 0 else DocumentState.USED
    if left <= 0:
        return DocumentState.SETTLED
    if due_on < today:
        return DocumentState.OVERDUE
    return DocumentState.PARTLY if left < payable else DocumentState.OPEN


def _conditions(client: Client, wanted: ClientFilter) -> Iterator[ColumnElement[bool]]:
    if text := wanted.text.strip()[:CODE]:
        yield table(DocumentSeal).c.printed_number.icontains(text, autoescape=True)
    if wanted.kind:
        yield DocumentRow.type == wanted.kind.value
    if wanted.since:
        yield DocumentRow.issue_on >= wanted.since
    if wanted.until:
        yield DocumentRow.issue_on <= wanted.until
    if wanted.state:
        yield from _in_state(client, wanted.state)


def _in_state(client: Client, state: Wanted) -> Iterator[ColumnElement[bool]]:
    """Narrow to what the client has to pay, or has settled; an item has a receivable or a credit."""
    receivable, credit = table(Receivable), table(Credit)
    if state is Wanted.DISPUTED:
        yield DocumentRow.id.in_(disputed())
        return
    yield DocumentRow.payer_id.in_(client.customer_ids)
    if state is Wanted.SETTLED:
        yield func.coalesce(receivable.c.allocated, credit.c.allocated, 0) == DocumentRow.payable
        return
    yield receivable.c.allocated < receivable.c.amount
    if state is Wanted.OVERDUE:
        yield receivable.c.due_on < client.ctx.today()
