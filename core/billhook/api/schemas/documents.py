"""Documents as the API gives them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.document_content import (
    DetailsAnswer,
    DocumentLineAnswer,
    TaxGroupAnswer,
)
from billhook.api.schemas.families import FamilyAnswer
from billhook.domain.deliveries import DeliveryState
from billhook.domain.documents import Document
from billhook.domain.states import DocumentType
from billhook.money import amount_text
from billhook.sdk.api import Answer, PageQuery, Query
from billhook.services.document_search import (
    CurrencyTotal,
    DocumentFilter,
    DocumentOrder,
    FoundDocument,
)
from billhook.services.links import Family

Expansion = Literal["lines", "taxes", "details", "links"]
Direction = Literal["asc", "desc"]


class DocumentQuery(Query):
    """What comes with a document."""

    expand: list[Expansion] = Field(
        ["lines", "taxes", "details"],
        max_length=4,
        description="What else to answer; the list answers none of it by itself.",
    )


class DocumentFilters(Query):
    """Which documents; what is left out narrows nothing."""

    text: str = Field(
        "", max_length=limits.NAME, description="In number, customer's name or reference."
    )
    number: str = Field("", max_length=limits.CODE, description="The whole number, as printed.")
    type: DocumentType | None = None
    currency: str = Field("", max_length=3, description="ISO 4217.")
    customer: str = Field(
        "", max_length=limits.CODE, description="Your own code; with what its duplicates have."
    )
    customer_id: UUID | None = None
    delivery: DeliveryState | None = Field(None, description="Of any of its deliveries.")
    since: date | None = Field(None, description="First day of issue.")
    until: date | None = Field(None, description="Last day of issue.")

    def wanted(self) -> DocumentFilter:
        """Return what the service looks for."""
        return DocumentFilter(
            text=self.text,
            number=self.number,
            kind=self.type,
            currency=self.currency,
            customer=self.customer,
            customer_id=self.customer_id,
            delivery=self.delivery,
            since=self.since,
            until=self.until,
        )


class DocumentsQuery(DocumentFilters, PageQuery):
    """Which documents, in which order."""

    sort: DocumentOrder = DocumentOrder.DATE
    direction: Direction = "desc"
    expand: list[Expansion] = Field([], max_length=4, description="What else to answer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """What was asked for beside the documents, by their ids."""

    wanted: frozenset[str] = frozenset()
    contents: Mapping[UUID, Document] = field(default_factory=dict)
    families: Mapping[UUID, Family] = field(default_factory=dict)


class DocumentAnswer(Answer):
    """An issued invoice or credit note. Amounts are positive on both."""

    id: UUID
    number: str
    type: DocumentType
    customer_id: UUID
    customer: str = Field(description="Your own code.")
    customer_name: str
    currency: str
    issue_on: date
    due_on: date
    net: str
    tax: str
    gross: str
    payable: str
    open: str = Field(description="What is not settled yet.")
    is_void: bool
    is_disputed: bool = Field(description="Whether a dispute of the client's is open about it.")
    delivery: DeliveryState | None = Field(
        description="The worst of its channels' last deliveries; null where nothing was sent."
    )
    seen_at: datetime | None = Field(
        description="When the client first opened it at the portal; it cannot be voided any more."
    )
    credits_document_id: UUID | None = Field(
        description="The invoice that a credit note takes back."
    )
    hash: str = Field(description="SHA-256 that seals its content in the chain of documents.")
    lines: list[DocumentLineAnswer] | None = Field(description="With `expand=lines`.")
    taxes: list[TaxGroupAnswer] | None = Field(description="With `expand=taxes`.")
    details: DetailsAnswer | None = Field(description="With `expand=details`.")
    links: FamilyAnswer | None = Field(
        description="With `expand=links`: what it came from and what it became."
    )

    @classmethod
    def of(cls, found: FoundDocument, expanded: Expanded) -> "DocumentAnswer":
        """Return how the API shows a document."""
        entry, wanted = found.entry, expanded.wanted
        content = expanded.contents.get(entry.id)
        family = expanded.families.get(entry.id)
        return cls(
            id=entry.id,
            number=entry.number,
            type=entry.type,
            customer_id=entry.customer_id,
            customer=entry.customer,
            customer_name=entry.customer_name,
            currency=entry.currency,
            issue_on=entry.issue_on,
            due_on=entry.due_on,
            net=amount_text(entry.net, entry.currency),
            tax=amount_text(entry.tax, entry.currency),
            gross=amount_text(entry.gross, entry.currency),
            payable=amount_text(entry.payable, entry.currency),
            open=amount_text(entry.open, entry.currency),
            is_void=entry.is_void,
            is_disputed=found.is_disputed,
            delivery=found.delivery,
            seen_at=found.seen_at,
            credits_document_id=entry.credits_id,
            hash=entry.hash,
            lines=DocumentLineAnswer.all_of(content) if content and "lines" in wanted else None,
            taxes=TaxGroupAnswer.all_of(content) if content and "taxes" in wanted else None,
            details=DetailsAnswer.of(content) if content and "details" in wanted else None,
            links=FamilyAnswer.of(family) if family else None,
        )


class SumAnswer(Answer):
    """What documents of one currency come to; credit notes count against invoices."""

    currency: str
    documents: int
    net: str
    tax: str
    gross: str

    @classmethod
    def of(cls, total: CurrencyTotal) -> "SumAnswer":
        """Return how the API shows a sum."""
        return cls(
            currency=total.currency,
            documents=total.documents,
            net=amount_text(total.net, total.currency),
            tax=amount_text(total.tax, total.currency),
            gross=amount_text(total.gross, total.currency),
        )


class SumsAnswer(Answer):
    """Sums, a currency each."""

    data: list[SumAnswer]
