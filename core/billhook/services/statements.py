"""What is open of what a customer pays, as of today.

Payments of a period join here: they stand between what was open before and what is open now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, select

from billhook import limits
from billhook.db import db
from billhook.domain.statements import (
    Age,
    AgeSum,
    CurrencyStatement,
    Statement,
    StatementItem,
    age_of,
    due_since,
)
from billhook.domain.states import DocumentType
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.models.customers import Customer
from billhook.models.documents import DocumentRow, DocumentSeal
from billhook.models.ledger import Credit, Receivable
from billhook.sdk.context import Context
from billhook.services import merged
from billhook.services.disputes import open_disputes
from billhook.services.sets import one_of

Row = type[Receivable] | type[Credit]


def of_customer(ctx: Context, customer_id: UUID) -> Statement:
    """Return a customer's statement; that of a duplicate is who took its place's.

    Raises NotFound.
    """
    ctx.require("documents.view")
    row = db.session.execute(
        select(Customer.id, Customer.merged_into_id).where(Customer.id == customer_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_("customer"), customer_id)
    kept = row.merged_into_id or row.id
    return read(ctx, kept, merged.family(kept))


def read(ctx: Context, customer_id: UUID, family: Collection[UUID]) -> Statement:
    """Return the statement of a customer and its duplicates, for whoever may see it.

    Of more than `limits.STATEMENT_ITEMS` the first due are listed, and all are counted.
    """
    today = ctx.today()
    ages = _ages(family, today)
    credited = _credited(family)
    listed = _listed(family, today)
    return Statement(
        customer_id=customer_id,
        as_of=today,
        currencies=tuple(
            CurrencyStatement(
                currency=currency,
                items=tuple(one for one in listed if one.currency == currency),
                ages=tuple(
                    ages[currency].get(age, AgeSum(age=age, count=0, open=0)) for age in Age
                ),
                credits=credited.get(currency, (0, 0))[0],
                credit=credited.get(currency, (0, 0))[1],
            )
            for currency in sorted(ages.keys() | credited.keys())
        ),
    )


def _ages(family: Collection[UUID], today: date) -> dict[str, dict[Age, AgeSum]]:
    """Sum what is owed by currency and age, however many items there are."""
    younger = [
        (Receivable.due_on >= since, literal(age.value))
        for age in Age
        if (since := due_since(age, today)) is not None
    ]
    age = case(*younger, else_=literal(Age.OVER_90.value)).label("age")
    rows = db.session.execute(
        select(
            Receivable.currency,
            age,
            func.count().label("items"),
            func.sum(Receivable.amount - Receivable.allocated).label("open"),
        )
        .where(*_open(Receivable, family))
        .group_by(Receivable.currency, "age")
    )
    found: dict[str, dict[Age, AgeSum]] = defaultdict(dict)
    for row in rows:
        known = Age(row.age)
        found[row.currency][known] = AgeSum(age=known, count=row.items, open=int(row.open))
    return found


def _credited(family: Collection[UUID]) -> dict[str, tuple[int, int]]:
    """Return how many credits are open in each currency, and what is open of them."""
    rows = db.session.execute(
        select(Credit.currency, func.count(), func.sum(Credit.amount - Credit.allocated))
        .where(*_open(Credit, family))
        .group_by(Credit.currency)
    )
    return {currency: (count, int(left)) for currency, count, left in rows}


def _open(row: Row, family: Collection[UUID]) -> Sequence[Any]:
    return (one_of(row.payer_id, family), row.allocated < row.amount)


def _listed(family: Collection[UUID], today: date) -> list[StatementItem]:
    """Return the items, invoices before credits where there are too many, by their due dates."""
    rows = list(db.session.execute(_items(Receivable, Receivable.due_on, family)))
    if len(rows) < limits.STATEMENT_ITEMS:
        rows += db.session.execute(
            _items(Credit, DocumentRow.due_on, family).limit(limits.STATEMENT_ITEMS - len(rows))
        )
    disputed = open_disputes([row.document_id for row in rows if row.document_id])
    return sorted(
        _read(rows, today, disputed), key=lambda one: (one.due_on, one.issue_on, one.number)
    )


def _items(row: Row, due_on: Any, family: Collection[UUID]) -> Select[Any]:
    """Select open items with their documents; an item may have none."""
    issue_on = func.coalesce(DocumentRow.issue_on, due_on)
    return (
        select(
            row.document_id,
            row.currency,
            row.amount,
            row.allocated,
            issue_on.label("issue_on"),
            due_on.label("due_on"),
            func.coalesce(DocumentSeal.printed_number, "").label("number"),
            func.coalesce(DocumentRow.type, DocumentType.INVOICE.value).label("type"),
            literal(_SIGNS[row]).label("sign"),
        )
        .outerjoin(
            DocumentRow,
            and_(DocumentRow.tenant_id == row.tenant_id, DocumentRow.id == row.document_id),
        )
        .outerjoin(
            DocumentSeal,
            and_(
                DocumentSeal.tenant_id == row.tenant_id,
                DocumentSeal.document_id == row.document_id,
            ),
        )
        .where(*_open(row, family))
        .order_by(due_on, row.id)
        .limit(limits.STATEMENT_ITEMS)
    )


_SIGNS: dict[Row, int] = {Receivable: 1, Credit: -1}


def _read(rows: Sequence[Any], today: date, disputed: Collection[UUID]) -> Iterator[StatementItem]:
    for row in rows:
        is_late = row.sign > 0 and age_of(row.due_on, today) is not Age.NOT_DUE
        yield StatementItem(
            document_id=row.document_id,
            type=DocumentType(row.type),
            number=row.number,
            currency=row.currency,
            issue_on=row.issue_on,
            due_on=row.due_on,
            days_overdue=(today - row.due_on).days if is_late else 0,
            amount=row.sign * row.amount,
            settled=row.sign * row.allocated,
            is_disputed=row.document_id in disputed,
        )
