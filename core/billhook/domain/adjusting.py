"""Discounts and surcharges as JSON, the form in which charges and drafts keep them."""

from collections.abc import Mapping
from decimal import Decimal

from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.money import plain


def adjustment_json(adjustment: Adjustment) -> dict[str, str]:
    """Return the stored form; amounts in minor units, numbers as strings."""
    stored = {"kind": adjustment.kind.value, "reason": adjustment.reason}
    if adjustment.percent is not None:
        stored["percent"] = plain(adjustment.percent)
    if adjustment.amount is not None:
        stored["amount"] = str(adjustment.amount)
    return stored


def read_adjustment(stored: Mapping[str, str]) -> Adjustment:
    """Return what `adjustment_json` stored."""
    percent, amount = stored.get("percent"), stored.get("amount")
    return Adjustment(
        kind=AdjustmentKind(stored["kind"]),
        reason=stored["reason"],
        percent=None if percent is None else Decimal(percent),
        amount=None if amount is None else int(amount),
    )
