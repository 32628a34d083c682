"""What a customer owes and is owed, derived from receivables and credits by their payer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from billhook.db import db
from billhook.models.ledger import Credit, Receivable
from billhook.sdk.context import Context
from billhook.services import merged


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
    family = merged.family(customer_id)
    owed = {row.currency: row for row in db.session.execute(_owed(ctx, family))}
    due_back = dict(db.session.execute(_due_back(family)).tuples().all())
    return [
        Balance(
            currency=currency,
            owed=int(owed[currency].owed) if currency in owed else 0,
            overdue=int(owed[currency].overdue) if currency in owed else 0,
            invoices=owed[currency].invoices if currency in owed else 0,
            credit=int(due_back.get(currency, 0)),
        )
        for currency in sorted(owed.keys() | due_back.keys())
    ]


def _owed(ctx: Context, family: Sequence[UUID]) -> Select[Any]:
    left = Receivable.amount - Receivable.allocated
    return (
        select(
            Receivable.currency,
            func.sum(left).label("owed"),
            func.sum(case((Receivable.due_on < ctx.today(), left), else_=0)).label("overdue"),
            func.count().label("invoices"),
        )
        .where(Receivable.payer_id.in_(family), Receivable.allocated < Receivable.amount)
        .group_by(Receivable.currency)
    )


def _due_back(family: Sequence[UUID]) -> Select[Any]:
    return (
        select(Credit.currency, func.sum(Credit.amount - Credit.allocated))
        .where(Credit.payer_id.in_(family), Credit.allocated < Credit.amount)
        .group_by(Credit.currency)
    )
