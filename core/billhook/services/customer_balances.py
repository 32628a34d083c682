"""What a customer owes and is owed, derived from receivables and credits by their payer."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from billhook.db import db
from billhook.models.ledger import Credit, Receivable
from billhook.sdk.context import Context
from billhook.services import merged
from billhook.services.sets import one_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Of one currency, in minor units."""

    currency: str
    owed: int
    """What is open of its invoices."""
    overdue: int
    """What of that was due before today."""
    credit: int
    """What is open of its credit notes."""
    invoices: int
    """How many invoices are open."""

    @property
    def total(self) -> int:
        return self.owed - self.credit


def of_customer(ctx: Context, customer_id: UUID) -> list[Balance]:
    """Return what is open, by currency; with what its duplicates left."""
    ctx.require("customers.view")
    return of_customers(ctx, [customer_id]).get(customer_id, [])


def of_customers(ctx: Context, customer_ids: Collection[UUID]) -> dict[UUID, list[Balance]]:
    """Return what is open of each customer, by currency; those without anything are left out."""
    ctx.require("customers.view")
    members = merged.families(customer_ids)
    sums: dict[tuple[UUID, str], _Sums] = defaultdict(_Sums)
    for row in db.session.execute(_owed(ctx, members)):
        found = sums[members[row.payer_id], row.currency]
        found.owed += int(row.owed)
        found.overdue += int(row.overdue)
        found.invoices += row.invoices
    for row in db.session.execute(_due_back(members)):
        sums[members[row.payer_id], row.currency].credit += int(row.credit)
    balances: dict[UUID, list[Balance]] = defaultdict(list)
    for customer_id, currency in sorted(sums):
        one = sums[customer_id, currency]
        balances[customer_id].append(
            Balance(
                currency=currency,
                owed=one.owed,
                overdue=one.overdue,
                credit=one.credit,
                invoices=one.invoices,
            )
        )
    return balances


@dataclass(slots=True)
class _Sums:
    """What was added up so far."""

    owed: int = 0
    overdue: int = 0
    credit: int = 0
    invoices: int = 0


def _owed(ctx: Context, members: Mapping[UUID, UUID]) -> Select[Any]:
    left = Receivable.amount - Receivable.allocated
    return (
        select(
            Receivable.payer_id,
            Receivable.currency,
            func.sum(left).label("owed"),
            func.sum(case((Receivable.due_on < ctx.today(), left), else_=0)).label("overdue"),
            func.count().label("invoices"),
        )
        .where(one_of(Receivable.payer_id, members), Receivable.allocated < Receivable.amount)
        .group_by(Receivable.payer_id, Receivable.currency)
    )


def _due_back(members: Mapping[UUID, UUID]) -> Select[Any]:
    return (
        select(
            Credit.payer_id,
            Credit.currency,
            func.sum(Credit.amount - Credit.allocated).label("credit"),
        )
        .where(one_of(Credit.payer_id, members), Credit.allocated < Credit.amount)
        .group_by(Credit.payer_id, Credit.currency)
    )
