"""A bill: priced and grouped lines that become a draft or a document.

Its amounts are signed as the charges were; `freeze` decides by the sum whether
it is an invoice or a credit note, and turns the signs so that both are positive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import (
    Attachment,
    BaseCurrency,
    Document,
    DocumentAdjustment,
    DocumentLine,
    PartySnapshot,
)
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType, Supply
from billhook.domain.tax import Registration, TaxLine, TaxQuery, TaxSituation, TaxTreatment
from billhook.domain.totals import (
    Adjustment,
    AdjustmentKind,
    TaxedAmount,
    Totals,
    TotalsOptions,
    document_totals,
)
from billhook.money import minor_digits, spread, to_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line with its price; `amount` is what it comes to, signed, in minor units."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: int
    supply: Supply
    tax_category: str
    supplied_on: date
    base_quantity: Decimal = Decimal(1)
    adjustments: tuple[Adjustment, ...] = ()
    sku: str = ""
    unit: str = ""
    revenue_account: str = ""
    period: Period | None = None
    section_key: str = ""
    section_label: str = ""
    product_id: UUID | None = None
    charge_id: UUID | None = None
    explanation: str = ""
    plugins: tuple[tuple[str, str], ...] = ()
    """Name and version of the plugins that priced it."""
    fields: tuple[FieldValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer as a bill sees it; `version` tells whether it has changed since."""

    id: UUID
    reference: str
    version: int
    snapshot: PartySnapshot
    consolidation: str
    payment_days: int
    purchase_order: str
    buyer_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All lines of one document to be, in order.

    What is None or empty among its own terms is the customer's.
    """

    id: UUID
    buyer: Buyer
    payer_id: UUID
    currency: str
    lines: tuple[BillLine, ...]
    adjustments: tuple[Adjustment, ...] = ()
    delivery_country: str = ""
    purchase_order: str = ""
    note: str = ""
    attachments: tuple[Attachment, ...] = ()
    buyer_reference: str | None = None
    language: str = ""
    payment_days: int | None = None
    terms: str = ""
    reference: str = ""
    brand_id: UUID | None = None
    fields: tuple[FieldValue, ...] = ()

    @property
    def charge_ids(self) -> list[UUID]:
        """The bill's charges, each once: lines may share one."""
        return list(dict.fromkeys(line.charge_id for line in self.lines if line.charge_id))

    @property
    def spoken(self) -> str:
        """The language that the document will be in."""
        return self.language or self.buyer.snapshot.party.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What the tenant brings to each of its documents."""

    snapshot: PartySnapshot
    registrations: tuple[Registration, ...]
    options: TotalsOptions


def tax_situation(bill: Bill, seller: Seller) -> TaxSituation:
    """Return who sells to whom, for the tax engine."""
    ours, theirs = seller.snapshot.party, bill.buyer.snapshot.party
    is_elsewhere = bool(bill.delivery_country) and bill.delivery_country != theirs.address.country
    return TaxSituation(
        seller_country=ours.address.country,
        seller_subdivision=ours.address.subdivision,
        registrations=seller.registrations,
        buyer_country=theirs.address.country,
        buyer_subdivision=theirs.address.subdivision,
        buyer_tax_number=theirs.tax_number,
        delivery_country=bill.delivery_country or theirs.address.country,
        delivery_subdivision="" if is_elsewhere else theirs.address.subdivision,
        language=bill.spoken,
    )


def tax_query(bill: Bill, situation: TaxSituation, issue_on: date) -> TaxQuery:
    """Return the bill's question to the tax engine, a line per line.

    The tax date of a line is its supply date, or the issue date where that is earlier.
    """
    return TaxQuery(
        situation=situation,
        lines=tuple(
            TaxLine(line.supply, line.tax_category, min(line.supplied_on, issue_on))
            for line in bill.lines
        ),
    )


def freeze(
    bill: Bill,
    treatments: Sequence[TaxTreatment],
    *,
    seller: Seller,
    issue_on: date,
    base: BaseCurrency,
    plugins: tuple[tuple[str, str], ...],
) -> Document:
    """Return the bill as a document: totals, taxes and parties fixed, all but the number."""
    totals = _totals(bill, treatments, seller.options)
    kind = DocumentType.INVOICE
    if (totals.gross, totals.net) < (0, 0):
        kind = DocumentType.CREDIT_NOTE
        bill = turned(bill)
        totals = _totals(bill, treatments, seller.options)
    numbers = {group.treatment: number for number, group in enumerate(totals.groups)}
    return Document(
        id=bill.id,
        type=kind,
        customer_id=bill.buyer.id,
        payer_id=bill.payer_id,
        seller=seller.snapshot,
        buyer=bill.buyer.snapshot,
        currency=bill.currency,
        issue_on=issue_on,
        due_on=issue_on + timedelta(days=_payment_days(bill)),
        language=bill.spoken,
        lines=_lines(bill, treatments, totals, numbers),
        adjustments=_adjustments(bill, totals),
        groups=totals.groups,
        net=totals.net,
        tax=totals.tax,
        gross=totals.gross,
        rounding=totals.rounding,
        prepaid=totals.prepaid,
        payable=totals.payable,
        base=base,
        delivery_country=bill.delivery_country,
        purchase_order=bill.purchase_order,
        buyer_reference=(
            bill.buyer.buyer_reference if bill.buyer_reference is None else bill.buyer_reference
        ),
        note=bill.note,
        terms=bill.terms,
        reference=bill.reference,
        brand_id=bill.brand_id,
        fields=bill.fields,
        attachments=bill.attachments,
        prices_include_tax=seller.options.prices_include_tax,
        plugins=plugins,
    )


def _payment_days(bill: Bill) -> int:
    return bill.buyer.payment_days if bill.payment_days is None else bill.payment_days


def _lines(
    bill: Bill,
    treatments: Sequence[TaxTreatment],
    totals: Totals,
    numbers: dict[TaxTreatment, int],
) -> tuple[DocumentLine, ...]:
    only_group = len(numbers) == 1
    return tuple(
        DocumentLine(
            line_no=number,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            net=net,
            group_no=0 if only_group else numbers[treatment],
            supplied_on=line.supplied_on,
            base_quantity=line.base_quantity,
            adjustments=line.adjustments,
            sku=line.sku,
            unit=line.unit,
            period=line.period,
            section_key=line.section_key,
            section_label=line.section_label,
            revenue_account=line.revenue_account,
            product_id=line.product_id,
            charge_id=line.charge_id,
            explanation=line.explanation,
            supply=line.supply.value,
            tax_category=line.tax_category,
            fields=line.fields,
        )
        for number, (line, treatment, net) in enumerate(
            zip(bill.lines, treatments, totals.nets, strict=False), 1
        )
    )


def _adjustments(bill: Bill, totals: Totals) -> tuple[DocumentAdjustment, ...]:
    """Return each adjustment once per tax group that it touches, as EN 16931 asks (BG-20)."""
    if not bill.adjustments:
        return ()
    nets = iter(totals.nets[len(bill.lines) :])
    parts = [
        DocumentAdjustment(adjustment=adjustment, net=next(nets), group_no=group_no)
        for adjustment in bill.adjustments
        for group_no in range(len(totals.groups))
    ]
    return tuple(part for part in parts if part.net)


def _totals(bill: Bill, treatments: Sequence[TaxTreatment], options: TotalsOptions) -> Totals:
    amounts = [
        TaxedAmount(amount=line.amount, treatment=treatment)
        for line, treatment in zip(bill.lines, treatments, strict=True)
    ]
    if not bill.adjustments:
        return document_totals(amounts, options=options)
    groups = list(dict.fromkeys(treatments))
    sums = [sum(a.amount for a in amounts if a.treatment == group) for group in groups]
    for adjustment in bill.adjustments:
        parts = document_adjustment_parts(adjustment, sums, bill.currency)
        amounts += [
            TaxedAmount(amount=part, treatment=group)
            for part, group in zip(parts, groups, strict=True)
        ]
    return document_totals(amounts, options=options)


def document_adjustment_parts(
    adjustment: Adjustment, group_sums: Sequence[int], currency: str
) -> list[int]:
    """Spread an adjustment of the whole document over its tax groups; parts sum to it.

    A percent is taken of the lines' sum; the parts are in proportion to the groups.
    """
    digits = minor_digits(currency)
    base = Decimal(sum(group_sums)).scaleb(-digits)
    return spread(to_minor(adjustment.on(base, digits), currency), group_sums)


def turned(bill: Bill) -> Bill:
    """Return the bill with every sign turned, fixed adjustments included."""
    return replace(
        bill,
        lines=tuple(
            replace(
                line,
                quantity=-line.quantity,
                amount=-line.amount,
                adjustments=tuple(_opposite(item) for item in line.adjustments),
            )
            for line in bill.lines
        ),
        adjustments=tuple(_opposite(item) for item in bill.adjustments),
    )


def _opposite(adjustment: Adjustment) -> Adjustment:
    """A percent follows its base's sign; a fixed amount must change its kind."""
    if adjustment.amount is None:
        return adjustment
    turned = (
        AdjustmentKind.SURCHARGE
        if adjustment.kind is AdjustmentKind.ALLOWANCE
        else AdjustmentKind.ALLOWANCE
    )
    return replace(adjustment, kind=turned)
