"""Charges as people see them, each with where it stands.

A state is stored nowhere: it is the queue, a claim, or neither. Each state is asked
for from the table that knows it, so that a page of one state reads no other charge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from billhook.db import db
from billhook.domain.states import ChargeState
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow
from billhook.models.drafts import Draft
from billhook.sdk.context import Context
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of

SORTS = ("arrived", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeEntry:
    """A charge as people see it."""

    id: UUID
    source: str
    reference: str
    customer: str
    customer_name: str
    charged_on: date
    description: str
    quantity: Decimal
    unit_price: Decimal | None
    amount: int | None
    currency: str
    group: str
    state: ChargeState


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFilter:
    """Which charges are wanted; what is empty narrows nothing. Dates are inclusive."""

    text: str = ""
    """A part of the reference or description, or of the customer's name or reference."""
    state: ChargeState | None = None
    customer: str = ""
    """The customer's reference."""
    customer_id: UUID | None = None
    source: str = ""
    reference: str = ""
    currency: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCount:
    """How many charges of a currency there are, and what those with an amount come to."""

    currency: str
    charges: int
    amount: int
    priced_later: int
    """How many bring a unit price or a product instead of an amount."""


def listing(
    ctx: Context,
    *,
    state: ChargeState | None = None,
    customer: str | None = None,
    limit: int = PAGE_ROWS,
    after: UUID | None = None,
) -> list[ChargeEntry]:
    """Return charges in the order in which they came, each with its state."""
    ctx.require("charges.view")
    ids, place = _ids(ChargeFilter(state=state, customer=customer or ""), "arrived")
    if after:
        ids = ids.where(place > after)
    found = db.session.scalars(ids.order_by(place).limit(limit)).all()
    rows = db.session.execute(query().where(one_of(ChargeRow.id, found)).order_by(ChargeRow.id))
    return [entry_of(row) for row in rows]


