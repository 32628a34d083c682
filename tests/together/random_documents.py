"""Random bills and the documents they freeze into, the same for the same seed.

Twelve currencies with 0, 2 and 3 digits, discounts and surcharges on lines and
on the whole, mixed and several taxes, prices with and without tax, cash rounding,
returns, free-standing credit notes and credit notes against invoices.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from billhook.domain.bills import Bill, BillLine, Buyer, Seller, freeze
from billhook.domain.credit_notes import credit_note
from billhook.domain.crediting import GroupLeft, LineLeft
from billhook.domain.custom_fields import FieldValue
from billhook.domain.documents import BaseCurrency, Document, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType, Supply, TaxRounding
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions, line_amount
from billhook.money import minor_digits

DAY = date(2026, 11, 20)
CURRENCIES = ("EUR", "GBP", "USD", "CHF", "SEK", "PLN", "CAD", "INR", "JPY", "ISK", "KWD", "TND")
READERS = (
    ("en", "GB"),
    ("de", "DE"),
    ("de", "CH"),
    ("fr", "FR"),
    ("es", "ES"),
    ("en", "US"),
    ("fr", "CH"),
    ("en", "IN"),
)


def vat(rate: str, category: str = "S", **more: str) -> TaxTreatment:
    component = TaxComponent(tax="VAT", country="DE", rate=Decimal(rate))
    return TaxTreatment(components=(component,), category=category, **more)


RATED = (vat("19"), vat("7"), vat("20"), vat("5.5"), vat("25.5"), vat("8.1"))
UNTAXED = (
    vat("0", "Z"),
    TaxTreatment(
        components=(), category="AE", exemption_code="VATEX-EU-AE", note="Reverse charge"
    ),
    TaxTreatment(components=(), category="E", exemption_code="VATEX-EU-132", note="Exempt supply"),
)
SEVERAL = (
    TaxTreatment(
        components=(
            TaxComponent(tax="GST", country="CA", rate=Decimal(5)),
            TaxComponent(tax="QST", country="CA", subdivision="QC", rate=Decimal("9.975")),
        ),
        category=None,
    ),
    TaxTreatment(
        components=(
            TaxComponent(tax="GST", country="CA", rate=Decimal(5)),
            TaxComponent(
                tax="QST",
                country="CA",
                subdivision="QC",
                rate=Decimal("9.5"),
                kind=ComponentKind.COMPOUND,
            ),
        ),
        category=None,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A document, and the bill and taxes that it came from; a credit note has its invoice's."""

    document: Document
    bill: Bill
    treatments: tuple[TaxTreatment, ...]
    options: TotalsOptions
    credits: Document | None = None


def examples(count: int, *, seed: int = 20261120) -> Iterator[Example]:
    """Make so many documents."""
    random = Random(seed)
    made = 0
    while made < count:
        example = _example(random, made)
        yield example
        made += 1
        if made < count and example.document.type is DocumentType.INVOICE and made % 4 == 0:
            yield _credited(random, example, made)
            made += 1


def _example(random: Random, number: int) -> Example:
    currency = CURRENCIES[number % len(CURRENCIES)]
    pool = SEVERAL if random.random() < 0.15 else RATED + UNTAXED
    included = random.random() < 0.25
    options = TotalsOptions(
        prices_include_tax=included,
        tax_rounding=TaxRounding.LINE if random.random() < 0.1 else TaxRounding.GROUP,
        cash_rounding=5 if currency == "CHF" and random.random() < 0.5 else 0,
    )
    count = 1 if random.random() < 0.3 else random.randint(2, 9)
    chosen = random.sample(pool, k=min(len(pool), random.randint(1, 3)))
    treatments = tuple(random.choice(chosen) for _line in range(count))
    lines = tuple(_line(random, currency, place) for place in range(count))
    bill = Bill(
        id=UUID(int=random.getrandbits(128)),
        buyer=_buyer(random, number),
        payer_id=UUID(int=5),
        currency=currency,
        lines=lines,
        adjustments=tuple(
            _adjustment(random, currency) for _each in range(random.choice((0, 0, 0, 1, 2)))
        ),
        purchase_order=random.choice(("", "PO-4711")),
        note=random.choice(("", "Thank you.")),
        terms=random.choice(("", "", "2 % within 8 days")),
        reference=random.choice(("", "", "INV-2026-00001-B")),
        fields=_fields(random),
    )
    document = freeze(
        bill,
        treatments,
        seller=Seller(snapshot=_seller(), registrations=(), options=options),
        issue_on=DAY,
        base=_base(random, currency),
        plugins=(("tax_rules", "0.1.0"),),
    )
    return Example(document=document, bill=bill, treatments=treatments, options=options)


