"""Customers whom a bill run set aside: listed with a reason until billing works again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, delete, select

from billhook.db import db
from billhook.ids import new_id
from billhook.limits import PAGE_ROWS
from billhook.models.customers import Customer, ParkedCustomer
from billhook.sdk.context import Context
from billhook.services.assembling import Parked
from billhook.services.paging import Order, Slice, cut
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedEntry:
    """A parked customer as people see it."""

    customer_id: UUID
    customer: str
    name: str
    code: str
    reason: str
    plugin: str
    run_id: UUID
    parked_at: datetime


def settle(
    ctx: Context, run_id: UUID, *, billed: Collection[UUID], parked: Sequence[Parked]
) -> None:
    """Note who is parked, and forget who is billed again. Inside the part's transaction."""
    session = db.session
    touched = set(billed) | {item.customer_id for item in parked}
    if touched:
        session.execute(
            delete(ParkedCustomer)
            .where(
                ParkedCustomer.tenant_id == ctx.tenant.id,
                one_of(ParkedCustomer.customer_id, touched),
            )
            .execution_options(synchronize_session=False)
        )
    session.add_all(
        ParkedCustomer(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            customer_id=item.customer_id,
            run_id=run_id,
            code=item.code,
            reason=item.reason,
            plugin=item.plugin,
            parked_at=ctx.now(),
        )
        for item in parked
    )
    session.flush()


def listing(ctx: Context) -> list[ParkedEntry]:
    """Return the parked customers, by reference."""
    ctx.require("bill_runs.view")
    return [_entry(row) for row in db.session.execute(_parked().order_by(Customer.reference))]


def search(
    ctx: Context, *, run_id: UUID | None = None, after: str = "", limit: int = PAGE_ROWS
) -> Slice[ParkedEntry]:
    """Return a page of the parked customers, by reference; those of one run where it is named.

    Raises ValidationFailed for a cursor that is none.
    """
    ctx.require("bill_runs.view")
    wanted = _parked().where(ParkedCustomer.run_id == run_id) if run_id else _parked()
    orders = (Order(Customer.reference, str), Order(ParkedCustomer.id, UUID))
    return cut(wanted, orders, after=after, limit=limit, make=_entry)


def _parked() -> Select[Any]:
    return select(ParkedCustomer, Customer.reference, Customer.name).join(
        Customer,
        and_(
            Customer.tenant_id == ParkedCustomer.tenant_id,
            Customer.id == ParkedCustomer.customer_id,
        ),
    )


def _entry(found: Row[Any]) -> ParkedEntry:
    row, reference, name = found[:3]
    return ParkedEntry(
        customer_id=row.customer_id,
        customer=reference,
        name=name,
        code=row.code,
        reason=row.reason,
        plugin=row.plugin,
        run_id=row.run_id,
        parked_at=row.parked_at,
    )
