"""Finding customers as people look for them, page by page."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from billhook.db import db
from billhook.limits import NAME, PAGE_ROWS
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer, CustomerTag, ParkedCustomer
from billhook.models.people import Person
from billhook.sdk.context import Context
from billhook.services import customer_tags, customers
from billhook.services.customers import CustomerEntry
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of


class CustomerState(StrEnum):
    """What a list of customers can be narrowed to."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    PARKED = "parked"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers are wanted; what is empty narrows nothing."""

    text: str = ""
    """A part of the reference, name or e-mail address."""
    reference: str = ""
    """The whole of it; finds a duplicate that was merged, too."""
    country: str = ""
    tag: str = ""
    owner_id: UUID | None = None
    state: CustomerState | None = None
    """All but merged ones without it."""
    payer_id: UUID | None = None
    """Those whom this customer pays for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer in a list."""

    id: UUID
    reference: str
    name: str
    country: str
    city: str
    email: str
    currency: str
    tax_number: str
    payer: str
    """Name of who pays; empty where the customer pays."""
    owner: str
    is_active: bool
    is_parked: bool
    is_merged: bool
    created_at: datetime
    tags: tuple[str, ...] = ()
    charges: int = 0
    """How many wait to be billed."""


class CustomerOrder(StrEnum):
    """What a list of customers is sorted by."""

    NAME = "name"
    REFERENCE = "reference"
    CREATED = "created"


_ORDERS = {
    CustomerOrder.NAME: (Order(Customer.name, str), Order(Customer.id, UUID)),
    CustomerOrder.REFERENCE: (Order(Customer.reference, str),),
    CustomerOrder.CREATED: (Order(Customer.id, UUID),),
}


