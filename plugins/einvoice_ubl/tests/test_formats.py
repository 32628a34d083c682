"""Every kind of document that the standard knows passes the schema and the official rules."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billhook.domain.brands import BankAccount
from billhook.domain.documents import BaseCurrency
from billhook.domain.periods import Period
from billhook.domain.publications import FileContent
from billhook.domain.states import TaxRounding
from billhook.domain.totals import TotalsOptions
from billhook_einvoice_ubl.reading import read

from . import sales
from .sales import (
    BUYER,
    DAY,
    EXEMPT,
    EXPORT,
    IBAN,
    OUTSIDE,
    REDUCED,
    REVERSE,
    SELLER,
    STANDARD,
    WITHIN,
    ZERO,
    allowance,
    credit_note,
    document,
    line,
    publication,
    publish,
    surcharge,
)

PDF = FileContent(name="hours.pdf", content_type="application/pdf", content=b"%PDF-1.7 \x00\xff")
MIXED = [(line("10.01", "3"), STANDARD), (line("7.77"), REDUCED), (line("5"), ZERO)]

EVERY_KIND = {
    "standard": publication(),
    "reduced": publication((line(), REDUCED)),
    "zero-rated": publication((line(), ZERO)),
    "exempt": publication((line(), EXEMPT)),
    "reverse charge": publication((line(), REVERSE)),
    "within the union": publication((line(), WITHIN), delivery_country="FR"),
    "export": publication((line(), EXPORT), delivery_country="US"),
    "outside the scope": publication((line(), OUTSIDE), buyer=replace(BUYER, legal_id="")),
    "outside, no register": publication(
        (line(), OUTSIDE),
        buyer=replace(BUYER, tax_number="", legal_id=""),
        seller=replace(SELLER, legal_id=""),
    ),
    "mixed rates": publication(*MIXED),
    "rate with decimals": publication((line("99.99"), sales.treatment("S", "8.875"))),
    "discount of all": publication(*MIXED, adjustments=(allowance("10"), surcharge(amount=500))),
    "discount of lines": publication(
        (line("9.99", "3", adjustments=(allowance("2.5"), surcharge(amount=35))), STANDARD)
    ),
    "discount without reason": publication(
        (line("10", adjustments=(allowance("5", reason=""),)), STANDARD)
    ),
    "base quantity": publication(
        (line("1.25", "2500", base_quantity=Decimal(1000), unit="KGM"), STANDARD)
    ),
    "price of 12 decimals": publication((line("0.123456789012", "1000.5"), STANDARD)),
    "returned goods": publication((line("100"), STANDARD), (line("30", "-1"), STANDARD)),
    "returned with discount": publication(
        (line("100"), STANDARD), (line("30", "-1", adjustments=(allowance("10"),)), STANDARD)
    ),
    "nothing to pay": publication((line("0"), STANDARD)),
    "sum of zero": publication((line("30"), STANDARD), (line("30", "-1"), STANDARD)),
    "periods": publication(
        (line(period=Period.through(date(2026, 10, 1), date(2026, 10, 31))), STANDARD),
        (line(supplied_on=date(2026, 11, 3)), STANDARD),
    ),
    "prices with tax": publication(
        (line("10", "3"), STANDARD),
        (line("0.99", "7", adjustments=(allowance("10"), allowance(amount=5))), STANDARD),
        options=TotalsOptions(prices_include_tax=True),
    ),
    "tax by line": publication(
        *[(line("0.03"), STANDARD)] * 3, options=TotalsOptions(tax_rounding=TaxRounding.LINE)
    ),
    "cash rounding": publication(
        (line("10.02", currency="CHF"), STANDARD),
        currency="CHF",
        options=TotalsOptions(cash_rounding=5),
    ),
    "foreign currency": publication(
        (line(currency="USD"), STANDARD),
        currency="USD",
        base=BaseCurrency(currency="EUR", rate=Decimal("0.8615"), rate_on=DAY, source="ecb"),
    ),
    "yen": publication((line("1000", "3", currency="JPY"), STANDARD), currency="JPY"),
    "yen, rounded": publication(
        (line("0.5", "3", currency="JPY"), STANDARD),
        (line("99.99", "7", currency="JPY", adjustments=(allowance("3"),)), STANDARD),
        currency="JPY",
    ),
    "dinar": publication((line("12.5", currency="KWD"), ZERO), currency="KWD"),
    "attachment": publish(document((line(), STANDARD)), files=(PDF,)),
    "no IBAN": publish(
        document((line(), STANDARD)),
        accounts=(IBAN, BankAccount(holder="Nimbus", number="000123456789", bic="BOFAUS3N")),
    ),
    "no account": publish(document((line(), STANDARD)), accounts=()),
    "world's scripts": publication(
        (line(description="Łódź Ωmega Иванов 山田太郎 עברית العربية 🧾"), STANDARD),
        buyer=replace(BUYER, name='株式会社 山田 & <Söhne> "קו"'),
    ),
    "sections and units": publication(
        (line(section_label="Order A", unit="hours"), STANDARD),
        (line(section_label="Order B", unit="Stk.", sku="A-1"), STANDARD),
    ),
    "long text": publication((line(description="Line one\nand two\r\nand three"), STANDARD)),
    "sandbox": publish(document((line(), STANDARD)), is_sandbox=True),
    "credit note": credit_note(),
    "credit note with discount": credit_note(*MIXED, adjustments=(allowance("10"),)),
    "credit note on its own": replace(credit_note(), credited=None),
    "prepaid": publish(replace(document((line(), STANDARD)), prepaid=2000, payable=9900)),
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_passes_the_rules_of_en_16931(kind, en16931):
    verdict = en16931(EVERY_KIND[kind]).verdict
    assert verdict.findings == ()
    assert "UBL 2.1 XSD" in verdict.rules
    assert "EN 16931 UBL" in verdict.rules


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_passes_the_rules_of_peppol(kind, peppol):
    verdict = peppol(EVERY_KIND[kind]).verdict
    assert verdict.findings == ()
    assert "Peppol BIS Billing" in verdict.rules


def test_a_batch_is_answered_in_order(en16931):
    from billhook_einvoice_ubl.formats import En16931

    batch = [publish(document((line(), STANDARD)), number=str(n)) for n in range(1, 6)]
    written = En16931(None).write(batch)
    assert [read(one.content).number for one in written] == ["1", "2", "3", "4", "5"]


def test_a_thousand_lines_pass(en16931):
    sold = [(line("1.23", str(n), description=f"Item {n}"), STANDARD) for n in range(1, 1001)]
    written = en16931(publication(*sold))
    assert written.verdict.findings == ()
    assert len(read(written.content).lines) == 1000
