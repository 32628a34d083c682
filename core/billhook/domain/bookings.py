"""The journal as it is handed to an accountant's program: frozen, under the numbers people know."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLine:
    """One side of an entry; debit positive, in minor units."""

    account: str
    account_type: str  # of `ledger.AccountType`
    currency: str
    amount: int
    base_amount: int
    tax_category: str = ""
    """UNCL 5305, on postings of tax alone."""
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedEntry:
    """An entry of the journal with what it was posted for."""

    sequence: int
    entry_on: date
    kind: str
    base_currency: str
    lines: tuple[BookedLine, ...]
    number: str = ""  # the document's
    document_type: str = ""
    due_on: date | None = None
    customer: str = ""  # the payer's reference
    customer_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPeriod:
    """The days, both inclusive, whose entries are handed over."""

    since: date
    until: date
    base_currency: str
