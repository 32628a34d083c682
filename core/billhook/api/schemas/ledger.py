"""The books as the API gives them. Amounts: debit positive."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.ledger import AccountType
from billhook.domain.states import DocumentType
from billhook.money import amount_text, parse_decimal, plain
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.journals import (
    EntryFilter,
    EntryView,
    FoundEntry,
    PostingView,
    Statement,
    StatementLine,
)
from billhook.services.ledgers import Balance

Expansion = Literal["postings"]


class DayQuery(Query):
    """As of when."""

    as_of: date | None = Field(None, description="The day included; now, where it is left out.")


class DaysQuery(Query):
    """Which days, both included."""

    since: date
    until: date


class StatementQuery(PageQuery):
    """Which postings; days are included."""

    since: date | None = None
    until: date | None = None


class EntryQuery(Query):
    """What comes with an entry."""

    expand: list[Expansion] = Field(["postings"], max_length=1)


class EntriesQuery(PageQuery):
    """Which entries; what is left out narrows nothing."""

    text: str = Field(
        "",
        max_length=limits.CODE,
        description="A document's number or its beginning, the payer's code, a sequence.",
    )
    since: date | None = None
    until: date | None = None
    account: str = Field("", max_length=20, description="Code of an account.")
    document_type: DocumentType | None = None
    amount: str = Field(
        "",
        max_length=20,
        pattern=r"^(-?[0-9]{1,15}(\.[0-9]{1,4})?)?$",
        description="Of a posting on either side, in whatever currency.",
    )
    direction: Literal["asc", "desc"] = "desc"
    expand: list[Expansion] = Field([], max_length=1)

    def wanted(self) -> EntryFilter:
        """Return what the service looks for."""
        return EntryFilter(
            text=self.text,
            since=self.since,
            until=self.until,
            account=self.account,
            document_type=self.document_type.value if self.document_type else "",
            amount=_amount(self.amount),
        )


def _amount(text: str) -> Decimal | None:
    return parse_decimal(text, decimals=4) if text else None


class CloseInput(Input):
    """Through which day."""

    through: date = Field(description="The last day that takes no postings any more.")


class LedgerAccountAnswer(Answer):
    """An account of the chart in one currency, and what it comes to."""

    code: str
    name: str
    type: AccountType
    currency: str
    debit: str
    credit: str
    balance: str
    base_currency: str
    base_balance: str

    @classmethod
    def of(cls, one: Balance, base_currency: str) -> "LedgerAccountAnswer":
        """Return how the API shows an account."""
        return cls(
            code=one.code,
            name=one.name,
            type=AccountType(one.type),
            currency=one.currency,
            debit=amount_text(one.debit, one.currency),
            credit=amount_text(one.credit, one.currency),
            balance=amount_text(one.balance, one.currency),
            base_currency=base_currency,
            base_balance=amount_text(one.base_balance, base_currency),
        )


class LedgerAccountsAnswer(Answer):
    """The chart as it is in use."""

    data: list[LedgerAccountAnswer]


class CurrencyTotalsAnswer(Answer):
    """What the accounts of one currency come to; debits and credits are equal."""

    currency: str
    debit: str
    credit: str


class TrialBalanceAnswer(Answer):
    """Each account's debits and credits, and their sums."""

    as_of: date | None
    base_currency: str
    base_sum: str = Field(description="Of all accounts in the currency of the books: zero.")
    totals: list[CurrencyTotalsAnswer]
    accounts: list[LedgerAccountAnswer]

    @classmethod
    def of(
        cls, found: Sequence[Balance], as_of: date | None, base_currency: str
    ) -> "TrialBalanceAnswer":
        """Return how the API shows a trial balance."""
        base_sum = sum(one.base_balance for one in found)
        return cls(
            as_of=as_of,
            base_currency=base_currency,
            base_sum=amount_text(base_sum, base_currency),
            totals=list(_totals(found)),
            accounts=[LedgerAccountAnswer.of(one, base_currency) for one in found],
        )


