"""An e-invoice as its standard sees it: the business terms of EN 16931-1, each beside its field.

`mapping` makes it of a publication, `writing` puts it into UBL and `reading` takes
it out again. Amounts, prices, quantities and rates are in major units, exact.
Texts that are not there are empty.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billhook.domain.parties import Address
from billhook.domain.totals import AdjustmentKind


@dataclass(frozen=True, slots=True)
class Identifier:
    """A value, and where needed the list that it is of."""

    value: str
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """BG-14, BG-26: days, the last one included."""

    first: date | None  # BT-73, BT-134
    last: date | None  # BT-74, BT-135


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: the invoice that a credit note is about."""

    number: str  # BT-25
    issue_on: date | None  # BT-26


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeParty:
    """BG-4 or BG-7."""

    name: str  # BT-27, BT-44
    address: Address  # BG-5, BG-8
    endpoint: Identifier | None = None  # BT-34, BT-49
    identifier: Identifier | None = None  # BT-29, BT-46
    vat_id: str = ""  # BT-31, BT-48
    tax_id: str = ""  # BT-32
    legal_id: Identifier | None = None  # BT-30, BT-47
    legal_information: str = ""  # BT-33
    contact_name: str = ""  # BT-41, BT-56
    phone: str = ""  # BT-42, BT-57
    email: str = ""  # BT-43, BT-58


@dataclass(frozen=True, slots=True, kw_only=True)
class Supporting:
    """BG-24."""

    reference: str  # BT-122
    name: str  # BT-125-2
    content_type: str  # BT-125-1
    content: bytes  # BT-125


@dataclass(frozen=True, slots=True)
class CreditAccount:
    """BG-17."""

    number: str  # BT-84
    holder: str = ""  # BT-85
    bic: str = ""  # BT-86


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstructions:
    """BG-16."""

    code: str  # BT-81: UNTDID 4461
    reference: str = ""  # BT-83
    accounts: tuple[CreditAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxCategory:
    """UNTDID 5305, and the percent but for O, which has none."""

    code: str  # BT-95, BT-102, BT-118, BT-151
    rate: Decimal | None  # BT-96, BT-103, BT-119, BT-152


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """BG-20, BG-21, and BG-27, BG-28 on a line, where the category is the line's."""

    kind: AdjustmentKind
    amount: Decimal  # BT-92, BT-99, BT-136, BT-141
    reason: str = ""  # BT-97, BT-104, BT-139, BT-144
    reason_code: str = ""  # BT-98, BT-105, BT-140, BT-145
    percent: Decimal | None = None  # BT-94, BT-101, BT-138, BT-143
    base: Decimal | None = None  # BT-93, BT-100, BT-137, BT-142
    category: TaxCategory | None = None  # BT-95, BT-102


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSubtotal:
    """BG-23."""

    category: TaxCategory  # BT-118, BT-119
    net: Decimal  # BT-116
    tax: Decimal  # BT-117
    exemption_code: str = ""  # BT-121
    exemption_reason: str = ""  # BT-120


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProperty:
    """BG-32."""

    name: str  # BT-160
    value: str  # BT-161


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """BG-25."""

    id: str  # BT-126
    name: str  # BT-153
    quantity: Decimal  # BT-129
    unit_code: str  # BT-130
    net: Decimal  # BT-131
    price: Decimal  # BT-146
    category: TaxCategory  # BG-30
    base_quantity: Decimal = Decimal(1)  # BT-149
    description: str = ""  # BT-154
    note: str = ""  # BT-127
    sku: str = ""  # BT-155
    period: Span | None = None  # BG-26
    adjustments: tuple[AllowanceCharge, ...] = ()  # BG-27, BG-28
    properties: tuple[ItemProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """BG-22."""

    lines: Decimal  # BT-106
    net: Decimal  # BT-109
    tax: Decimal  # BT-110
    gross: Decimal  # BT-112
    payable: Decimal  # BT-115
    allowances: Decimal = Decimal(0)  # BT-107
    charges: Decimal = Decimal(0)  # BT-108
    prepaid: Decimal = Decimal(0)  # BT-113
    rounding: Decimal = Decimal(0)  # BT-114


@dataclass(frozen=True, slots=True, kw_only=True)
class EInvoice:
    """An invoice or credit note."""

    type_code: str  # BT-3: 380, 381
    specification: str  # BT-24
    process: str = ""  # BT-23
    number: str  # BT-1
    issue_on: date  # BT-2
    due_on: date | None = None  # BT-9
    note: str = ""  # BT-22
    currency: str  # BT-5
    tax_currency: str = ""  # BT-6
    tax_in_tax_currency: Decimal | None = None  # BT-111
    buyer_reference: str = ""  # BT-10
    order_number: str = ""  # BT-13
    preceding: tuple[Preceding, ...] = ()  # BG-3
    period: Span | None = None  # BG-14
    seller: TradeParty
    buyer: TradeParty
    delivered_on: date | None = None  # BT-72
    delivery_country: str = ""  # BT-80
    payment: PaymentInstructions | None = None
    payment_terms: str = ""  # BT-20
    adjustments: tuple[AllowanceCharge, ...] = ()
    subtotals: tuple[TaxSubtotal, ...]
    sums: Sums
    lines: tuple[Line, ...]
    supporting: tuple[Supporting, ...] = ()
