"""Drafts as the API takes and gives them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.adjustments import MOST, AdjustmentGiven, typed
from billhook.api.schemas.customers import CustomerAnswer
from billhook.api.schemas.document_content import AdjustmentAnswer, UnissuedAnswer
from billhook.api.schemas.families import FamilyAnswer
from billhook.api.schemas.problems import Remark, remarks
from billhook.domain.states import DocumentType, DraftState, Supply
from billhook.money import amount_text, plain
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.draft_editing import MOST_LINES, DraftInput, LineInput
from billhook.services.draft_search import DraftFilter
from billhook.services.draft_sheets import DraftSheet, SheetLine
from billhook.services.taxing import Outcome

Expansion = Literal["lines", "document", "customer", "links"]

_NUMBER = 60
_FIELD = limits.TEXT
_FIELDS = 100
_TYPED = re.compile(r"(lines|adjustments|fields)-")
_VALUE = re.compile(r"(.*adjustments\.\d+)\.value")

FieldTexts = dict[str, str]


class LineGiven(Input):
    """A line: by a product, whose name and prices hold where nothing else is sent, or free."""

    key: str = Field("", max_length=40, description="Of the line that it was; empty on a new one.")
    sku: str = Field("", max_length=limits.CODE, description="Of a stored product, or your own.")
    description: str = Field("", max_length=limits.TEXT, examples=["Consulting"])
    section: str = Field("", max_length=limits.NAME, description="The heading it stands under.")
    quantity: str = Field("1", max_length=_NUMBER, examples=["12.5"])
    unit: str = Field("", max_length=10, description="UN/ECE Recommendation 20.", examples=["HUR"])
    unit_price: str = Field("", max_length=_NUMBER, description="The product's where empty.")
    base_quantity: str = Field("", max_length=_NUMBER, description="What the unit price is for.")
    adjustments: list[AdjustmentGiven] = Field([], max_length=MOST)
    tax_category: str = Field("", max_length=limits.CODE, examples=["standard"])
    supply: Supply | None = None
    supplied_on: date | None = Field(None, description="The day of issue where it is left out.")
    period_from: date | None = None
    period_until: date | None = Field(None, description="The last day.")
    fields: FieldTexts = Field({}, max_length=_FIELDS, description="Of your own fields.")

    def typed(self, place: int) -> LineInput:
        """Return the line as the editor takes it. Raises ValidationFailed."""
        return LineInput(
            key=self.key,
            sku=self.sku,
            description=self.description,
            section=self.section,
            quantity=self.quantity,
            unit=self.unit,
            unit_price=self.unit_price,
            base_quantity=self.base_quantity,
            adjustments=typed(self.adjustments, f"lines.{place}.adjustments"),
            tax_category=self.tax_category,
            supply=self.supply or "",
            supplied_on=_day(self.supplied_on),
            period_from=_day(self.period_from),
            period_until=_day(self.period_until),
            fields=self.fields,
        )


class DraftChanges(Input):
    """Fields of a draft; what is left out stays. `lines` and `fields` are replaced as a whole."""

    customer: str | None = Field(None, max_length=limits.NAME, description="Reference.")
    currency: str | None = Field(None, max_length=3, description="The customer's where empty.")
    lines: list[LineGiven] | None = Field(None, max_length=MOST_LINES)
    adjustments: list[AdjustmentGiven] | None = Field(
        None, max_length=MOST, description="Discounts and surcharges of the whole."
    )
    note: str | None = Field(None, max_length=limits.TEXT)
    terms: str | None = Field(None, max_length=limits.TEXT, description="Of payment.")
    purchase_order: str | None = Field(None, max_length=limits.CODE)
    buyer_reference: str | None = Field(
        None, max_length=limits.CODE, examples=["04011000-1234-34"]
    )
    payment_days: int | None = Field(
        None, ge=0, le=3_650, description="On a draft, null is the customer's."
    )
    issue_on: date | None = Field(None, description="Null is the day on which it is issued.")
    language: str | None = Field(None, max_length=20, description="The customer's where empty.")
    brand: str | None = Field(None, max_length=limits.CODE, description="Its code.")
    delivery_country: str | None = Field(None, max_length=2, description="ISO 3166-1.")
    fields: FieldTexts | None = Field(None, max_length=_FIELDS, description="Of your own fields.")

    def over(self, stored: DraftInput) -> DraftInput:
        """Return a draft with what was sent. Raises ValidationFailed."""
        sent: dict[str, Any] = {
            name: _typed(name, getattr(self, name)) for name in self.model_fields_set
        }
        return replace(stored, **sent)


class NewDraft(DraftChanges):
    """A draft to be. What is left out of its terms is the customer's."""

    customer: str = Field(min_length=1, max_length=limits.NAME, description="Reference.")

    def whole(self) -> DraftInput:
        """Return the draft as the editor takes it. Raises ValidationFailed."""
        return self.over(DraftInput())


