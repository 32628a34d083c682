"""Charges as the API takes and gives them."""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.document_content import AdjustmentAnswer
from billhook.api.schemas.problems import Remark, remarks
from billhook.domain.bills import BillLine
from billhook.domain.states import ChargeState, Supply
from billhook.money import amount_text, plain
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.charging import ChargeCount, ChargeFilter
from billhook.services.charging.viewing import Act, ChargeCost, ChargeView
from billhook.services.imports.charges import Taken

Expansion = Literal["cost", "history"]

_TEXT = 4_000
_NUMBER = 60
MOST_PROBLEMS = 10
"""Of one charge: who mends these is told the next."""


class NewCharge(Input):
    """What is to be billed: priced by one of `amount`, `unit_price` and `product`.

    `source` and `reference` name it for ever: it is taken once, however often it is sent.
    """

    source: str = Field("api", max_length=limits.CODE, description="Which program it is from.")
    reference: str = Field(max_length=limits.CODE, examples=["usage-2026-11-4711"])
    customer: str = Field(max_length=limits.CODE, description="Reference or id.")
    date: Day = Field(description="The day that it is for; a bill run takes all up to a day.")
    description: str = Field("", max_length=_TEXT, description="The product's name where empty.")
    quantity: str = Field("1", max_length=_NUMBER, examples=["12.5"])
    unit: str = Field("", max_length=10, description="UN/ECE Recommendation 20.")
    unit_price: str = Field("", max_length=_NUMBER, description="Before tax.", examples=["0.0125"])
    base_quantity: str = Field("", max_length=_NUMBER, description="What the unit price is for.")
    amount: str = Field("", max_length=_NUMBER, description="Of the whole line, before tax.")
    currency: str = Field("", max_length=3, description="The customer's where it is empty.")
    product: str = Field("", max_length=limits.CODE, description="SKU or id; its prices hold.")
    sku: str = Field("", max_length=limits.CODE, description="Printed on the line.")
    period_start: Day | None = None
    period_end: Day | None = Field(None, description="The last day of the service.")
    group: str = Field("", max_length=limits.CODE, description="What shares a document.")
    group_label: str = Field("", max_length=limits.NAME, description="How the group is called.")
    discount_percent: str = Field("", max_length=_NUMBER)
    discount_amount: str = Field("", max_length=_NUMBER)
    discount_reason: str = Field("", max_length=limits.REASON)
    surcharge_percent: str = Field("", max_length=_NUMBER)
    surcharge_amount: str = Field("", max_length=_NUMBER)
    surcharge_reason: str = Field("", max_length=limits.REASON)
    supply: Supply | None = Field(None, description="The product's where it is left out.")
    tax_category: str = Field("", max_length=limits.CODE, description="The product's where empty.")
    revenue_account: str = Field("", max_length=20)
    purchase_order: str = Field("", max_length=limits.CODE)
    delivery_country: str = Field("", max_length=2, description="ISO 3166-1.")

    def row(self) -> dict[str, str]:
        """Return the charge as a row of a file has it."""
        row = dict(self.__dict__)
        row["date"] = self.date.isoformat()
        row["supply"] = self.supply or ""
        for name in ("period_start", "period_end"):
            row[name] = row[name].isoformat() if row[name] else ""
        return row


class NewCharges(Input):
    """Charges that come in together."""

    charges: list[NewCharge] = Field(min_length=1, max_length=limits.CHARGES_PER_REQUEST)


class TakenCharge(Answer):
    """What became of a charge, at the place where it was sent."""

    reference: str
    source: str
    state: Literal["new", "unchanged", "different", "refused"] = Field(
        description="`new`: it waits now. `unchanged`: it was sent before. `different`: the "
        "reference stands with other content. Of the last two nothing was taken."
    )
    id: UUID | None
    problems: list[Remark]


class TakenCharges(Answer):
    """What became of each charge, in the order in which they were sent."""

    data: list[TakenCharge]
    new: int
    unchanged: int
    different: int
    refused: int

    @classmethod
    def of(cls, given: Sequence[NewCharge], found: Sequence[Taken]) -> "TakenCharges":
        """Return how the API answers a batch."""
        states = [one.state for one in found]
        return cls.model_construct(
            data=[
                TakenCharge.model_construct(
                    reference=sent.reference,
                    source=sent.source,
                    state=one.state,
                    id=one.id,
                    problems=remarks(one.problems[:MOST_PROBLEMS]) if one.problems else [],
                )
                for sent, one in zip(given, found, strict=True)
            ],
            new=states.count("new"),
            unchanged=states.count("unchanged"),
            different=states.count("different"),
            refused=states.count("refused"),
        )


class ChargeIds(Input):
    """Charges that something is done with."""

    ids: list[UUID] = Field(min_length=1, max_length=limits.CHARGES_PER_REQUEST)


class ChargeIdsAndReason(ChargeIds):
    """Charges that something is done with, and why."""

    reason: str = Field(min_length=1, max_length=limits.REASON, description="Kept for the record.")


class ChargesDone(Answer):
    """With how many charges it was done: all that were named."""

    count: int


class ChargeQuery(Query):
    """What comes with a charge."""

    expand: list[Expansion] = Field(
        [], max_length=2, description="`cost`: what it comes to by the prices of now, and why."
    )


