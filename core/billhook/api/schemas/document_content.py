"""What is sealed in a document, as the API gives it: lines, taxes, parties and the rest."""

from datetime import date
from uuid import UUID

from pydantic import Field

from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import CreditedLine, Document, DocumentLine
from billhook.domain.parties import Party
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind, TaxTreatment
from billhook.domain.totals import Adjustment, AdjustmentKind, TaxGroup
from billhook.money import amount_text, plain
from billhook.sdk.api import Answer


class FieldAnswer(Answer):
    """A value of one of your own fields, as the document froze it."""

    key: str
    label: str
    text: str
    is_printed: bool

    @classmethod
    def of(cls, field: FieldValue) -> "FieldAnswer":
        """Return how the API shows a value."""
        return cls(key=field.key, label=field.label, text=field.text, is_printed=field.is_printed)


class AdjustmentAnswer(Answer):
    """A discount or surcharge: either `percent` or `amount` is there."""

    kind: AdjustmentKind
    reason: str
    percent: str | None
    amount: str | None

    @classmethod
    def of(cls, one: Adjustment, currency: str) -> "AdjustmentAnswer":
        """Return how the API shows an adjustment."""
        return cls(
            kind=one.kind,
            reason=one.reason,
            percent=None if one.percent is None else plain(one.percent),
            amount=None if one.amount is None else amount_text(one.amount, currency),
        )


class CreditedLineAnswer(Answer):
    """The line that a credit note's line takes back."""

    document_id: UUID
    line_no: int

    @classmethod
    def of(cls, line: CreditedLine) -> "CreditedLineAnswer":
        """Return how the API shows which line is taken back."""
        return cls(document_id=line.document_id, line_no=line.line_no)


class DocumentLineAnswer(Answer):
    """A line of a document."""

    line_no: int
    description: str
    sku: str
    quantity: str
    unit: str
    unit_price: str
    base_quantity: str = Field(description="How many units the price is for.")
    net: str
    tax_group: int = Field(description="Place in `taxes`, from 0.")
    supplied_on: date
    period_start: date | None
    period_end: date | None
    section_key: str
    section_label: str
    adjustments: list[AdjustmentAnswer]
    revenue_account: str
    product_id: UUID | None
    charge_id: UUID | None
    credits: CreditedLineAnswer | None
    explanation: str = Field(description="Why this price, in words.")
    fields: list[FieldAnswer]

    @classmethod
    def of(cls, line: DocumentLine, currency: str) -> "DocumentLineAnswer":
        """Return how the API shows a line."""
        return cls(
            line_no=line.line_no,
            description=line.description,
            sku=line.sku,
            quantity=plain(line.quantity),
            unit=line.unit,
            unit_price=plain(line.unit_price),
            base_quantity=plain(line.base_quantity),
            net=amount_text(line.net, currency),
            tax_group=line.group_no,
            supplied_on=line.supplied_on,
            period_start=line.period.start if line.period else None,
            period_end=line.period.end if line.period else None,
            section_key=line.section_key,
            section_label=line.section_label,
            adjustments=[AdjustmentAnswer.of(one, currency) for one in line.adjustments],
            revenue_account=line.revenue_account,
            product_id=line.product_id,
            charge_id=line.charge_id,
            credits=CreditedLineAnswer.of(line.credited) if line.credited else None,
            explanation=line.explanation,
            fields=[FieldAnswer.of(one) for one in line.fields],
        )

    @classmethod
    def all_of(cls, document: Document) -> "list[DocumentLineAnswer]":
        """Return all lines of a document."""
        return [cls.of(line, document.currency) for line in document.lines]


class TaxComponentAnswer(Answer):
    """One tax at one rate."""

    tax: str = Field(examples=["VAT"])
    country: str
    subdivision: str
    rate: str = Field(description="Percent.")
    kind: ComponentKind
    amount: str


class TreatmentAnswer(Answer):
    """How a line is taxed, or why it is not."""

    category: str | None = Field(description="UNCL 5305; null outside EN 16931.")
    rate: str = Field(description="Percent.")
    exemption_code: str
    note: str

    @classmethod
    def of(cls, treatment: TaxTreatment) -> "TreatmentAnswer":
        """Return how the API shows a treatment."""
        return cls(
            category=treatment.category,
            rate=plain(treatment.rate),
            exemption_code=treatment.exemption_code,
            note=treatment.note,
        )


