"""Statements of open items: what a customer has to pay on a day, and for how long it is late."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from billhook.domain.states import DocumentType


class Age(StrEnum):
    """For how many days something is overdue."""

    NOT_DUE = "not_due"
    UP_TO_30 = "1_30"
    UP_TO_60 = "31_60"
    UP_TO_90 = "61_90"
    OVER_90 = "over_90"


_LAST_DAY = {Age.NOT_DUE: 0, Age.UP_TO_30: 30, Age.UP_TO_60: 60, Age.UP_TO_90: 90}


def due_since(age: Age, as_of: date) -> date | None:
    """Return the first due date of an age; None for the oldest. The younger ages begin later."""
    days = _LAST_DAY.get(age)
    return None if days is None else as_of - timedelta(days=days)


def age_of(due_on: date, as_of: date) -> Age:
    """Return how late something is. What is due today is not late."""
    days = (as_of - due_on).days
    return next((age for age, last in _LAST_DAY.items() if days <= last), Age.OVER_90)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem:
    """An open invoice or credit; amounts in minor units, those of a credit below zero."""

    document_id: UUID | None
    type: DocumentType
    number: str
    currency: str
    issue_on: date
    due_on: date
    days_overdue: int
    """0 before it is due, and for a credit."""
    amount: int
    settled: int
    is_disputed: bool

    @property
    def open(self) -> int:
        return self.amount - self.settled


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeSum:
    """What of the invoices has an age."""

    age: Age
    count: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyStatement:
    """What is open in one currency. The sums count what is not listed, too."""

    currency: str
    items: tuple[StatementItem, ...]
    """The first due first."""
    ages: tuple[AgeSum, ...]
    """All ages, the youngest first."""
    credits: int
    """How many credits are open."""
    credit: int
    """What is open of them."""

    @property
    def owed(self) -> int:
        return sum(one.open for one in self.ages)

    @property
    def overdue(self) -> int:
        return sum(one.open for one in self.ages if one.age is not Age.NOT_DUE)

    @property
    def balance(self) -> int:
        """What is to be paid; below zero where credits are more."""
        return self.owed - self.credit

    @property
    def count(self) -> int:
        """How many items are open."""
        return self.credits + sum(one.count for one in self.ages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is open of what a customer pays, on a day of the tenant's zone."""

    customer_id: UUID
    as_of: date
    currencies: tuple[CurrencyStatement, ...]
    """Those in which something is open."""

    @property
    def count(self) -> int:
        return sum(one.count for one in self.currencies)

    @property
    def left_out(self) -> int:
        """How many items the sums count that are not listed."""
        return self.count - sum(len(one.items) for one in self.currencies)
