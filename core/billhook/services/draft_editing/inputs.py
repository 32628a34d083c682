"""A draft as it is typed: every value a text, read and judged by `reading`.

Problems name their place by the path that the form's inputs are named by, such as
`lines-3-quantity`: the fourth line, as counted from nought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MOST_LINES = 300
"""What a page can edit. A longer draft is looked at, issued or split."""

PIECE = "C62"
"""One piece, in UN/ECE Recommendation 20."""


class AdjustmentChoice(StrEnum):
    """What a discount or surcharge takes or adds."""

    DISCOUNT_PERCENT = "discount_percent"
    DISCOUNT_AMOUNT = "discount_amount"
    SURCHARGE_PERCENT = "surcharge_percent"
    SURCHARGE_AMOUNT = "surcharge_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentInput:
    """A discount or surcharge; one without a value is none."""

    kind: str = AdjustmentChoice.DISCOUNT_PERCENT
    value: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """A line. What is left empty comes from its product, as far as there is one."""

    key: str = ""
    """Of the stored line that it was; empty on a new one."""
    sku: str = ""
    description: str = ""
    section: str = ""
    quantity: str = "1"
    unit: str = ""
    unit_price: str = ""
    """Empty asks the product's prices."""
    base_quantity: str = ""
    adjustments: tuple[AdjustmentInput, ...] = ()
    tax_category: str = ""
    supply: str = ""
    supplied_on: str = ""
    period_from: str = ""
    period_until: str = ""
    """The last day."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Values of the tenant's own fields, by their keys."""

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was entered that would make it a line."""
        return not (self.key or self.sku.strip() or self.description.strip() or self.unit_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftInput:
    """A whole draft. What is left empty of its terms is the customer's."""

    customer: str = ""
    """Reference."""
    currency: str = ""
    lines: tuple[LineInput, ...] = ()
    adjustments: tuple[AdjustmentInput, ...] = ()
    note: str = ""  # BT-22
    terms: str = ""  # BT-20
    purchase_order: str = ""  # BT-13
    buyer_reference: str = ""  # BT-10
    payment_days: str = ""
    issue_on: str = ""
    """Empty for the day on which it is issued."""
    language: str = ""
    brand: str = ""
    """Code."""
    delivery_country: str = ""  # BT-80
    fields: Mapping[str, str] = field(default_factory=dict)
