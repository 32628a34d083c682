"""Finding drafts as people look for them, page by page; a page counts and sums its own rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select

from billhook.db import db
from billhook.domain.states import DocumentType, DraftState
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.customers import Customer
from billhook.models.drafts import Draft, DraftLine
from billhook.sdk.context import Context
from billhook.services.draft_rows import bill_line
from billhook.services.paging import Order, Slice, cut


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFilter:
    """Which drafts are wanted; what is empty narrows nothing."""

    text: str = ""
    """A part of the customer's name or reference, or of the purchase order."""
    state: DraftState | None = DraftState.OPEN
    kind: DocumentType | None = None
    currency: str = ""
    customer: str = ""
    """The customer's reference."""
    customer_id: UUID | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDraft:
    """A draft in a list; `net` is the lines' sum before tax and discounts of the whole."""

    id: UUID
    state: DraftState
    kind: DocumentType
    customer: str
    customer_name: str
    currency: str
    purchase_order: str
    reference: str
    lines: int
    net: int
    run_id: UUID | None
    created_at: datetime
    version: int


class DraftOrder(StrEnum):
    """What a list of drafts is sorted by."""

    MADE = "made"
    CUSTOMER = "customer"


_ID = Order(Draft.id, UUID)
_ORDERS = {
    DraftOrder.MADE: (_ID,),  # ids rise with the instant
    DraftOrder.CUSTOMER: (Order(Customer.name, str), _ID),
}


def search(
    ctx: Context,
    wanted: DraftFilter,
    *,
    by: DraftOrder = DraftOrder.MADE,
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[FoundDraft]:
    """Return the page that follows a cursor. Raises ValidationFailed for one that is none."""
    ctx.require("drafts.view")
    page = page_of(_drafts(), wanted, by=by, is_descending=is_descending, after=after, limit=limit)
    return Slice(rows=tuple(_found(page.rows)), next=page.next)


def page_of(
    drafts: Select[Any],
    wanted: DraftFilter,
    *,
    by: DraftOrder,
    is_descending: bool,
    after: str,
    limit: int,
) -> Slice[Row[Any]]:
    """Return a page's rows of a selection of drafts with their customers."""
    return cut(
        drafts.where(*_conditions(wanted)),
        _ORDERS[by],
        after=after,
        limit=limit,
        is_descending=is_descending,
        make=lambda row: row,
    )


def of_ids(ctx: Context, draft_ids: Sequence[UUID]) -> list[FoundDraft]:
    """Return the open drafts among the ids, in their order."""
    ctx.require("drafts.view")
    if not draft_ids:
        return []
    query = _drafts().where(Draft.id.in_(draft_ids), Draft.state == DraftState.OPEN.value)
    by_id = {one.id: one for one in _found(db.session.execute(query).tuples().all())}
    return [by_id[id_] for id_ in draft_ids if id_ in by_id]


def currencies(ctx: Context) -> list[str]:
    """Return the currencies that open drafts are in."""
    ctx.require("drafts.view")
    query = select(Draft.currency).where(Draft.state == DraftState.OPEN.value).distinct()
    return sorted(db.session.scalars(query))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWithDrafts:
    """A bill run that left drafts which are open still."""

    id: UUID
    made_at: datetime
    drafts: int


def runs(ctx: Context, *, limit: int = 50) -> list[RunWithDrafts]:
    """Return the bill runs whose drafts are open, the newest first."""
    ctx.require("drafts.view")
    rows = db.session.execute(
        select(Draft.run_id, func.min(Draft.created_at), func.count())
        .where(Draft.state == DraftState.OPEN.value, Draft.run_id.is_not(None))
        .group_by(Draft.run_id)
        .order_by(Draft.run_id.desc())
        .limit(limit)
    )
    return [RunWithDrafts(id=row[0], made_at=row[1], drafts=row[2]) for row in rows]


def _drafts() -> Select[Any]:
    return select(Draft, Customer.reference, Customer.name).join(
        Customer, and_(Customer.tenant_id == Draft.tenant_id, Customer.id == Draft.customer_id)
    )


def _found(rows: Sequence[Sequence[Any]]) -> list[FoundDraft]:
    nets = _nets({row[0].id: row[0].currency for row in rows})
    return [
        FoundDraft(
            id=draft.id,
            state=DraftState(draft.state),
            kind=DocumentType(draft.type),
            customer=reference,
            customer_name=name,
            currency=draft.currency,
            purchase_order=draft.purchase_order,
            reference=draft.reference,
            lines=len(nets.get(draft.id, ())),
            net=sum(nets.get(draft.id, ())),
            run_id=draft.run_id,
            created_at=draft.created_at,
            version=draft.version,
        )
        for draft, reference, name, *_keys in rows
    ]


def _nets(currencies: dict[UUID, str]) -> dict[UUID, list[int]]:
    """Return the amounts of the lines of each draft, signed, in minor units."""
    found: dict[UUID, list[int]] = {}
    if currencies:
        query = select(DraftLine).where(DraftLine.draft_id.in_(currencies))
        for row in db.session.scalars(query):
            amount = bill_line(row, currencies[row.draft_id]).amount
            found.setdefault(row.draft_id, []).append(amount)
    return found


def _conditions(wanted: DraftFilter) -> list[Any]:
    conditions: list[Any] = []
    if text := wanted.text.strip()[:NAME]:
        columns = (Customer.name, Customer.reference, Draft.purchase_order)
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    if wanted.state:
        conditions.append(Draft.state == wanted.state.value)
    if wanted.kind:
        conditions.append(Draft.type == wanted.kind.value)
    if wanted.currency:
        conditions.append(Draft.currency == wanted.currency)
    if wanted.customer:
        conditions.append(Customer.reference == wanted.customer)
    if wanted.customer_id:
        conditions.append(Draft.customer_id == wanted.customer_id)
    if wanted.run_id:
        conditions.append(Draft.run_id == wanted.run_id)
    return conditions
