"""Open items: what each invoice asks for and each credit note gives, and what of it is settled.

They stand in the name of who pays, which need not be whose document it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select

from billhook.db import db
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.limits import PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.ledger import Credit, Receivable
from billhook.sdk.context import Context
from billhook.services import merged
from billhook.services.disputes import open_disputes
from billhook.services.paging import Order, Slice, cut

Item = type[Receivable] | type[Credit]


class ItemState(StrEnum):
    """How far an item is settled."""

    OPEN = "open"
    OVERDUE = "overdue"  # open, and due before today
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items are wanted; what is empty narrows nothing. Dates are inclusive."""

    state: ItemState | None = None
    currency: str = ""
    customer: str = ""
    """Reference of who pays; items of its duplicates are its items."""
    customer_id: UUID | None = None
    """The same by its id."""
    due_since: date | None = None
    due_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """A receivable or credit; amounts in minor units."""

    id: UUID
    document_id: UUID | None
    number: str
    customer_id: UUID
    payer_id: UUID
    payer: str
    payer_name: str
    currency: str
    amount: int
    settled: int
    due_on: date
    is_overdue: bool
    is_disputed: bool
    """Whether a dispute is open about its document."""

    @property
    def open(self) -> int:
        return self.amount - self.settled


def receivables(
    ctx: Context, wanted: ItemFilter, *, after: str = "", limit: int = PAGE_ROWS
) -> Slice[OpenItem]:
    """Return a page of what is owed, the first due first. Raises ValidationFailed for a cursor that is none."""
    return _page(ctx, Receivable, Receivable.due_on, wanted, after=after, limit=limit)


def credits_given(
    ctx: Context, wanted: ItemFilter, *, after: str = "", limit: int = PAGE_ROWS
) -> Slice[OpenItem]:
    """Return a page of what credit notes give back. Raises ValidationFailed for a cursor that is none."""
    return _page(ctx, Credit, DocumentRow.due_on, wanted, after=after, limit=limit)


def receivable(ctx: Context, item_id: UUID) -> OpenItem:
    """Return what is owed for a document. Raises NotFound."""
    return _one(ctx, Receivable, Receivable.due_on, item_id, _("receivable"))


def credit_given(ctx: Context, item_id: UUID) -> OpenItem:
    """Return what a credit note gives back. Raises NotFound."""
    return _one(ctx, Credit, DocumentRow.due_on, item_id, _("credit note"))


def _page(
    ctx: Context, row: Item, due_on: Any, wanted: ItemFilter, *, after: str, limit: int
) -> Slice[OpenItem]:
    ctx.require("documents.view")
    page = cut(
        _items(row, due_on).where(*_conditions(ctx, row, due_on, wanted)),
        (Order(due_on, date), Order(row.id, UUID)),
        after=after,
        limit=min(limit, PAGE_ROWS),
        make=lambda found: _item(ctx, found),
    )
    return Slice(rows=_with_disputes(page.rows), next=page.next)


def _with_disputes(items: Sequence[OpenItem]) -> tuple[OpenItem, ...]:
    disputes = open_disputes([one.document_id for one in items if one.document_id])
    return tuple(replace(one, is_disputed=one.document_id in disputes) for one in items)


def _one(ctx: Context, row: Item, due_on: Any, item_id: UUID, what: str) -> OpenItem:
    ctx.require("documents.view")
    found = db.session.execute(_items(row, due_on).where(row.id == item_id)).one_or_none()
    if found is None:
        raise NotFound(what, item_id)
    (item,) = _with_disputes([_item(ctx, found)])
    return item


def _items(row: Item, due_on: Any) -> Select[Any]:
    def same(joined: Any, condition: Any) -> Any:
        return and_(joined.tenant_id == row.tenant_id, condition)

    return (
        select(
            row,
            due_on.label("due"),
            DocumentSeal.printed_number,
            Customer.reference,
            Customer.name,
        )
        .select_from(row)
        .join(Customer, same(Customer, Customer.id == row.payer_id))
        .outerjoin(DocumentRow, same(DocumentRow, DocumentRow.id == row.document_id))
        .outerjoin(DocumentSeal, same(DocumentSeal, DocumentSeal.document_id == row.document_id))
    )


def _conditions(
    ctx: Context, row: Item, due_on: Any, wanted: ItemFilter
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is ItemState.SETTLED:
        conditions.append(row.allocated == row.amount)
    elif wanted.state is not None:
        conditions.append(row.allocated < row.amount)
    if wanted.state is ItemState.OVERDUE:
        conditions.append(due_on < ctx.today())
    if wanted.currency:
        conditions.append(row.currency == wanted.currency)
    if wanted.customer:
        conditions.append(row.payer_id.in_(merged.family_of(wanted.customer)))
    if wanted.customer_id:
        conditions.append(row.payer_id.in_(merged.family(wanted.customer_id)))
    if wanted.due_since:
        conditions.append(due_on >= wanted.due_since)
    if wanted.due_until:
        conditions.append(due_on <= wanted.due_until)
    return conditions


def _item(ctx: Context, found: Row[Any]) -> OpenItem:
    row: Receivable | Credit = found[0]
    return OpenItem(
        id=row.id,
        document_id=row.document_id,
        number=found.printed_number or "",
        customer_id=row.customer_id,
        payer_id=row.payer_id,
        payer=found.reference,
        payer_name=found.name,
        currency=row.currency,
        amount=row.amount,
        settled=row.allocated,
        due_on=found.due,
        is_overdue=row.allocated < row.amount and found.due < ctx.today(),
        is_disputed=False,
    )