def _totals(found: Iterable[Balance]) -> Iterable[CurrencyTotalsAnswer]:
    in_order = sorted(found, key=lambda one: one.currency)
    for currency, group in groupby(in_order, lambda one: one.currency):
        balances = list(group)
        yield CurrencyTotalsAnswer(
            currency=currency,
            debit=amount_text(sum(one.debit for one in balances), currency),
            credit=amount_text(sum(one.credit for one in balances), currency),
        )


class StatementLineAnswer(Answer):
    """A posting of an account, and what the account came to with it."""

    entry_id: UUID
    sequence: int
    line_no: int
    entry_on: date
    number: str
    document_id: UUID | None
    customer: str
    currency: str
    amount: str
    balance: str

    @classmethod
    def of(cls, one: StatementLine, statement: Statement) -> "StatementLineAnswer":
        """Return how the API shows a line of a statement."""
        return cls(
            entry_id=one.entry_id,
            sequence=one.sequence,
            line_no=one.line_no,
            entry_on=one.entry_on,
            number=one.number,
            document_id=one.document_id,
            customer=one.customer,
            currency=statement.currency,
            amount=amount_text(one.amount, statement.currency),
            balance=amount_text(one.balance, statement.currency),
        )


class PostingAnswer(Answer):
    """One side of an entry; debit positive."""

    line_no: int
    account: str
    account_name: str
    currency: str
    amount: str
    customer_id: UUID | None
    customer: str
    tax_category: str
    tax_rate: str | None

    @classmethod
    def of(cls, one: PostingView) -> "PostingAnswer":
        """Return how the API shows a posting."""
        return cls(
            line_no=one.line_no,
            account=one.account,
            account_name=one.account_name,
            currency=one.currency,
            amount=amount_text(one.amount, one.currency),
            customer_id=one.customer_id,
            customer=one.customer,
            tax_category=one.tax_category,
            tax_rate=None if one.tax_rate is None else plain(one.tax_rate),
        )


class EntryAnswer(Answer):
    """An entry of the journal."""

    id: UUID
    sequence: int
    entry_on: date
    kind: str
    document_id: UUID | None
    document_type: str
    number: str
    customer: str = Field(description="Your own code of who pays.")
    customer_name: str
    currency: str
    amount: str = Field(description="What it debits.")
    postings: list[PostingAnswer] | None = Field(description="With `expand=postings`.")

    @classmethod
    def of(cls, one: FoundEntry, postings: Sequence[PostingView] | None) -> "EntryAnswer":
        """Return how the API shows an entry."""
        return cls(
            id=one.id,
            sequence=one.sequence,
            entry_on=one.entry_on,
            kind=one.kind,
            document_id=one.document_id,
            document_type=one.document_type,
            number=one.number,
            customer=one.customer,
            customer_name=one.customer_name,
            currency=one.currency,
            amount=amount_text(one.amount, one.currency) if one.currency else "0",
            postings=None if postings is None else [PostingAnswer.of(it) for it in postings],
        )


class SealAnswer(Answer):
    """An entry's place in the chain of the journal; hashes are SHA-256."""

    sequence: int
    base_currency: str
    posted_at: datetime
    content_hash: str
    previous_hash: str
    hash: str
    previous_id: UUID | None
    next_id: UUID | None

    @classmethod
    def of(cls, view: EntryView) -> "SealAnswer":
        """Return how the API shows a seal."""
        return cls(
            sequence=view.entry.sequence,
            base_currency=view.base_currency,
            posted_at=view.posted_at,
            content_hash=view.content_hash.hex(),
            previous_hash=view.previous_hash.hex(),
            hash=view.hash.hex(),
            previous_id=view.previous_id,
            next_id=view.next_id,
        )


class ClosingAnswer(Answer):
    """How far the books are closed."""

    closed_through: date | None


class FormatAnswer(Answer):
    """A format in which the journal can be handed over."""

    key: str
    title: str
    plugin: str = Field(description="Empty for the core's own.")


class FormatsAnswer(Answer):
    """All formats."""

    data: list[FormatAnswer]
