"""Double entry: entries whose postings sum to zero in each currency.

Debit is positive. An entry balances in its currency and, through the FX rounding
account, in the tenant's base currency too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from billhook.domain.documents import Document
from billhook.domain.sealing import canonical
from billhook.domain.tax import ComponentKind
from billhook.money import CONTEXT, minor_digits, plain, round_half_away


class AccountType(StrEnum):
    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAccount:
    """An account of the default chart; tenants add their own."""

    code: str
    name: str
    type: AccountType


RECEIVABLE = "1200"
TAX_PAYABLE = "2200"
CUSTOMER_CREDIT = "2100"
REVENUE = "4000"
ADJUSTMENTS = "4090"
ROUNDING = "4900"
FX_ROUNDING = "6950"

DEFAULT_CHART = (
    ChartAccount(code=RECEIVABLE, name="Accounts receivable", type=AccountType.ASSET),
    ChartAccount(code=CUSTOMER_CREDIT, name="Customer credit", type=AccountType.LIABILITY),
    ChartAccount(code=TAX_PAYABLE, name="Tax payable", type=AccountType.LIABILITY),
    ChartAccount(code=REVENUE, name="Revenue", type=AccountType.INCOME),
    ChartAccount(code=ADJUSTMENTS, name="Discounts and surcharges", type=AccountType.INCOME),
    ChartAccount(code=ROUNDING, name="Rounding", type=AccountType.INCOME),
    ChartAccount(code=FX_ROUNDING, name="Exchange rounding", type=AccountType.EXPENSE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One side of an entry; debit positive, in minor units."""

    line_no: int
    account: str  # code of the chart
    currency: str
    amount: int
    base_amount: int
    customer_id: UUID | None = None
    registration_id: UUID | None = None
    tax_category: str = ""
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A journal entry, complete but for its sequence."""

    id: UUID
    entry_on: date
    kind: str  # "document"; later "payment", "reversal", …
    source_id: UUID
    base_currency: str
    postings: tuple[Posting, ...]


class _Leg(NamedTuple):
    account: str
    amount: int
    customer_id: UUID | None = None
    registration_id: UUID | None = None
    tax_category: str = ""
    tax_rate: Decimal | None = None


def document_entry(document: Document, entry_id: UUID) -> Entry | None:
    """Return the entry of a document, the receivable first; None where nothing is to post.

    Invoice: debit receivable; credit revenue by account, tax payable by
    registration, category and rate, rounding. A credit note mirrors it.
    """
    if not (document.net or document.tax or document.gross):
        return None
    legs = [
        _Leg(account=RECEIVABLE, amount=document.payable, customer_id=document.payer_id),
        *(_Leg(account=code, amount=-net) for code, net in _revenue(document).items() if net),
        *_tax_legs(document),
    ]
    if document.prepaid:
        legs.append(
            _Leg(account=CUSTOMER_CREDIT, amount=document.prepaid, customer_id=document.payer_id)
        )
    if document.rounding:
        legs.append(_Leg(account=ROUNDING, amount=-document.rounding))
    if len(legs) == 1:
        legs.append(_Leg(account=REVENUE, amount=0))
    return Entry(
        id=entry_id,
        entry_on=document.issue_on,
        kind="document",
        source_id=document.id,
        base_currency=document.base.currency,
        postings=_postings(document, legs),
    )


def _revenue(document: Document) -> Mapping[str, int]:
    """Sum the nets of lines and adjustments by account."""
    totals: dict[str, int] = {}
    for line in document.lines:
        account = line.revenue_account or REVENUE
        totals[account] = totals.get(account, 0) + line.net
    for item in document.adjustments:
        account = item.account or ADJUSTMENTS
        totals[account] = totals.get(account, 0) + item.net
    return totals


def _tax_legs(document: Document) -> list[_Leg]:
    return [
        _Leg(
            account=TAX_PAYABLE,
            amount=-tax,
            registration_id=component.registration_id,
            tax_category=group.treatment.category or "",
            tax_rate=component.rate,
        )
        for group in document.groups
        for component, tax in zip(group.treatment.components, group.component_taxes, strict=True)
        if tax and component.kind is not ComponentKind.WITHHOLDING
    ]


def _postings(document: Document, legs: Sequence[_Leg]) -> tuple[Posting, ...]:
    sign = document.type.sign
    amounts = [sign * leg.amount for leg in legs]
    bases = [base_amount(amount, document) for amount in amounts]
    posted = list(zip(legs, amounts, bases, strict=True))
    if difference := sum(bases):
        posted.append((_Leg(account=FX_ROUNDING, amount=0), 0, -difference))
    return tuple(
        Posting(
            line_no=number,
            account=leg.account,
            currency=document.currency,
            amount=amount,
            base_amount=base,
            customer_id=leg.customer_id,
            registration_id=leg.registration_id,
            tax_category=leg.tax_category,
            tax_rate=leg.tax_rate,
        )
        for number, (leg, amount, base) in enumerate(posted, 1)
    )


def base_amount(amount: int, document: Document) -> int:
    """Convert minor units of the document's currency into minor units of its base."""
    base = document.base
    if base.currency == document.currency:
        return amount
    major = Decimal(amount).scaleb(-minor_digits(document.currency), CONTEXT)
    return round_half_away(CONTEXT.multiply(major, base.rate), minor_digits(base.currency))


def entry_content(entry: Entry) -> bytes:
    """Return the canonical JSON of an entry that its hash covers."""
    return canonical(
        {
            "version": "1",
            "id": entry.id,
            "entry_on": entry.entry_on,
            "kind": entry.kind,
            "source": entry.source_id,
            "base_currency": entry.base_currency,
            "postings": [_posting(posting) for posting in entry.postings],
        }
    )


def _posting(posting: Posting) -> dict[str, object]:
    return {
        "no": str(posting.line_no),
        "account": posting.account,
        "currency": posting.currency,
        "amount": str(posting.amount),
        "base_amount": str(posting.base_amount),
        "customer": posting.customer_id or "",
        "registration": posting.registration_id or "",
        "category": posting.tax_category,
        "rate": "" if posting.tax_rate is None else plain(posting.tax_rate),
    }