class ChargesWanted(Query):
    """Which charges; what is left out narrows nothing."""

    text: str = Field("", max_length=limits.NAME, description="In reference, text or customer.")
    state: ChargeState | None = None
    customer: str = Field("", max_length=limits.CODE, description="Reference.")
    customer_id: UUID | None = None
    source: str = Field("", max_length=limits.CODE)
    reference: str = Field("", max_length=limits.CODE)
    currency: str = Field("", max_length=3)
    group: str = Field("", max_length=limits.CODE)
    since: Day | None = Field(None, description="The first day.")
    until: Day | None = Field(None, description="The last day.")

    def wanted(self) -> ChargeFilter:
        """Return the filter."""
        return ChargeFilter(
            text=self.text,
            state=self.state,
            customer=self.customer,
            customer_id=self.customer_id,
            source=self.source,
            reference=self.reference,
            currency=self.currency,
            group=self.group,
            since=self.since,
            until=self.until,
        )


class ChargesQuery(ChargesWanted, ChargeQuery, PageQuery):
    """Which charges, in which order."""

    sort: Literal["-arrived", "arrived", "-date", "date"] = "-arrived"


class ChargeSum(Answer):
    """How many charges of a currency there are."""

    currency: str
    charges: int
    amount: str = Field(description="Of those that brought their amount along.")
    priced_later: int = Field(description="Those with a unit price or product instead.")

    @classmethod
    def of(cls, found: ChargeCount) -> "ChargeSum":
        """Return how the API shows a sum."""
        return cls(
            currency=found.currency,
            charges=found.charges,
            amount=amount_text(found.amount, found.currency),
            priced_later=found.priced_later,
        )


class ChargeSums(Answer):
    """A sum for each currency."""

    data: list[ChargeSum]


class CostLine(Answer):
    """A line that the charge would make on a document."""

    description: str
    quantity: str
    unit_price: str
    base_quantity: str
    amount: str
    explanation: str

    @classmethod
    def of(cls, line: BillLine, currency: str) -> "CostLine":
        """Return how the API shows a line."""
        return cls(
            description=line.description,
            quantity=plain(line.quantity),
            unit_price=plain(line.unit_price),
            base_quantity=plain(line.base_quantity),
            amount=amount_text(line.amount, currency),
            explanation=line.explanation,
        )


class ChargeCostAnswer(Answer):
    """What a charge comes to before tax, or what keeps it from being priced."""

    net: str
    lines: list[CostLine]
    problems: list[Remark]

    @classmethod
    def of(cls, found: ChargeCost, currency: str) -> "ChargeCostAnswer":
        """Return how the API shows a cost."""
        return cls(
            net=amount_text(found.net, currency),
            lines=[CostLine.of(line, currency) for line in found.lines],
            problems=remarks(found.problems),
        )


class ChargeAct(Answer):
    """That it was held, released or withdrawn."""

    action: str
    happened_at: datetime
    reason: str

    @classmethod
    def of(cls, act: Act) -> "ChargeAct":
        """Return how the API shows an act."""
        return cls(action=act.action, happened_at=act.happened_at, reason=act.reason)


class ChargeAnswer(Answer):
    """A charge, and where it stands."""

    id: UUID
    source: str
    reference: str
    state: ChargeState
    customer_id: UUID
    customer: str = Field(description="Reference.")
    customer_name: str
    date: Day
    description: str
    quantity: str
    unit: str
    unit_price: str | None
    base_quantity: str
    amount: str | None
    currency: str
    product_id: UUID | None
    product: str | None = Field(description="SKU of the stored product.")
    sku: str
    period_start: Day | None
    period_end: Day | None = Field(description="The last day.")
    group: str
    group_label: str
    adjustments: list[AdjustmentAnswer]
    supply: str
    tax_category: str
    revenue_account: str
    purchase_order: str
    delivery_country: str
    billed_by: UUID | None = Field(description="The draft or document that it is on.")
    document_number: str
    created_at: datetime
    cost: ChargeCostAnswer | None = Field(None, description="Only if expanded.")
    history: list[ChargeAct] | None = Field(None, description="Only if expanded.")

    @classmethod
    def of(
        cls, view: ChargeView, *, cost: ChargeCost | None = None, history: Sequence[Act] | None
    ) -> "ChargeAnswer":
        """Return how the API shows a charge."""
        entry, period = view.entry, view.period
        return cls(
            id=entry.id,
            source=entry.source,
            reference=entry.reference,
            state=entry.state,
            customer_id=view.customer_id,
            customer=entry.customer,
            customer_name=entry.customer_name,
            date=entry.charged_on,
            description=entry.description,
            quantity=plain(entry.quantity),
            unit=view.unit,
            unit_price=None if entry.unit_price is None else plain(entry.unit_price),
            base_quantity=plain(view.base_quantity),
            amount=None if entry.amount is None else amount_text(entry.amount, entry.currency),
            currency=entry.currency,
            product_id=view.product.id if view.product else None,
            product=view.product.sku if view.product else None,
            sku=view.sku,
            period_start=period.start if period else None,
            period_end=period.last_day if period else None,
            group=view.group_key,
            group_label=entry.group,
            adjustments=[AdjustmentAnswer.of(one, entry.currency) for one in view.adjustments],
            supply=view.supply,
            tax_category=view.tax_category,
            revenue_account=view.revenue_account,
            purchase_order=view.purchase_order,
            delivery_country=view.delivery_country,
            billed_by=view.holder_id,
            document_number=view.number,
            created_at=view.created_at,
            cost=ChargeCostAnswer.of(cost, entry.currency) if cost else None,
            history=None if history is None else [ChargeAct.of(act) for act in history],
        )
