"""Sealed content becomes a Document again: the reverse of `document_content`, without loss."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import (
    Attachment,
    BaseCurrency,
    CreditedLine,
    Document,
    DocumentAdjustment,
    DocumentLine,
    PartySnapshot,
)
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.domain.totals import Adjustment, AdjustmentKind, TaxGroup
from billhook.money import parse_amount


def read_party(content: bytes) -> Party:
    """Return what `party_content` wrote."""
    stored = orjson.loads(content)
    return Party(
        name=stored["name"],
        reference=stored["reference"],
        tax_number=stored["tax_number"],
        legal_id=stored.get("legal_id", ""),
        legal_id_scheme=stored.get("legal_id_scheme", ""),
        electronic_address=stored.get("electronic_address", ""),
        electronic_scheme=stored.get("electronic_scheme", ""),
        contact_name=stored.get("contact_name", ""),
        phone=stored.get("phone", ""),
        email=stored["email"],
        language=stored["language"],
        fields=_fields(stored),
        address=Address(
            **{
                name: stored[name]
                for name in ("country", "street", "extra", "postal_code", "city", "subdivision")
            }
        ),
    )


def read_document(content: bytes, *, seller: PartySnapshot, buyer: PartySnapshot) -> Document:
    """Return the document whose `document_content` is `content`."""
    stored = orjson.loads(content)
    c = stored["currency"]
    return Document(
        id=UUID(stored["id"]),
        type=DocumentType(stored["type"]),
        customer_id=UUID(stored["customer"]),
        payer_id=UUID(stored["payer"]),
        seller=seller,
        buyer=buyer,
        currency=c,
        issue_on=date.fromisoformat(stored["issue_on"]),
        due_on=date.fromisoformat(stored["due_on"]),
        language=stored["language"],
        lines=tuple(_line(line, c) for line in stored["lines"]),
        adjustments=tuple(_document_adjustment(item, c) for item in stored["adjustments"]),
        groups=tuple(_group(group, c) for group in stored["groups"]),
        net=parse_amount(stored["net"], c),
        tax=parse_amount(stored["tax"], c),
        gross=parse_amount(stored["gross"], c),
        rounding=parse_amount(stored["rounding"], c),
        prepaid=parse_amount(stored["prepaid"], c),
        payable=parse_amount(stored["payable"], c),
        base=BaseCurrency(
            currency=stored["base"]["currency"],
            rate=Decimal(stored["base"]["rate"]),
            rate_on=date.fromisoformat(stored["base"]["rate_on"]),
            source=stored["base"]["source"],
        ),
        delivery_country=stored["delivery_country"],
        purchase_order=stored["purchase_order"],
        buyer_reference=stored["buyer_reference"],
        note=stored["note"],
        terms=stored.get("terms", ""),
        reference=stored.get("reference", ""),
        brand_id=UUID(stored["brand"]) if "brand" in stored else None,
        fields=_fields(stored),
        credits_document_id=UUID(stored["credits"]) if stored["credits"] else None,
        prices_include_tax=stored.get("prices_include_tax") == "yes",
        attachments=tuple(_attachment(item) for item in stored.get("attachments", ())),
        plugins=tuple(sorted(stored["plugins"].items())),
    )


def _fields(stored: dict[str, Any]) -> tuple[FieldValue, ...]:
    return tuple(
        FieldValue(
            key=item["key"],
            label=item["label"],
            text=item["text"],
            is_printed=item["printed"] == "yes",
        )
        for item in stored.get("fields", ())
    )


def _attachment(stored: dict[str, str]) -> Attachment:
    return Attachment(
        file_id=UUID(stored["file"]),
        name=stored["name"],
        content_type=stored["content_type"],
        sha256=stored["sha256"],
    )


def _line(stored: dict[str, Any], currency: str) -> DocumentLine:
    period = stored.get("period")
    credited = stored.get("credits")
    return DocumentLine(
        line_no=int(stored["no"]),
        description=stored["description"],
        quantity=Decimal(stored["quantity"]),
        unit_price=Decimal(stored["unit_price"]),
        net=parse_amount(stored["net"], currency),
        group_no=int(stored["group"]),
        supplied_on=date.fromisoformat(stored["supplied_on"]),
        base_quantity=Decimal(stored.get("base_quantity", "1")),
        adjustments=tuple(_adjustment(item, currency) for item in stored.get("adjustments", ())),
        sku=stored.get("sku", ""),
        unit=stored.get("unit", ""),
        period=Period(*(date.fromisoformat(day) for day in period)) if period else None,
        section_key=stored.get("section_key", ""),
        section_label=stored.get("section_label", ""),
        revenue_account=stored.get("revenue_account", ""),
        product_id=UUID(stored["product"]) if "product" in stored else None,
        charge_id=UUID(stored["charge"]) if "charge" in stored else None,
        credited=CreditedLine(document_id=UUID(credited[0]), line_no=int(credited[1]))
        if credited
        else None,
        explanation=stored.get("explanation", ""),
        supply=stored.get("supply", ""),
        tax_category=stored.get("tax_category", ""),
        fields=_fields(stored),
    )


def _adjustment(stored: dict[str, str], currency: str) -> Adjustment:
    return Adjustment(
        kind=AdjustmentKind(stored["kind"]),
        reason=stored["reason"],
        percent=Decimal(stored["percent"]) if "percent" in stored else None,
        amount=parse_amount(stored["amount"], currency) if "amount" in stored else None,
    )


def _document_adjustment(stored: dict[str, str], currency: str) -> DocumentAdjustment:
    return DocumentAdjustment(
        adjustment=_adjustment(stored, currency),
        net=parse_amount(stored["net"], currency),
        group_no=int(stored["group"]),
        account=stored["account"],
    )


def _group(stored: dict[str, Any], currency: str) -> TaxGroup:
    return TaxGroup(
        treatment=_treatment(stored["treatment"]),
        net=parse_amount(stored["net"], currency),
        tax=parse_amount(stored["tax"], currency),
        component_taxes=tuple(parse_amount(tax, currency) for tax in stored["taxes"]),
    )


def _treatment(stored: dict[str, Any]) -> TaxTreatment:
    return TaxTreatment(
        category=stored["category"] or None,
        exemption_code=stored["exemption_code"],
        note=stored["note"],
        components=tuple(
            TaxComponent(
                tax=component["tax"],
                country=component["country"],
                subdivision=component["subdivision"],
                rate=Decimal(component["rate"]),
                kind=ComponentKind(component["kind"]),
                registration_id=UUID(component["registration"])
                if component["registration"]
                else None,
            )
            for component in stored["components"]
        ),
    )