def search(
    ctx: Context,
    wanted: ChargeFilter,
    *,
    sort: str = "arrived",
    is_descending: bool = True,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[ChargeEntry]:
    """Return the page that follows a cursor; sorts are `SORTS`.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("charges.view")
    page = page_of_ids(wanted, sort=sort, is_descending=is_descending, after=after, limit=limit)
    rows = db.session.execute(query().where(one_of(ChargeRow.id, page.rows)))
    entries = {entry.id: entry for entry in map(entry_of, rows)}
    return Slice(rows=tuple(entries[charge_id] for charge_id in page.rows), next=page.next)


def page_of_ids(
    wanted: ChargeFilter, *, sort: str, is_descending: bool, after: str, limit: int
) -> Slice[UUID]:
    """Return the ids of a page, read from the tables that tell its state."""
    ids, place = _ids(wanted, sort)
    orders = [Order(place, UUID)]
    if sort == "date":
        orders.insert(0, Order(_day_column(wanted.state), date))
    return cut(
        ids, orders, after=after, limit=limit, make=lambda row: row[0], is_descending=is_descending
    )


def counts(ctx: Context, wanted: ChargeFilter) -> list[ChargeCount]:
    """Return per currency how many charges there are, and what they bring with them."""
    ctx.require("charges.view")
    ids, _place = _ids(wanted, "date")
    grouped = (
        select(
            ChargeRow.currency,
            func.count(),
            func.sum(func.coalesce(ChargeRow.amount, 0)),
            func.count().filter(ChargeRow.amount.is_(None)),
        )
        .where(ChargeRow.id.in_(ids) if wanted != ChargeFilter() else true())
        .group_by(ChargeRow.currency)
        .order_by(ChargeRow.currency)
    )
    return [
        ChargeCount(currency=currency, charges=count, amount=int(amount), priced_later=later)
        for currency, count, amount, later in db.session.execute(grouped)
    ]


def states(ctx: Context, charge_ids: Sequence[UUID]) -> dict[ChargeState, int]:
    """Return how many of some charges stand where."""
    ctx.require("charges.view")
    found: dict[ChargeState, int] = {}
    for row in db.session.execute(query().where(one_of(ChargeRow.id, charge_ids))):
        state = entry_of(row).state
        found[state] = found.get(state, 0) + 1
    return found


def sources(ctx: Context) -> list[str]:
    """Return where charges come from, by walking from one source to the next."""
    ctx.require("charges.view")
    found: list[str] = []
    while source := db.session.scalar(
        select(ChargeRow.source)
        .where(ChargeRow.source > (found[-1] if found else ""))
        .order_by(ChargeRow.source)
        .limit(1)
    ):
        found.append(source)
    return found


_billed = aliased(DocumentRow)


def _on(row: Any, left: Any, right: Any) -> Any:
    return and_(row.tenant_id == ChargeRow.tenant_id, left == right)


def query() -> Select[Any]:
    """Select charges with their customer's names and what their state follows from."""
    return (
        select(
            ChargeRow,
            Customer.reference,
            Customer.name,
            ChargeOpen.is_held,
            ChargeClaim.holder_id,
            _billed.id,
        )
        .join(Customer, _on(Customer, Customer.id, ChargeRow.customer_id))
        .outerjoin(ChargeOpen, _on(ChargeOpen, ChargeOpen.charge_id, ChargeRow.id))
        .outerjoin(ChargeClaim, _on(ChargeClaim, ChargeClaim.charge_id, ChargeRow.id))
        .outerjoin(_billed, _on(_billed, _billed.id, ChargeClaim.holder_id))
    )


def _ids(wanted: ChargeFilter, sort: str) -> tuple[Select[Any], Any]:
    """Select the ids that are wanted, narrowly, and name the column that orders them by arrival."""
    match wanted.state:
        case ChargeState.OPEN | ChargeState.HELD:
            place = ChargeOpen.charge_id
            rows = select(place).join(ChargeRow, _on(ChargeOpen, place, ChargeRow.id))
            held = ChargeOpen.is_held if wanted.state is ChargeState.HELD else ~ChargeOpen.is_held
            rows = rows.where(held)
        case ChargeState.CLAIMED:  # a draft is gone once it is a document
            place = ChargeClaim.charge_id
            rows = (
                select(place)
                .join(ChargeRow, _on(ChargeClaim, place, ChargeRow.id))
                .join(Draft, _on(Draft, Draft.id, ChargeClaim.holder_id))
            )
        case ChargeState.BILLED if sort != "date":
            place = ChargeClaim.charge_id
            rows = select(place).join(ChargeRow, _on(ChargeClaim, place, ChargeRow.id))
            rows = rows.where(_is_billed())
        case _:
            place = ChargeRow.id
            rows = select(place).where(*_elsewhere(wanted.state))
    if wanted.text.strip():
        rows = rows.outerjoin(Customer, _on(Customer, Customer.id, ChargeRow.customer_id))
    return rows.where(*_conditions(wanted)), place


def _elsewhere(state: ChargeState | None) -> list[Any]:
    if state is ChargeState.BILLED:
        claim = select(ChargeClaim.charge_id).where(
            _on(ChargeClaim, ChargeClaim.charge_id, ChargeRow.id), _is_billed()
        )
        return [exists(claim.correlate(ChargeRow))]
    if state is ChargeState.WITHDRAWN:
        return [
            ~exists(
                select(row.charge_id)
                .where(_on(row, row.charge_id, ChargeRow.id))
                .correlate(ChargeRow)
            )
            for row in (ChargeOpen, ChargeClaim)
        ]
    return []


def _is_billed() -> Any:
    document = select(DocumentRow.id).where(
        DocumentRow.tenant_id == ChargeClaim.tenant_id, DocumentRow.id == ChargeClaim.holder_id
    )
    return exists(document.correlate(ChargeClaim))


def _conditions(wanted: ChargeFilter) -> list[Any]:
    conditions = [
        column == value
        for column, value in (
            (ChargeRow.source, wanted.source),
            (ChargeRow.reference, wanted.reference),
            (ChargeRow.customer_id, wanted.customer_id),
            (ChargeRow.currency, wanted.currency),
            (ChargeRow.group_key, wanted.group),
        )
        if value
    ]
    if wanted.customer:
        named = select(Customer.id).where(Customer.reference == wanted.customer)
        conditions.append(ChargeRow.customer_id.in_(named))
    if wanted.since:
        conditions.append(_day_column(wanted.state) >= wanted.since)
    if wanted.until:
        conditions.append(_day_column(wanted.state) <= wanted.until)
    if text := wanted.text.strip()[:NAME]:
        columns = (
            *(ChargeRow.reference, ChargeRow.description, ChargeRow.group_label),
            *(Customer.reference, Customer.name),
        )
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return conditions


def _day_column(state: ChargeState | None) -> Any:
    """Return the charge's date where it is read from; the queue has a copy."""
    waits = state in (ChargeState.OPEN, ChargeState.HELD)
    return ChargeOpen.charged_on if waits else ChargeRow.charged_on


def entry_of(row: Row[Any]) -> ChargeEntry:
    """Return a row of `query` as people see it."""
    charge, customer, name, is_held, holder_id, document_id = row[:6]
    return ChargeEntry(
        id=charge.id,
        source=charge.source,
        reference=charge.reference,
        customer=customer,
        customer_name=name,
        charged_on=charge.charged_on,
        description=charge.description,
        quantity=charge.quantity,
        unit_price=charge.unit_price,
        amount=charge.amount,
        currency=charge.currency,
        group=charge.group_label or charge.group_key,
        state=state_of(is_held, holder_id, document_id),
    )


def state_of(
    is_held: bool | None, holder_id: UUID | None, document_id: UUID | None
) -> ChargeState:
    """Tell where a charge stands by its row in the queue, its claim, and the holder's document."""
    if is_held is not None:
        return ChargeState.HELD if is_held else ChargeState.OPEN
    if document_id is not None:
        return ChargeState.BILLED
    return ChargeState.CLAIMED if holder_id is not None else ChargeState.WITHDRAWN