def search(
    ctx: Context,
    wanted: CustomerFilter,
    *,
    by: CustomerOrder = CustomerOrder.NAME,
    is_descending: bool = False,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[FoundCustomer]:
    """Return the page that follows a cursor. Raises ValidationFailed for one that is none."""
    ctx.require("customers.view")
    page = _page(wanted, by, after=after, limit=limit, is_descending=is_descending)
    return Slice(rows=tuple(_shown(page.rows)), next=page.next)


def entries(
    ctx: Context,
    wanted: CustomerFilter,
    *,
    by: CustomerOrder = CustomerOrder.NAME,
    is_descending: bool = False,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Slice[CustomerEntry]:
    """Return the page that follows a cursor, with all that is stored of each customer.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("customers.view")
    page = _page(wanted, by, after=after, limit=limit, is_descending=is_descending)
    return Slice(rows=tuple(customers.entries_of(page.rows)), next=page.next)


def _page(
    wanted: CustomerFilter, by: CustomerOrder, *, after: str, limit: int, is_descending: bool
) -> Slice[Customer]:
    return cut(
        select(Customer).where(*_conditions(wanted)),
        _ORDERS[by],
        after=after,
        limit=limit,
        is_descending=is_descending,
        make=lambda row: row[0],
    )


def matching(ctx: Context, text: str, *, limit: int = 8) -> list[FoundCustomer]:
    """Return active customers who fit what somebody types, for a field that offers them."""
    wanted = CustomerFilter(text=text, state=CustomerState.ACTIVE)
    return list(search(ctx, wanted, limit=limit).rows)


def countries(ctx: Context) -> list[str]:
    """Return the countries that customers are in."""
    ctx.require("customers.view")
    return sorted(db.session.scalars(select(Customer.country).distinct()))


def waiting(ctx: Context, customer_ids: Collection[UUID]) -> int:
    """Return how many charges of some customers wait to be billed."""
    ctx.require("customers.view")
    return sum(_waiting(customer_ids).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits of a customer."""

    charges: int
    is_parked: bool
    """Whether a bill run set it aside."""


def waiting_by_customer(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, Waiting]:
    """Return what waits of each customer, itself alone."""
    ctx.require("customers.view")
    charges, parked = _waiting(customer_ids), _parked(customer_ids)
    return {
        one: Waiting(charges=charges.get(one, 0), is_parked=one in parked) for one in customer_ids
    }


def _parked(customer_ids: Collection[UUID]) -> set[UUID]:
    return set(
        db.session.scalars(
            select(ParkedCustomer.customer_id).where(
                one_of(ParkedCustomer.customer_id, customer_ids)
            )
        )
    )


def _shown(rows: Sequence[Customer]) -> Iterator[FoundCustomer]:
    """Look up what stands beside the customers of a page: a query each, whatever the page's size."""
    ids = [row.id for row in rows]
    tags, waiting = customer_tags.of_customers(ids), _waiting(ids)
    payers = _names(Customer, {row.payer_id for row in rows if row.payer_id})
    owners = _names(Person, {row.owner_id for row in rows if row.owner_id})
    parked = _parked(ids)
    for row in rows:
        yield FoundCustomer(
            id=row.id,
            reference=row.reference,
            name=row.name,
            country=row.country,
            city=row.city,
            email=row.email,
            currency=row.currency,
            tax_number=row.tax_number,
            payer=payers.get(row.payer_id, "") if row.payer_id else "",
            owner=owners.get(row.owner_id, "") if row.owner_id else "",
            is_active=row.is_active,
            is_parked=row.id in parked,
            is_merged=row.merged_into_id is not None,
            created_at=row.created_at,
            tags=tags.get(row.id, ()),
            charges=waiting.get(row.id, 0),
        )


def _names(kind: type[Customer] | type[Person], ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = db.session.execute(select(kind.id, kind.name).where(kind.id.in_(ids)))
    return dict(rows.tuples().all())


def _conditions(wanted: CustomerFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.state or not wanted.reference:
        conditions += _in_state(wanted.state)
    if wanted.reference:
        conditions.append(Customer.reference == wanted.reference)
    if text := wanted.text.strip()[:NAME]:
        conditions.append(_mentions(text))
    if wanted.country:
        conditions.append(Customer.country == wanted.country)
    if wanted.owner_id:
        conditions.append(Customer.owner_id == wanted.owner_id)
    if wanted.payer_id:
        conditions.append(Customer.payer_id == wanted.payer_id)
    if wanted.tag:
        tagged = select(CustomerTag.customer_id).where(CustomerTag.tag == wanted.tag)
        conditions.append(Customer.id.in_(tagged))
    return conditions


def _in_state(state: CustomerState | None) -> list[Any]:
    living = Customer.merged_into_id.is_(None)
    match state:
        case None:
            return [living]
        case CustomerState.ACTIVE:
            return [living, Customer.is_active]
        case CustomerState.INACTIVE:
            return [living, ~Customer.is_active]
        case CustomerState.PARKED:
            return [Customer.id.in_(select(ParkedCustomer.customer_id))]
        case CustomerState.MERGED:
            return [Customer.merged_into_id.is_not(None)]


def _mentions(text: str) -> Any:
    """Look for a part of a text; the reference of a duplicate finds who took its place."""
    kept = db.session.scalar(select(Customer.merged_into_id).where(Customer.reference == text))
    return or_(
        *([Customer.id == kept] if kept else []),
        *(
            column.icontains(spelling, autoescape=True)
            for column in (Customer.name, Customer.reference, Customer.email)
            for spelling in _spellings(text)
        ),
    )


def _spellings(text: str) -> set[str]:
    """SQLite, and PostgreSQL in the C locale, know the case of ASCII letters alone."""
    return {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}


def _waiting(customer_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count what waits of each customer, by the queue of those who pay for them."""
    if not customer_ids:
        return {}
    payers = select(func.coalesce(Customer.payer_id, Customer.id)).where(
        one_of(Customer.id, customer_ids)
    )
    rows = db.session.execute(
        select(ChargeRow.customer_id, func.count())
        .select_from(ChargeOpen)
        .join(
            ChargeRow,
            and_(
                ChargeRow.tenant_id == ChargeOpen.tenant_id,
                ChargeRow.id == ChargeOpen.charge_id,
            ),
        )
        .where(ChargeOpen.payer_id.in_(payers), one_of(ChargeRow.customer_id, customer_ids))
        .group_by(ChargeRow.customer_id)
    )
    return dict(rows.tuples().all())
