"""Documents to write: made by the core's own calculator, from what a test wants to say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from billhook.domain.bills import Bill, BillLine, Buyer, Seller, freeze
from billhook.domain.brands import BankAccount, Brand, Sender, Template, TemplateTexts
from billhook.domain.documents import BaseCurrency, Document, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.publications import FileContent, Publication, Reference, Stage
from billhook.domain.states import DocumentType, Supply
from billhook.domain.tax import TaxComponent, TaxTreatment
from billhook.domain.totals import (
    PLAIN_OPTIONS,
    Adjustment,
    AdjustmentKind,
    TotalsOptions,
    line_amount,
)

DAY = date(2026, 11, 20)

SELLER = Party(
    name="Nimbus Cloud GmbH",
    address=Address(country="DE", street="Prinzenallee 34", postal_code="13359", city="Berlin"),
    tax_number="DE136695976",
    legal_id="HRB 12345",
    electronic_address="4000001000005",
    electronic_scheme="0088",
    contact_name="Ada Ledger",
    phone="+49 30 1234567",
    email="billing@nimbus.example",
)
BUYER = Party(
    name="Atelier Lumière SARL",
    address=Address(country="FR", street="12 rue Mercière", postal_code="69002", city="Lyon"),
    reference="lyon",
    tax_number="FR40303265045",
    legal_id="303265045",
    legal_id_scheme="0002",
    electronic_address="30326504500012",
    electronic_scheme="0009",
    contact_name="Zoé Martin",
    email="compta@lumiere.example",
)
IBAN = BankAccount(holder="Nimbus Cloud GmbH", iban="DE02120300000000202051", bic="BYLADEM1001")


def treatment(
    category: str | None, rate: str = "0", *, note: str = "", code: str = ""
) -> TaxTreatment:
    """One tax of a category and rate."""
    component = TaxComponent(tax="VAT", country="DE", rate=Decimal(rate))
    return TaxTreatment(components=(component,), category=category, exemption_code=code, note=note)


STANDARD = treatment("S", "19")
REDUCED = treatment("S", "7")
ZERO = treatment("Z")
EXEMPT = treatment("E", note="Insurance, § 4 Nr. 10 UStG.", code="VATEX-EU-132")
REVERSE = treatment("AE", note="Reverse charge.", code="VATEX-EU-AE")
WITHIN = treatment("K", note="Intra-Community supply.", code="VATEX-EU-IC")
EXPORT = treatment("G", note="Export.", code="VATEX-EU-G")
OUTSIDE = treatment("O", note="Not subject to tax here.", code="VATEX-EU-O")


def line(
    price: str = "100", quantity: str = "1", *, currency: str = "EUR", **more: Any
) -> BillLine:
    """A line of a bill, in a currency."""
    fields: dict[str, Any] = {
        "description": "Work",
        "supply": Supply.SERVICE,
        "tax_category": "standard",
        "supplied_on": DAY,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        **more,
    }
    amount = line_amount(
        fields["quantity"],
        fields["unit_price"],
        currency,
        base_quantity=fields.get("base_quantity", Decimal(1)),
        adjustments=fields.get("adjustments", ()),
    )
    return BillLine(amount=fields.pop("amount", amount), **fields)


def allowance(
    percent: str | None = None, *, amount: int | None = None, reason: str = "Loyalty"
) -> Adjustment:
    return Adjustment(
        kind=AdjustmentKind.ALLOWANCE,
        reason=reason,
        percent=Decimal(percent) if percent else None,
        amount=amount,
    )


def surcharge(
    percent: str | None = None, *, amount: int | None = None, reason: str = "Freight"
) -> Adjustment:
    return replace(allowance(percent, amount=amount, reason=reason), kind=AdjustmentKind.SURCHARGE)


def document(
    *sold: tuple[BillLine, TaxTreatment],
    currency: str = "EUR",
    seller: Party = SELLER,
    buyer: Party = BUYER,
    adjustments: tuple[Adjustment, ...] = (),
    options: TotalsOptions = PLAIN_OPTIONS,
    base: BaseCurrency | None = None,
    delivery_country: str = "",
    **changes: Any,
) -> Document:
    """Freeze lines with their treatments as the core does, then change what the test asks for."""
    bill = Bill(
        id=UUID(int=9),
        buyer=Buyer(
            id=UUID(int=8),
            reference=buyer.reference,
            version=1,
            snapshot=_snapshot(buyer),
            consolidation="run",
            payment_days=14,
            purchase_order="",
            buyer_reference="04011000-12345-03",
        ),
        payer_id=UUID(int=8),
        currency=currency,
        lines=tuple(one for one, _treatment in sold),
        adjustments=adjustments,
        delivery_country=delivery_country,
        purchase_order="PO-17",
    )
    frozen = freeze(
        bill,
        [how for _line, how in sold],
        seller=Seller(snapshot=_snapshot(seller), registrations=(), options=options),
        issue_on=DAY,
        base=base or BaseCurrency(currency=currency, rate=Decimal(1), rate_on=DAY, source=""),
        plugins=(),
    )
    return replace(frozen, **changes)


def publish(
    found: Document,
    *,
    number: str = "INV-2026-00001",
    accounts: tuple[BankAccount, ...] = (IBAN,),
    credited: Reference | None = None,
    files: tuple[FileContent, ...] = (),
    terms: str = "Payable within 14 days.",
    notes: str = "",
    legal_text: str = "Managing director: Ada Ledger",
    is_sandbox: bool = False,
) -> Publication:
    """Give a document what goes out with it."""
    return Publication(
        document=found,
        number=number,
        stage=Stage.ISSUED,
        brand=Brand(
            id=UUID(int=3),
            code="default",
            name="Nimbus",
            theme="default",
            renderer="render_pdf.pdf",
            sender=Sender(name="Nimbus", email="billing@nimbus.example"),
            legal_text=legal_text,
            bank_accounts=accounts,
        ),
        template=Template(
            document_type=found.type, texts=(("en", TemplateTexts(terms=terms, notes=notes)),)
        ),
        credited=credited,
        files=files,
        is_sandbox=is_sandbox,
    )


def publication(*sold: tuple[BillLine, TaxTreatment], **more: Any) -> Publication:
    """An ordinary document as it goes out; by default 100 at the standard rate."""
    return publish(document(*(sold or ((line(), STANDARD),)), **more))


def credit_note(*sold: tuple[BillLine, TaxTreatment], **more: Any) -> Publication:
    """A credit note against an invoice."""
    found = document(*(sold or ((line(), STANDARD),)), type=DocumentType.CREDIT_NOTE, **more)
    return publish(
        found, number="CN-2026-00001", credited=Reference(number="INV-2026-00001", issue_on=DAY)
    )


def _snapshot(party: Party) -> PartySnapshot:
    return PartySnapshot(id=UUID(int=5), party=party, salt=bytes(16))
