"""A document at the moment of issue: all its content but the number.

Names follow EN 16931; its business terms stand beside the fields. Amounts are
minor units of `currency`, and positive on a credit note as on an invoice.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from billhook.domain.custom_fields import FieldValue
from billhook.domain.parties import Party
from billhook.domain.periods import Period
from billhook.domain.sealing import canonical, commitment
from billhook.domain.states import DocumentType
from billhook.domain.tax import TaxTreatment
from billhook.domain.totals import Adjustment, TaxGroup
from billhook.money import amount_text, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """The line of an issued document that a credit note's line takes back."""

    document_id: UUID
    line_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """BG-25."""

    line_no: int  # BT-126
    description: str  # BT-153
    quantity: Decimal  # BT-129
    unit_price: Decimal  # BT-146
    net: int  # BT-131
    group_no: int  # place in the document's tax groups
    supplied_on: date
    base_quantity: Decimal = Decimal(1)  # BT-149
    adjustments: tuple[Adjustment, ...] = ()
    sku: str = ""  # BT-155
    unit: str = ""  # BT-130
    period: Period | None = None  # BG-26
    section_key: str = ""
    section_label: str = ""
    revenue_account: str = ""
    product_id: UUID | None = None
    charge_id: UUID | None = None
    credited: CreditedLine | None = None
    explanation: str = ""
    """Why this price: what the pricing model said, kept for ever."""
    supply: str = ""
    tax_category: str = ""
    """With `supply` what taxes asked about: who bills the line anew asks the same."""
    fields: tuple[FieldValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAdjustment:
    """BG-20 or BG-21: a discount or surcharge of the whole document."""

    adjustment: Adjustment
    net: int  # signed: an allowance is negative
    group_no: int
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """BG-24: a file that goes out with the document, by its hash."""

    file_id: UUID
    name: str  # BT-125-2
    content_type: str  # BT-125-1
    sha256: str  # hexadecimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseCurrency:
    """The tenant's own currency and the rate of the day that the document freezes."""

    currency: str
    rate: Decimal  # base units for one unit of the document's currency
    rate_on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySnapshot:
    """A party as frozen, under a salt, so that it can be erased and the books stay provable."""

    id: UUID
    party: Party
    salt: bytes  # 16 bytes
    content: bytes = field(init=False, compare=False, repr=False)
    """The party's canonical JSON."""
    commitment: bytes = field(init=False, compare=False, repr=False)
    """What stands for the party in hashes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", party_content(self.party))
        object.__setattr__(self, "commitment", commitment(self.salt, self.content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An invoice or credit note, complete but for its number."""

    id: UUID
    type: DocumentType  # BT-3
    customer_id: UUID
    payer_id: UUID
    seller: PartySnapshot  # BG-4
    buyer: PartySnapshot  # BG-7
    currency: str  # BT-5
    issue_on: date  # BT-2
    due_on: date  # BT-9
    language: str
    lines: tuple[DocumentLine, ...]
    groups: tuple[TaxGroup, ...]  # BG-23
    net: int  # BT-109
    tax: int  # BT-110
    gross: int  # BT-112
    payable: int  # BT-115
    base: BaseCurrency
    rounding: int = 0  # BT-114
    prepaid: int = 0  # BT-113
    adjustments: tuple[DocumentAdjustment, ...] = ()
    delivery_country: str = ""  # BT-80
    purchase_order: str = ""  # BT-13
    buyer_reference: str = ""  # BT-10
    note: str = ""  # BT-22
    terms: str = ""  # BT-20
    reference: str = ""
    """Which part of a split it is, such as INV-2026-0012-A."""
    brand_id: UUID | None = None
    """The brand that was chosen for this document; the customer's where None."""
    fields: tuple[FieldValue, ...] = ()
    credits_document_id: UUID | None = None  # BG-3
    prices_include_tax: bool = False
    """Whether unit prices hold the tax; net amounts never do."""
    attachments: tuple[Attachment, ...] = ()
    plugins: tuple[tuple[str, str], ...] = ()
    """Name and version of each plugin that shaped it."""


_ADDED_PARTY_FIELDS = (
    "legal_id",
    "legal_id_scheme",
    "electronic_address",
    "electronic_scheme",
    "contact_name",
    "phone",
)
"""Left out where empty, so that the hash of a party without them is what it always was."""


def party_content(party: Party) -> bytes:
    """Return the canonical JSON of a party's data."""
    address = party.address
    added = {name: getattr(party, name) for name in _ADDED_PARTY_FIELDS}
    return canonical(
        {
            **{name: text for name, text in added.items() if text},
            **_fields(party.fields),
            "city": address.city,
            "country": address.country,
            "email": party.email,
            "extra": address.extra,
            "language": party.language,
            "name": party.name,
            "postal_code": address.postal_code,
            "reference": party.reference,
            "street": address.street,
            "subdivision": address.subdivision,
            "tax_number": party.tax_number,
        }
    )


def document_content(document: Document) -> bytes:
    """Return the canonical JSON that is hashed: every value a string, no number, no names."""
    c = document.currency
    return canonical(
        {
            **_attachments(document.attachments),
            **_fields(document.fields),
            **({"terms": document.terms} if document.terms else {}),
            **({"reference": document.reference} if document.reference else {}),
            **({"brand": document.brand_id} if document.brand_id else {}),
            **({"prices_include_tax": "yes"} if document.prices_include_tax else {}),
            "version": "1",
            "id": document.id,
            "type": document.type,
            "customer": document.customer_id,
            "payer": document.payer_id,
            "seller": document.seller.commitment.hex(),
            "buyer": document.buyer.commitment.hex(),
            "currency": c,
            "issue_on": document.issue_on,
            "due_on": document.due_on,
            "language": document.language,
            "net": amount_text(document.net, c),
            "tax": amount_text(document.tax, c),
            "gross": amount_text(document.gross, c),
            "rounding": amount_text(document.rounding, c),
            "prepaid": amount_text(document.prepaid, c),
            "payable": amount_text(document.payable, c),
            "base": {
                "currency": document.base.currency,
                "rate": plain(document.base.rate),
                "rate_on": document.base.rate_on,
                "source": document.base.source,
            },
            "delivery_country": document.delivery_country,
            "purchase_order": document.purchase_order,
            "buyer_reference": document.buyer_reference,
            "note": document.note,
            "credits": document.credits_document_id or "",
            "plugins": dict(document.plugins),
            "lines": [_line(line, c) for line in document.lines],
            "adjustments": [
                {
                    **_adjustment(item.adjustment, c),
                    "net": amount_text(item.net, c),
                    "group": str(item.group_no),
                    "account": item.account,
                }
                for item in document.adjustments
            ],
            "groups": [
                {
                    "treatment": _treatment(group.treatment),
                    "net": amount_text(group.net, c),
                    "tax": amount_text(group.tax, c),
                    "taxes": [amount_text(tax, c) for tax in group.component_taxes],
                }
                for group in document.groups
            ],
        }
    )


def _attachments(attachments: tuple[Attachment, ...]) -> dict[str, Any]:
    if not attachments:
        return {}
    return {
        "attachments": [
            {
                "file": item.file_id,
                "name": item.name,
                "content_type": item.content_type,
                "sha256": item.sha256,
            }
            for item in attachments
        ]
    }


def _fields(fields: tuple[FieldValue, ...]) -> dict[str, Any]:
    if not fields:
        return {}
    return {
        "fields": [
            {
                "key": field.key,
                "label": field.label,
                "text": field.text,
                "printed": "yes" if field.is_printed else "no",
            }
            for field in fields
        ]
    }


def _line(line: DocumentLine, currency: str) -> dict[str, Any]:
    """Leave out what is empty, so that a plain line stays short."""
    content: dict[str, Any] = {
        "no": str(line.line_no),
        "description": line.description,
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "net": amount_text(line.net, currency),
        "group": str(line.group_no),
        "supplied_on": line.supplied_on,
        **_fields(line.fields),
    }
    if line.base_quantity != 1:
        content["base_quantity"] = plain(line.base_quantity)
    if line.adjustments:
        content["adjustments"] = [_adjustment(item, currency) for item in line.adjustments]
    if line.period:
        content["period"] = [line.period.start, line.period.end]
    if line.credited:
        content["credits"] = [line.credited.document_id, str(line.credited.line_no)]
    for name, text in (
        ("sku", line.sku),
        ("unit", line.unit),
        ("section_key", line.section_key),
        ("section_label", line.section_label),
        ("revenue_account", line.revenue_account),
        ("explanation", line.explanation),
        ("supply", line.supply),
        ("tax_category", line.tax_category),
    ):
        if text:
            content[name] = text
    if line.product_id:
        content["product"] = line.product_id
    if line.charge_id:
        content["charge"] = line.charge_id
    return content


def _adjustment(adjustment: Adjustment, currency: str) -> dict[str, str]:
    content = {"kind": adjustment.kind.value, "reason": adjustment.reason}
    if adjustment.percent is not None:
        content["percent"] = plain(adjustment.percent)
    if adjustment.amount is not None:
        content["amount"] = amount_text(adjustment.amount, currency)
    return content


@lru_cache(maxsize=1024)
def _treatment(treatment: TaxTreatment) -> dict[str, Any]:
    """Cached: a run's documents share a handful of treatments; nobody changes the result."""
    return {
        "category": treatment.category or "",
        "exemption_code": treatment.exemption_code,
        "note": treatment.note,
        "components": [
            {
                "tax": component.tax,
                "country": component.country,
                "subdivision": component.subdivision,
                "rate": plain(component.rate),
                "kind": component.kind.value,
                "registration": str(component.registration_id or ""),
            }
            for component in treatment.components
        ],
    }
