"""Why a line comes to what it comes to, as the API gives it."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook.api.schemas.document_content import AdjustmentAnswer, TreatmentAnswer
from billhook.money import amount_text, plain
from billhook.sdk.api import Answer
from billhook.services.explaining import ChargeReason, LineReason, PriceReason, TaxReason


class ChargeReasonAnswer(Answer):
    """The charge behind a line."""

    id: UUID
    source: str
    reference: str
    charged_on: date
    group: str
    part_of: "ChargeReasonAnswer | None" = Field(
        description="The charge that it superseded a part of."
    )
    rebills: str = Field(description="Number of the credit note whose amount it bills anew.")

    @classmethod
    def of(cls, one: ChargeReason) -> "ChargeReasonAnswer":
        """Return how the API shows a charge behind a line."""
        return cls(
            id=one.id,
            source=one.source,
            reference=one.reference,
            charged_on=one.charged_on,
            group=one.group,
            part_of=cls.of(one.part_of) if one.part_of else None,
            rebills=one.rebills,
        )


class PriceReasonAnswer(Answer):
    """The version of a price that was in force."""

    sku: str
    product: str
    model: str
    valid_from: date
    valid_to: date | None
    is_customers_own: bool

    @classmethod
    def of(cls, one: PriceReason) -> "PriceReasonAnswer":
        """Return how the API shows a price version."""
        return cls(
            sku=one.sku,
            product=one.product,
            model=one.model,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            is_customers_own=one.is_customers_own,
        )


class TaxReasonAnswer(Answer):
    """How a line is taxed, and its share of its group's tax."""

    treatment: TreatmentAnswer
    registrations: list[str] = Field(description="Numbers under which the taxes are owed.")
    share: str
    group_net: str
    group_tax: str

    @classmethod
    def of(cls, one: TaxReason, currency: str) -> "TaxReasonAnswer":
        """Return how the API shows why a line is taxed so."""
        return cls(
            treatment=TreatmentAnswer.of(one.treatment),
            registrations=list(one.registrations),
            share=amount_text(one.share, currency),
            group_net=amount_text(one.group_net, currency),
            group_tax=amount_text(one.group_tax, currency),
        )


class EffectAnswer(Answer):
    """A discount or surcharge of a line, and its effect, not rounded."""

    adjustment: AdjustmentAnswer
    effect: str


class LineReasonAnswer(Answer):
    """Where a line came from, and how it was counted."""

    line_no: int
    description: str
    currency: str
    explanation: str
    charge: ChargeReasonAnswer | None = Field(
        description="Null on a line that was written by hand, or takes another back."
    )
    product: str
    price: PriceReasonAnswer | None = Field(
        description="Null where the line brought its price along, or takes another back."
    )
    product_amount: str = Field(description="Quantity × unit price ÷ base quantity, not rounded.")
    effects: list[EffectAnswer]
    unrounded: str
    rounded: str = Field(description="The net, or the gross where prices include tax.")
    net: str
    tax: TaxReasonAnswer
    credits: str = Field(description="Number of the invoice whose line it takes back.")

    @classmethod
    def of(cls, one: LineReason) -> "LineReasonAnswer":
        """Return how the API explains a line."""
        currency = one.currency
        return cls(
            line_no=one.line.line_no,
            description=one.line.description,
            currency=currency,
            explanation=one.line.explanation,
            charge=ChargeReasonAnswer.of(one.charge) if one.charge else None,
            product=one.product,
            price=PriceReasonAnswer.of(one.price) if one.price else None,
            product_amount=plain(one.product_amount),
            effects=[
                EffectAnswer(adjustment=AdjustmentAnswer.of(item, currency), effect=plain(effect))
                for item, effect in one.effects
            ],
            unrounded=plain(one.unrounded),
            rounded=amount_text(one.rounded, currency),
            net=amount_text(one.line.net, currency),
            tax=TaxReasonAnswer.of(one.tax, currency),
            credits=one.credited,
        )


class ReasonsAnswer(Answer):
    """All lines of a document, each with its reasons."""

    data: list[LineReasonAnswer]
