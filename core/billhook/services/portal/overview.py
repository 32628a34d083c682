"""What a client owes, and why: the sums by currency, what makes them up, what is new."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select

from billhook.columns import Day, Id
from billhook.db import db
from billhook.models.documents import DocumentRow
from billhook.models.ledger import Credit, Receivable
from billhook.services.portal import clients, documents
from billhook.services.portal.clients import Client
from billhook.services.portal.documents import ClientDocument

NEXT = 6
RECENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a client stands to in one currency, in minor units."""

    currency: str
    owed: int
    """What is open of the invoices that the client pays."""
    overdue: int
    credit: int
    """What is left of credit notes."""
    invoices: int
    overdue_invoices: int
    next_due_on: date | None
    """The first day from today on which something is due."""

    @property
    def total(self) -> int:
        """What is to be paid; below zero is in the client's favour."""
        return self.owed - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a client sees first."""

    balances: tuple[Owed, ...]
    """The currency in which most is open first."""
    to_pay: tuple[ClientDocument, ...]
    """The first due first."""
    more_to_pay: int
    """How many open invoices are not among them."""
    recent: tuple[ClientDocument, ...]
    """The newest first; without those that are to be paid."""


def overview(client: Client) -> Overview:
    """Return what a client owes, what makes it up and what came last, in few queries."""
    client.require(clients.SEE)
    balances = _balances(client)
    open_count = sum(one.invoices for one in balances)
    to_pay = _found(client, _open_first(), payers=list(client.customer_ids)) if open_count else []
    due = {one.id for one in to_pay}
    others = [one for one in _found(client, _newest()) if one.id not in due][:RECENT]
    shown = documents.told([*to_pay, *others])
    return Overview(
        balances=balances,
        to_pay=shown[: len(to_pay)],
        more_to_pay=open_count - len(to_pay),
        recent=shown[len(to_pay) :],
    )


def _found(client: Client, query: Select[Any], **given: object) -> list[ClientDocument]:
    return [documents.entry(client, row) for row in db.session.execute(query, given)]


@cache
def _newest() -> Select[Any]:
    return (
        documents.entries()
        .order_by(DocumentRow.issue_on.desc(), DocumentRow.id.desc())
        .limit(RECENT + NEXT)
    )


@cache
def _open_first() -> Select[Any]:
    receivable = documents.table(Receivable)
    return (
        documents.entries()
        .where(
            DocumentRow.payer_id.in_(_payers()),
            receivable.c.allocated < receivable.c.amount,
        )
        .order_by(receivable.c.due_on, DocumentRow.id)
        .limit(NEXT)
    )


@dataclass(slots=True)
class _Sums:
    """What was added up so far."""

    owed: int = 0
    overdue: int = 0
    credit: int = 0
    invoices: int = 0
    overdue_invoices: int = 0
    next_due_on: date | None = None


def _balances(client: Client) -> tuple[Owed, ...]:
    given = {"payers": list(client.customer_ids), "today": client.ctx.today()}
    sums: dict[str, _Sums] = defaultdict(_Sums)
    for row in db.session.execute(_owed(), given):
        found = sums[row.currency]
        found.owed, found.overdue = int(row.owed), int(row.overdue)
        found.invoices, found.overdue_invoices = row.invoices, int(row.overdue_invoices)
        found.next_due_on = row.next_due_on
    for row in db.session.execute(_given_back(), given):
        sums[row.currency].credit = int(row.credit)
    balances = (
        Owed(
            currency=currency,
            owed=one.owed,
            overdue=one.overdue,
            credit=one.credit,
            invoices=one.invoices,
            overdue_invoices=one.overdue_invoices,
            next_due_on=one.next_due_on,
        )
        for currency, one in sums.items()
    )
    return tuple(sorted(balances, key=lambda one: (-one.invoices, one.currency)))


def _payers() -> Any:
    return bindparam("payers", expanding=True, type_=Id())


@cache
def _owed() -> Select[Any]:
    left = Receivable.amount - Receivable.allocated
    is_overdue = Receivable.due_on < bindparam("today", type_=Day())
    return (
        select(
            Receivable.currency,
            func.sum(left).label("owed"),
            func.sum(case((is_overdue, left), else_=0)).label("overdue"),
            func.count().label("invoices"),
            func.sum(case((is_overdue, 1), else_=0)).label("overdue_invoices"),
            func.min(case((~is_overdue, Receivable.due_on))).label("next_due_on"),
        )
        .where(Receivable.payer_id.in_(_payers()), Receivable.allocated < Receivable.amount)
        .group_by(Receivable.currency)
    )


@cache
def _given_back() -> Select[Any]:
    return (
        select(Credit.currency, func.sum(Credit.amount - Credit.allocated).label("credit"))
        .where(Credit.payer_id.in_(_payers()), Credit.allocated < Credit.amount)
        .group_by(Credit.currency)
    )
