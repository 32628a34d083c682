"""Statements of open items as the API gives them."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.statements import Age, CurrencyStatement, Statement, StatementItem
from billhook.domain.states import DocumentType
from billhook.money import amount_text
from billhook.sdk.api import Answer


class StatementItemAnswer(Answer):
    """An open invoice, or a credit, whose amounts are below zero."""

    document_id: UUID | None
    type: DocumentType
    number: str
    issue_on: date
    due_on: date
    days_overdue: int = Field(description="0 before it is due, and of a credit.")
    amount: str
    settled: str
    open: str
    is_disputed: bool = Field(description="Whether the client disputes the document.")

    @classmethod
    def of(cls, one: StatementItem) -> "StatementItemAnswer":
        """Return how the API shows an item."""
        return cls(
            document_id=one.document_id,
            type=one.type,
            number=one.number,
            issue_on=one.issue_on,
            due_on=one.due_on,
            days_overdue=one.days_overdue,
            amount=amount_text(one.amount, one.currency),
            settled=amount_text(one.settled, one.currency),
            open=amount_text(one.open, one.currency),
            is_disputed=one.is_disputed,
        )


class AgeAnswer(Answer):
    """What of the invoices has been overdue for some days."""

    age: Age
    count: int
    open: str


class CurrencyStatementAnswer(Answer):
    """What is open in one currency. The sums count all items."""

    currency: str
    items: list[StatementItemAnswer] = Field(description="The first due first.")
    ages: list[AgeAnswer] = Field(description="All ages, the youngest first.")
    owed: str = Field(description="What is open of invoices.")
    overdue: str = Field(description="What of that was due before `as_of`.")
    credit: str = Field(description="What is open of credits.")
    balance: str = Field(description="What is owed without the credit.")

    @classmethod
    def of(cls, one: CurrencyStatement) -> "CurrencyStatementAnswer":
        """Return how the API shows what is open in a currency."""
        return cls(
            currency=one.currency,
            items=[StatementItemAnswer.of(item) for item in one.items],
            ages=[
                AgeAnswer(
                    age=found.age,
                    count=found.count,
                    open=amount_text(found.open, one.currency),
                )
                for found in one.ages
            ],
            owed=amount_text(one.owed, one.currency),
            overdue=amount_text(one.overdue, one.currency),
            credit=amount_text(one.credit, one.currency),
            balance=amount_text(one.balance, one.currency),
        )


class StatementAnswer(Answer):
    """What is open of what a customer pays."""

    customer_id: UUID = Field(description="Of a duplicate, who took its place.")
    as_of: date = Field(description="Today in the company's time zone.")
    left_out: int = Field(
        description=f"How many items are not listed: {limits.STATEMENT_ITEMS} are at most."
    )
    currencies: list[CurrencyStatementAnswer]

    @classmethod
    def of(cls, found: Statement) -> "StatementAnswer":
        """Return how the API shows a statement."""
        return cls(
            customer_id=found.customer_id,
            as_of=found.as_of,
            left_out=found.left_out,
            currencies=[CurrencyStatementAnswer.of(one) for one in found.currencies],
        )