def _line(random: Random, currency: str, place: int) -> BillLine:
    quantity = Decimal(random.choice((1, 1, 2, 3, 12, 100, -1, -4)))
    if random.random() < 0.3:
        quantity += Decimal(random.randint(1, 999)).scaleb(-random.choice((1, 2, 3)))
    digits = minor_digits(currency)
    price = Decimal(random.randint(0, 10 ** random.randint(2, 7))).scaleb(-digits)
    if random.random() < 0.2:
        price += Decimal(random.randint(1, 9999)).scaleb(-digits - 4)
    base_quantity = Decimal(random.choice((1, 1, 1, 1, 10, 1000)))
    adjustments = tuple(
        _adjustment(random, currency) for _each in range(random.choice((0, 0, 0, 1, 2)))
    )
    is_service = random.random() < 0.3
    return BillLine(
        description=f"Item {place + 1} of many",
        quantity=quantity,
        unit_price=price,
        amount=line_amount(
            quantity, price, currency, base_quantity=base_quantity, adjustments=adjustments
        ),
        supply=Supply.SERVICE,
        tax_category="standard",
        supplied_on=DAY - timedelta(days=random.randint(0, 30)),
        base_quantity=base_quantity,
        adjustments=adjustments,
        sku=random.choice(("", f"SKU-{place}")),
        unit=random.choice(("", "HUR")),
        period=Period(date(2026, 10, 1), date(2026, 11, 1)) if is_service else None,
        section_key=random.choice(("", "a")),
        section_label="",
        fields=_fields(random),
    )


def _fields(random: Random) -> tuple[FieldValue, ...]:
    """Return own fields now and then, printed and not, without a figure that could be a sum."""
    return tuple(
        FieldValue(key=key, label=key.title(), text=text, is_printed=is_printed)
        for key, text, is_printed in (("site", "Kiel", True), ("margin", "low", False))
        if random.random() < 0.2
    )


def _adjustment(random: Random, currency: str) -> Adjustment:
    kind = random.choice(tuple(AdjustmentKind))
    if random.random() < 0.6:
        percent = Decimal(random.randint(1, 4000)).scaleb(-2)
        return Adjustment(kind=kind, reason="By contract", percent=percent)
    return Adjustment(kind=kind, reason="Goodwill", amount=random.randint(1, 5000))


def _base(random: Random, currency: str) -> BaseCurrency:
    if currency == "EUR":
        return BaseCurrency(currency="EUR", rate=Decimal(1), rate_on=DAY, source="base")
    rate = Decimal(random.randint(1, 3_000_000)).scaleb(-6)
    return BaseCurrency(currency="EUR", rate=rate, rate_on=DAY, source="ecb")


def _seller() -> PartySnapshot:
    party = Party(
        name="Nimbus GmbH",
        address=Address(country="DE", street="Hauptstraße 1", postal_code="10115", city="Berlin"),
        tax_number="DE136695976",
        email="billing@nimbus.example",
    )
    return PartySnapshot(id=UUID(int=1), party=party, salt=bytes(16))


def _buyer(random: Random, number: int) -> Buyer:
    language, country = random.choice(READERS)
    party = Party(
        name=f"Buyer {number}",
        address=Address(country=country, street="1 Road", postal_code="12345", city="Town"),
        reference=f"C-{number}",
        language=language,
        tax_number=random.choice(("", "FR40303265045")),
    )
    return Buyer(
        id=UUID(int=4),
        reference=f"C-{number}",
        version=1,
        snapshot=PartySnapshot(id=UUID(int=2), party=party, salt=bytes(16)),
        consolidation="run",
        payment_days=14,
        purchase_order="",
        buyer_reference="04011000-1234512345-35",
    )


def _credited(random: Random, example: Example, number: int) -> Example:
    """Credit an invoice: all of it, or whole lines of it."""
    invoice = example.document
    lines = tuple(
        LineLeft(line_no=line.line_no, group_no=line.group_no, net=line.net, credited=0)
        for line in invoice.lines
    )
    groups = tuple(
        GroupLeft(
            treatment=group.treatment,
            adjustments=sum(item.net for item in invoice.adjustments if item.group_no == group_no),
            taxes=group.component_taxes,
            credited_adjustments=0,
            credited_taxes=(0,) * len(group.component_taxes),
        )
        for group_no, group in enumerate(invoice.groups)
    )
    chosen = [line for line in lines if random.random() < 0.6] or list(lines)
    note = credit_note(
        invoice,
        lines,
        groups,
        {line.line_no: line.net for line in chosen},
        note_id=UUID(int=random.getrandbits(128)),
        issue_on=DAY,
        reason="Returned",
    )
    if note.payable < 0:  # the product refuses such a credit note
        return _example(random, number)
    return Example(
        document=note,
        bill=example.bill,
        treatments=example.treatments,
        options=example.options,
        credits=invoice,
    )