def _typed(name: str, value: object) -> object:
    """Return a field's value as the editor takes it."""
    match name, value:
        case "lines", list():
            return tuple(line.typed(place) for place, line in enumerate(value))
        case "adjustments", list():
            return typed(value, "adjustments")
        case (("lines" | "adjustments"), _):
            return ()
        case "fields", _:
            return value or {}
        case _, date():
            return value.isoformat()
        case _, int():
            return str(value)
    return value or ""


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def placed(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems with the names and places of the request's fields."""
    return [replace(one, path=_path(one.path)) for one in problems]


def _path(path: str) -> str:
    if not _TYPED.match(path):
        return path
    dotted = path.replace("-", ".")
    found = _VALUE.fullmatch(dotted)
    return found.group(1) if found else dotted


class DraftIds(Input):
    """Drafts that become one."""

    ids: list[UUID] = Field(min_length=2, max_length=100)


class IssueInput(Input):
    """When a draft is issued."""

    issue_on: date | None = Field(None, description="The draft's own day, else today.")


class DiscardInput(Input):
    """Why a draft is given up."""

    reason: str = Field("", max_length=limits.REASON)


class DraftQuery(Query):
    """What comes with a draft."""

    expand: list[Expansion] = Field(
        ["lines"],
        max_length=4,
        description="`document` is what it would be if it were issued, with totals and taxes, "
        "or what keeps it from that.",
    )


class DraftsQuery(PageQuery):
    """Which drafts; what is left out narrows nothing."""

    text: str = Field("", max_length=limits.NAME, description="In customer or order number.")
    state: DraftState | None = None
    type: DocumentType | None = None
    currency: str = Field("", max_length=3)
    customer: str = Field("", max_length=limits.CODE, description="Reference.")
    customer_id: UUID | None = None
    bill_run_id: UUID | None = None
    sort: Literal["-made", "made", "customer", "-customer"] = "-made"
    expand: list[Expansion] = Field([], max_length=4, description="What else to answer.")

    def wanted(self) -> DraftFilter:
        """Return the filter."""
        return DraftFilter(
            text=self.text,
            state=self.state,
            kind=self.type,
            currency=self.currency,
            customer=self.customer,
            customer_id=self.customer_id,
            run_id=self.bill_run_id,
        )


class DraftLineAnswer(Answer):
    """A line of a draft."""

    key: str = Field(description="It stays while the draft is edited.")
    sku: str
    description: str
    section: str
    quantity: str
    unit: str
    unit_price: str
    base_quantity: str
    amount: str = Field(description="Signed, before tax, or with it where prices include tax.")
    adjustments: list[AdjustmentAnswer]
    tax_category: str
    supply: Supply
    supplied_on: date
    period_from: date | None
    period_until: date | None = Field(description="The last day.")
    revenue_account: str
    product_id: UUID | None
    charge_id: UUID | None
    explanation: str = Field(description="Why this price, in words.")
    fields: FieldTexts

    @classmethod
    def of(cls, one: SheetLine, currency: str) -> "DraftLineAnswer":
        """Return how the API shows a line."""
        line = one.line
        return cls(
            key=one.key,
            sku=line.sku,
            description=line.description,
            section=line.section_label,
            quantity=plain(line.quantity),
            unit=line.unit,
            unit_price=plain(line.unit_price),
            base_quantity=plain(line.base_quantity),
            amount=amount_text(line.amount, currency),
            adjustments=[AdjustmentAnswer.of(item, currency) for item in line.adjustments],
            tax_category=line.tax_category,
            supply=line.supply,
            supplied_on=line.supplied_on,
            period_from=line.period.start if line.period else None,
            period_until=line.period.last_day if line.period else None,
            revenue_account=line.revenue_account,
            product_id=line.product_id,
            charge_id=line.charge_id,
            explanation=line.explanation,
            fields=dict(one.fields),
        )


class DraftDocument(Answer):
    """What a draft would be if it were issued: null, and why, where it cannot be."""

    document: UnissuedAnswer | None
    problems: list[Remark]
    warnings: list[Remark]

    @classmethod
    def of(cls, outcome: Outcome) -> "DraftDocument":
        """Return how the API shows what a draft comes to."""
        return cls(
            document=UnissuedAnswer.of(outcome.document) if outcome.document else None,
            problems=remarks(outcome.refused.problems if outcome.refused else ()),
            warnings=remarks(outcome.warnings),
        )


class DraftAnswer(Answer):
    """A draft. What is empty or null among its terms is the customer's."""

    id: UUID
    state: DraftState
    type: DocumentType
    customer_id: UUID
    customer: str = Field(description="Reference.")
    customer_name: str
    payer_id: UUID
    currency: str
    net: str = Field(description="The sum of the lines, before discounts of the whole.")
    line_count: int
    adjustments: list[AdjustmentAnswer]
    note: str
    terms: str
    purchase_order: str
    buyer_reference: str
    payment_days: int | None
    issue_on: date | None
    language: str
    brand: str
    delivery_country: str
    reference: str = Field(description="Which part of a split it is.")
    fields: FieldTexts
    bill_run_id: UUID | None
    created_at: datetime
    version: int
    lines: list[DraftLineAnswer] | None = Field(None, description="Only if expanded.")
    document: DraftDocument | None = Field(None, description="Only if expanded.")
    customer_details: CustomerAnswer | None = Field(
        None, description="Only if `customer` is expanded; needs `customers.view`."
    )
    links: FamilyAnswer | None = Field(
        None, description="Only if expanded; needs `documents.view`."
    )

    @classmethod
    def of(
        cls,
        sheet: DraftSheet,
        *,
        lines: list[DraftLineAnswer] | None = None,
        outcome: Outcome | None = None,
        customer: CustomerAnswer | None = None,
        links: FamilyAnswer | None = None,
    ) -> "DraftAnswer":
        """Return how the API shows a draft."""
        return cls(
            id=sheet.id,
            state=sheet.state,
            type=sheet.kind,
            customer_id=sheet.customer_id,
            customer=sheet.customer,
            customer_name=sheet.customer_name,
            payer_id=sheet.payer_id,
            currency=sheet.currency,
            net=amount_text(sheet.net, sheet.currency),
            line_count=len(sheet.lines),
            adjustments=[AdjustmentAnswer.of(one, sheet.currency) for one in sheet.adjustments],
            note=sheet.note,
            terms=sheet.terms,
            purchase_order=sheet.purchase_order,
            buyer_reference=sheet.buyer_reference,
            payment_days=sheet.payment_days,
            issue_on=sheet.issue_on,
            language=sheet.language,
            brand=sheet.brand,
            delivery_country=sheet.delivery_country,
            reference=sheet.reference,
            fields=dict(sheet.fields),
            bill_run_id=sheet.run_id,
            created_at=sheet.created_at,
            version=sheet.version,
            lines=lines,
            document=DraftDocument.of(outcome) if outcome else None,
            customer_details=customer,
            links=links,
        )
