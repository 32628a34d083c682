"""Something billable, not yet on a document."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from billhook.domain.periods import Period
from billhook.domain.states import Supply
from billhook.domain.totals import Adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Who, what, when, how much, why; unique by (tenant, source, reference).

    Priced by exactly one of: `amount`; `unit_price` with `quantity`; `product_id`
    (only where the first two are absent). The row never changes.
    """

    id: UUID
    source: str
    reference: str
    customer_id: UUID
    payer_id: UUID
    currency: str
    charged_on: date
    description: str
    quantity: Decimal = Decimal(1)
    unit_price: Decimal | None = None
    base_quantity: Decimal = Decimal(1)  # BT-149
    amount: int | None = None  # minor units
    adjustments: tuple[Adjustment, ...] = ()
    period: Period | None = None  # BG-26
    product_id: UUID | None = None
    sku: str = ""
    unit: str = ""
    supply: Supply | None = None
    tax_category: str = ""
    revenue_account: str = ""
    group_key: str = ""
    group_label: str = ""
    purchase_order: str = ""  # BT-13
    delivery_country: str = ""  # BT-80

    @property
    def supplied_on(self) -> date:
        """The supply date: the charge's date, or the last day of its service period."""
        return self.period.last_day if self.period else self.charged_on
