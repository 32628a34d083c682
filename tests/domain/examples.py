"""Values that several domain tests start from."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from billhook.domain.bills import Bill, BillLine, Buyer, Seller
from billhook.domain.documents import BaseCurrency, PartySnapshot
from billhook.domain.parties import Address, Party
from billhook.domain.states import Supply
from billhook.domain.tax import TaxComponent, TaxTreatment
from billhook.domain.totals import TotalsOptions, line_amount

DAY = date(2026, 11, 20)
EURO = BaseCurrency(currency="EUR", rate=Decimal(1), rate_on=DAY, source="base")


def vat(rate: str, category: str = "S") -> TaxTreatment:
    return TaxTreatment(
        components=(
            TaxComponent(
                tax="VAT", country="DE", rate=Decimal(rate), registration_id=UUID(int=77)
            ),
        ),
        category=category,
    )


STANDARD, REDUCED = vat("19"), vat("7")


def snapshot(number: int, name: str, country: str = "DE") -> PartySnapshot:
    party = Party(name=name, address=Address(country=country, city="Łódź"), tax_number="DE123")
    return PartySnapshot(id=UUID(int=number), party=party, salt=bytes([number]) * 16)


def seller(options: TotalsOptions | None = None) -> Seller:
    return Seller(
        snapshot=snapshot(1, "Seller GmbH"),
        registrations=(),
        options=options or TotalsOptions(),
    )


def buyer() -> Buyer:
    return Buyer(
        id=UUID(int=2),
        reference="C-1",
        version=1,
        snapshot=snapshot(2, "Buyer & Söhne"),
        consolidation="run",
        payment_days=14,
        purchase_order="",
        buyer_reference="",
    )


def line(quantity: str, price: str, currency: str = "EUR", **fields) -> BillLine:
    count, unit_price = Decimal(quantity), Decimal(price)
    return BillLine(
        description=fields.pop("description", "Thing"),
        quantity=count,
        unit_price=unit_price,
        amount=line_amount(count, unit_price, currency, adjustments=fields.get("adjustments", ())),
        supply=Supply.SERVICE,
        tax_category="standard",
        supplied_on=DAY,
        **fields,
    )


def bill(*lines: BillLine, currency: str = "EUR", **fields) -> Bill:
    return Bill(
        id=UUID(int=9),
        buyer=buyer(),
        payer_id=UUID(int=2),
        currency=currency,
        lines=lines,
        **fields,
    )