class TaxGroupAnswer(Answer):
    """All that is taxed alike."""

    treatment: TreatmentAnswer
    net: str
    tax: str
    components: list[TaxComponentAnswer]

    @classmethod
    def of(cls, group: TaxGroup, currency: str) -> "TaxGroupAnswer":
        """Return how the API shows a group."""
        return cls(
            treatment=TreatmentAnswer.of(group.treatment),
            net=amount_text(group.net, currency),
            tax=amount_text(group.tax, currency),
            components=[
                TaxComponentAnswer(
                    tax=one.tax,
                    country=one.country,
                    subdivision=one.subdivision,
                    rate=plain(one.rate),
                    kind=one.kind,
                    amount=amount_text(amount, currency),
                )
                for one, amount in zip(
                    group.treatment.components, group.component_taxes, strict=True
                )
            ],
        )

    @classmethod
    def all_of(cls, document: Document) -> "list[TaxGroupAnswer]":
        """Return all tax groups of a document."""
        return [cls.of(group, document.currency) for group in document.groups]


class PartyAnswer(Answer):
    """Seller or buyer, as the document froze them; a word stands for who was erased."""

    name: str
    reference: str
    street: str
    extra: str
    postal_code: str
    city: str
    subdivision: str
    country: str
    email: str
    phone: str
    contact_name: str
    tax_number: str
    legal_id: str
    legal_id_scheme: str
    electronic_address: str
    electronic_scheme: str
    language: str
    fields: list[FieldAnswer]

    @classmethod
    def of(cls, party: Party) -> "PartyAnswer":
        """Return how the API shows a party."""
        address = party.address
        return cls(
            name=party.name,
            reference=party.reference,
            street=address.street,
            extra=address.extra,
            postal_code=address.postal_code,
            city=address.city,
            subdivision=address.subdivision,
            country=address.country,
            email=party.email,
            phone=party.phone,
            contact_name=party.contact_name,
            tax_number=party.tax_number,
            legal_id=party.legal_id,
            legal_id_scheme=party.legal_id_scheme,
            electronic_address=party.electronic_address,
            electronic_scheme=party.electronic_scheme,
            language=party.language,
            fields=[FieldAnswer.of(one) for one in party.fields],
        )


class DocumentAdjustmentAnswer(AdjustmentAnswer):
    """A discount or surcharge of the whole document; the net of a discount is negative."""

    net: str
    tax_group: int


class BaseCurrencyAnswer(Answer):
    """The currency of the books and the rate that the document froze."""

    currency: str
    rate: str
    rate_on: date
    source: str


class DetailsAnswer(Answer):
    """What a document says beside its lines and taxes."""

    seller: PartyAnswer
    buyer: PartyAnswer
    payer_id: UUID
    language: str
    note: str
    terms: str
    purchase_order: str
    buyer_reference: str
    reference: str
    delivery_country: str
    prices_include_tax: bool
    rounding: str
    prepaid: str
    adjustments: list[DocumentAdjustmentAnswer]
    base: BaseCurrencyAnswer
    brand_id: UUID | None
    fields: list[FieldAnswer]
    plugins: dict[str, str] = Field(description="Versions of the plugins that shaped it.")

    @classmethod
    def of(cls, document: Document) -> "DetailsAnswer":
        """Return how the API shows the rest of a document."""
        currency, base = document.currency, document.base
        return cls(
            seller=PartyAnswer.of(document.seller.party),
            buyer=PartyAnswer.of(document.buyer.party),
            payer_id=document.payer_id,
            language=document.language,
            note=document.note,
            terms=document.terms,
            purchase_order=document.purchase_order,
            buyer_reference=document.buyer_reference,
            reference=document.reference,
            delivery_country=document.delivery_country,
            prices_include_tax=document.prices_include_tax,
            rounding=amount_text(document.rounding, currency),
            prepaid=amount_text(document.prepaid, currency),
            adjustments=[
                DocumentAdjustmentAnswer(
                    **AdjustmentAnswer.of(one.adjustment, currency).model_dump(),
                    net=amount_text(one.net, currency),
                    tax_group=one.group_no,
                )
                for one in document.adjustments
            ],
            base=BaseCurrencyAnswer(
                currency=base.currency,
                rate=plain(base.rate),
                rate_on=base.rate_on,
                source=base.source,
            ),
            brand_id=document.brand_id,
            fields=[FieldAnswer.of(one) for one in document.fields],
            plugins=dict(document.plugins),
        )


class UnissuedAnswer(Answer):
    """A document as it would be issued; it has no number yet, and nothing was written."""

    type: DocumentType
    currency: str
    issue_on: date
    net: str
    tax: str
    gross: str
    payable: str
    lines: list[DocumentLineAnswer]
    taxes: list[TaxGroupAnswer]

    @classmethod
    def of(cls, document: Document) -> "UnissuedAnswer":
        """Return how the API shows a preview."""
        currency = document.currency
        return cls(
            type=document.type,
            currency=currency,
            issue_on=document.issue_on,
            net=amount_text(document.net, currency),
            tax=amount_text(document.tax, currency),
            gross=amount_text(document.gross, currency),
            payable=amount_text(document.payable, currency),
            lines=DocumentLineAnswer.all_of(document),
            taxes=TaxGroupAnswer.all_of(document),
        )
