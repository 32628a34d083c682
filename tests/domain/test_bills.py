"""Bills freeze into invoices and credit notes."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from billhook.domain.bills import freeze, tax_query, tax_situation
from billhook.domain.document_reading import read_document
from billhook.domain.documents import BaseCurrency, document_content
from billhook.domain.ledger import document_entry, entry_content
from billhook.domain.periods import Period
from billhook.domain.states import DocumentType
from billhook.domain.totals import Adjustment, AdjustmentKind, TotalsOptions

from .examples import DAY, EURO, REDUCED, STANDARD, bill, line, seller


def frozen(bill, *treatments, base=EURO, options=None):
    return freeze(
        bill,
        treatments or [STANDARD] * len(bill.lines),
        seller=seller(options),
        issue_on=DAY,
        base=base,
        plugins=(("tax_rules", "0.1.0"),),
    )


def test_a_positive_sum_is_an_invoice_due_after_the_customers_days():
    document = frozen(bill(line("2", "10"), line("1", "5")))
    assert document.type is DocumentType.INVOICE
    assert (document.net, document.tax, document.gross, document.payable) == (
        2500,
        475,
        2975,
        2975,
    )
    assert document.due_on == DAY + timedelta(days=14)


def test_a_negative_sum_is_a_credit_note_with_positive_amounts():
    document = frozen(bill(line("-3", "10"), line("1", "5")))
    assert document.type is DocumentType.CREDIT_NOTE
    assert (document.net, document.tax, document.gross) == (2500, 475, 2975)
    assert [(item.quantity, item.net) for item in document.lines] == [
        (Decimal(3), 3000),
        (Decimal(-1), -500),
    ]


def test_a_sum_of_zero_is_an_invoice_without_entry():
    document = frozen(bill(line("1", "0")))
    assert (document.type, document.gross) == (DocumentType.INVOICE, 0)
    assert document_entry(document, UUID(int=5)) is None


def test_fixed_discounts_keep_their_effect_when_signs_turn():
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Goodwill", amount=100)
    document = frozen(bill(line("-1", "10", adjustments=(discount,))))
    (only,) = document.lines
    assert only.net == 1100  # -10.00 - 1.00, turned
    assert only.adjustments[0].kind is AdjustmentKind.SURCHARGE


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        ({"percent": Decimal(10)}, [(-1000, 0), (-500, 1)]),
        ({"amount": 100}, [(-67, 0), (-33, 1)]),  # 100 × 2/3 = 66.67, the larger remainder
    ],
)
def test_a_document_discount_is_spread_over_tax_groups(how, parts):
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", **how)
    document = frozen(
        bill(line("1", "100"), line("1", "50"), adjustments=(discount,)), STANDARD, REDUCED
    )
    assert [(item.net, item.group_no) for item in document.adjustments] == parts
    assert document.net == 15000 + sum(net for net, _group in parts)
    assert sum(group.net for group in document.groups) == document.net


def test_the_tax_date_is_the_supply_date_or_the_earlier_issue_date():
    later = line("1", "10")
    earlier = line("1", "10", period=Period(date(2026, 10, 1), date(2026, 11, 1)))
    bought = bill(later, earlier)
    query = tax_query(bought, tax_situation(bought, seller()), issue_on=date(2026, 11, 1))
    assert [item.tax_on for item in query.lines] == [date(2026, 11, 1), date(2026, 11, 1)]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_sealed_content_reads_back_without_loss(currency):
    discount = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Autumn", percent=Decimal("2.5"))
    document = frozen(
        bill(
            line("3", "33.333", currency, sku="A-1", unit="HUR", section_key="p", section_label="P",
                 adjustments=(discount,), charge_id=UUID(int=11), explanation="3 × 33.333"),
            line("1", "7", currency, period=Period(date(2026, 10, 1), date(2026, 11, 1)),
                 product_id=UUID(int=12), revenue_account="4400"),
            currency=currency, adjustments=(discount,), purchase_order="PO-7", note="Thanks",
        ),
        STANDARD, REDUCED,
        base=BaseCurrency(
            currency="EUR", rate=Decimal("0.00612"), rate_on=DAY, source="manual"
        ),
    )  # fmt: skip
    content = document_content(document)
    again = read_document(content, seller=document.seller, buyer=document.buyer)
    assert again == document
    assert document_content(again) == content


def test_a_document_says_whether_its_prices_include_tax():
    for included in (True, False):
        options = TotalsOptions(prices_include_tax=included)
        document = frozen(bill(line("1", "119")), options=options)
        content = document_content(document)
        assert document.prices_include_tax is included
        assert (
            b'"prices_include_tax"' in content
        ) is included  # hashes of others stay as they are
        assert read_document(content, seller=document.seller, buyer=document.buyer) == document


def test_content_holds_no_name_and_no_number():
    content = document_content(frozen(bill(line("1", "10")))).decode()
    assert "Buyer" not in content
    assert "Seller" not in content
    assert "number" not in content


def test_an_invoice_debits_the_receivable_first_and_balances():
    document = frozen(
        bill(line("1", "10.02", revenue_account="4400"), line("1", "5")),
        STANDARD,
        REDUCED,
        options=TotalsOptions(cash_rounding=5),
    )
    entry = document_entry(document, UUID(int=5))
    assert [(p.account, p.amount) for p in entry.postings] == [
        ("1200", document.payable),
        ("4400", -1002),
        ("4000", -500),
        ("2200", -190),
        ("2200", -35),
        ("4900", -document.rounding),
    ]
    assert sum(p.amount for p in entry.postings) == 0


def test_a_credit_note_mirrors_the_entry():
    invoice = document_entry(frozen(bill(line("1", "10"))), UUID(int=5))
    note = document_entry(frozen(bill(line("-1", "10"))), UUID(int=5))
    assert [(p.account, -p.amount) for p in note.postings] == [
        (p.account, p.amount) for p in invoice.postings
    ]


def test_base_amounts_balance_through_exchange_rounding():
    base = BaseCurrency(currency="EUR", rate=Decimal("0.333"), rate_on=DAY, source="manual")
    document = frozen(bill(line("1", "0.05"), line("1", "0.05"), currency="USD"), base=base)
    entry = document_entry(document, UUID(int=5))
    assert sum(p.base_amount for p in entry.postings) == 0
    assert sum(p.amount for p in entry.postings) == 0
    # 0.12 → 0.03996 → 4; 0.10 → 3; 0.02 → 1: nothing is left over here.
    assert [p.base_amount for p in entry.postings] == [4, -3, -1]
    wide = frozen(bill(*[line("1", "0.02", "USD", revenue_account=str(n)) for n in range(9)],
                       currency="USD"), base=base)  # fmt: skip
    rounded = document_entry(wide, UUID(int=5))
    # 0.21 → 7; nine times 0.02 → 1; tax 0.03 → 1: 7 - 9 - 1 = -3 goes to 6950.
    assert (rounded.postings[-1].account, rounded.postings[-1].base_amount) == ("6950", 3)
    assert sum(p.base_amount for p in rounded.postings) == 0


def test_the_content_of_an_entry_names_every_posting():
    entry = document_entry(frozen(bill(line("1", "10"))), UUID(int=5))
    content = entry_content(entry)
    for posting in entry.postings:
        assert f'"account":"{posting.account}"'.encode() in content
