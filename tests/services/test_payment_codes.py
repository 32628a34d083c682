"""EPC069-12: what a banking app reads from a code is what the invoice says."""

from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from billhook.domain.brands import BankAccount
from billhook.domain.publications import Stage
from billhook.domain.states import DocumentType
from billhook.services.payment_codes import CODE, payload, pictures
from billhook.services.samples import SAMPLES

INVOICE = SAMPLES["one-line"]("default")


def decoded(publication):
    with Image.open(BytesIO(pictures(publication)[CODE])) as picture:
        (found,) = zxingcpp.read_barcodes(picture)
    return found


def test_a_code_is_read_as_it_was_written():
    found = decoded(INVOICE)
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.text.split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "COBADEFFXXX",
        "Lindenhof Studio GmbH",
        "DE89370400440532013000",
        "EUR5712.00",
        "",
        "",
        "RE-2026-00042",
    ]


def test_a_name_with_letters_of_europe_is_read():
    account = BankAccount(holder="Łódź Ωmega Größe & Fils", iban="DE89370400440532013000")
    brand = replace(INVOICE.brand, bank_accounts=(account,))
    assert "Łódź Ωmega Größe & Fils" in decoded(replace(INVOICE, brand=brand)).text


def changed(**document):
    return replace(INVOICE, document=replace(INVOICE.document, **document))


def with_account(**account):
    told = {"holder": "A", "iban": "DE89370400440532013000", **account}
    return replace(INVOICE, brand=replace(INVOICE.brand, bank_accounts=(BankAccount(**told),)))


@pytest.mark.parametrize(
    "publication",
    [
        changed(currency="GBP"),
        changed(payable=0),
        changed(payable=-100),
        changed(payable=100_000_000_000),
        changed(type=DocumentType.CREDIT_NOTE),
        replace(INVOICE, stage=Stage.DRAFT),
        replace(INVOICE, is_sandbox=True),
        replace(INVOICE, brand=replace(INVOICE.brand, bank_accounts=())),
        with_account(iban="", number="123"),
        with_account(currency="USD"),
    ],
)
def test_there_is_no_code_where_none_can_be_paid(publication):
    assert payload(publication) == ""
    assert pictures(publication) == {}


def test_the_account_of_the_currency_comes_before_one_for_any():
    accounts = (
        BankAccount(holder="Any", iban="FR1420041010050500013M02606"),
        BankAccount(holder="Euro", iban="DE89370400440532013000", currency="EUR"),
    )
    publication = replace(INVOICE, brand=replace(INVOICE.brand, bank_accounts=accounts))
    assert "\nEuro\nDE89370400440532013000\n" in payload(publication)


@pytest.mark.parametrize(
    ("payable", "amount"),
    [(1, "EUR0.01"), (123456, "EUR1234.56"), (99999999999, "EUR999999999.99")],
)
def test_the_amount_has_two_decimals_and_a_point(payable, amount):
    assert f"\n{amount}\n" in payload(changed(payable=payable))
