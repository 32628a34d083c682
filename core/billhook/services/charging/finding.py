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

from sqlalchemy import Row, Select, and_, exists, func, or_, select
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
    source: str = ""
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
    wanted = query(ChargeFilter(state=state, customer=customer or ""))
    place = _id_column(state)
    if after:
        wanted = wanted.where(place > after)
    return [entry_of(row) for row in db.session.execute(wanted.order_by(place).limit(limit))]


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
    return cut(
        query(wanted),
        _orders(sort, wanted.state),
        after=after,
        limit=limit,
        make=entry_of,
        is_descending=is_descending,
    )


def counts(ctx: Context, wanted: ChargeFilter) -> list[ChargeCount]:
    """Return per currency how many charges there are, and what they bring with them."""
    ctx.require("charges.view")
    counted = query(wanted).with_only_columns(
        ChargeRow.currency,
        func.count(),
        func.sum(func.coalesce(ChargeRow.amount, 0)),
        func.count().filter(ChargeRow.amount.is_(None)),
    )
    grouped = counted.group_by(ChargeRow.currency).order_by(ChargeRow.currency)
    return [
        ChargeCount(currency=currency, charges=count, amount=int(amount), priced_later=later)
        for currency, count, amount, later in db.session.execute(grouped)
    ]


def states(ctx: Context, charge_ids: Sequence[UUID]) -> dict[ChargeState, int]:
    """Return how many of some charges stand where."""
    ctx.require("charges.view")
    found: dict[ChargeState, int] = {}
    for row in db.session.execute(query(ChargeFilter()).where(one_of(ChargeRow.id, charge_ids))):
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


def query(wanted: ChargeFilter) -> Select[Any]:
    """Select charges with their customer's names and what their state follows from."""
    waits = wanted.state in (ChargeState.OPEN, ChargeState.HELD)
    is_claimed = wanted.state in (ChargeState.BILLED, ChargeState.CLAIMED)
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
        .join(ChargeOpen, _on(ChargeOpen, ChargeOpen.charge_id, ChargeRow.id), isouter=not waits)
        .join(
            ChargeClaim,
            _on(ChargeClaim, ChargeClaim.charge_id, ChargeRow.id),
            isouter=not is_claimed,
        )
        .outerjoin(_billed, _on(_billed, _billed.id, ChargeClaim.holder_id))
        .where(*_conditions(wanted))
    )


def _conditions(wanted: ChargeFilter) -> list[Any]:
    conditions = [
        column == value
        for column, value in (
            (Customer.reference, wanted.customer),
            (ChargeRow.source, wanted.source),
            (ChargeRow.currency, wanted.currency),
            (ChargeRow.group_key, wanted.group),
        )
        if value
    ]
    if wanted.state:
        conditions.append(_in_state(wanted.state))
    if wanted.since:
        conditions.append(ChargeRow.charged_on >= wanted.since)
    if wanted.until:
        conditions.append(ChargeRow.charged_on <= wanted.until)
    if text := wanted.text.strip()[:NAME]:
        columns = (
            *(ChargeRow.reference, ChargeRow.description, ChargeRow.group_label),
            *(Customer.reference, Customer.name),
        )
        conditions.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return conditions


def _in_state(state: ChargeState) -> Any:
    match state:
        case ChargeState.OPEN:
            return ~ChargeOpen.is_held
        case ChargeState.HELD:
            return ChargeOpen.is_held
        case ChargeState.BILLED:
            return _billed.id.is_not(None)
        case ChargeState.CLAIMED:  # a draft is gone once it is a document
            return exists(
                select(Draft.id).where(
                    Draft.tenant_id == ChargeClaim.tenant_id, Draft.id == ChargeClaim.holder_id
                )
            )
        case ChargeState.WITHDRAWN:
            return and_(ChargeOpen.charge_id.is_(None), ChargeClaim.holder_id.is_(None))


def _orders(sort: str, state: ChargeState | None) -> tuple[Order, ...]:
    place = Order(_id_column(state), UUID)
    return (Order(ChargeRow.charged_on, date), place) if sort == "date" else (place,)


def _id_column(state: ChargeState | None) -> Any:
    """Return the charge's id in the table that a state is read from, so that its key is the order."""
    match state:
        case ChargeState.OPEN | ChargeState.HELD:
            return ChargeOpen.charge_id
        case ChargeState.BILLED | ChargeState.CLAIMED:
            return ChargeClaim.charge_id
        case _:
            return ChargeRow.id


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
