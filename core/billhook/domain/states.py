"""The closed sets of states, types and choices, each by its stored word."""

from enum import StrEnum


class DocumentType(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"

    @property
    def sign(self) -> int:
        """Its effect on what the customer owes: a credit note stores positive amounts."""
        return -1 if self is DocumentType.CREDIT_NOTE else 1


class DraftState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    DISCARDED = "discarded"


class ChargeState(StrEnum):
    """Derived from the queue and the claims, never stored."""

    OPEN = "open"
    CLAIMED = "claimed"
    BILLED = "billed"
    HELD = "held"
    WITHDRAWN = "withdrawn"


class Consolidation(StrEnum):
    """How a customer's charges become documents."""

    PER_RUN = "run"
    PER_GROUP = "group"
    PER_CHARGE = "charge"
    MONTH = "month"
    QUARTER = "quarter"


class Supply(StrEnum):
    """What is sold, as far as taxes care."""

    GOODS = "goods"
    SERVICE = "service"
    ELECTRONIC_SERVICE = "electronic_service"


class TaxRounding(StrEnum):
    """Where tax is rounded to minor units."""

    GROUP = "group"
    LINE = "line"


class RunMode(StrEnum):
    ISSUE = "issue"
    DRAFT = "draft"


class PortalRight(StrEnum):
    """What a customer's person may do at the portal."""

    SEE = "see"
    PAY = "pay"
    MANAGE = "manage"  # change the company's data, and let colleagues in


class Reach(StrEnum):
    """Whose customers a member sees."""

    ALL = "all"
    OWN = "own"
    TAGS = "tags"  # their own, and those with one of some tags
