"""Customers whom a bill run set aside: listed with a reason until billing works again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, select

from billhook.db import db
from billhook.ids import new_id
from billhook.models.customers import Customer, ParkedCustomer
from billhook.sdk.context import Context
from billhook.services.assembling import Parked
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
    rows = db.session.execute(
        select(ParkedCustomer, Customer.reference, Customer.name)
        .join(
            Customer,
            and_(
                Customer.tenant_id == ParkedCustomer.tenant_id,
                Customer.id == ParkedCustomer.customer_id,
            ),
        )
        .order_by(Customer.reference)
    )
    return [
        ParkedEntry(
            customer_id=row.customer_id,
            customer=reference,
            name=name,
            code=row.code,
            reason=row.reason,
            plugin=row.plugin,
            run_id=row.run_id,
            parked_at=row.parked_at,
        )
        for row, reference, name in rows
    ]
