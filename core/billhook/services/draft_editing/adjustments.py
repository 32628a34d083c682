"""Discounts and surcharges of lines and of the whole, typed and written for typing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from billhook import limits
from billhook.domain.adjusting import read_adjustment
from billhook.domain.totals import Adjustment, AdjustmentKind
from billhook.i18n import gettext as _
from billhook.money import RATE_DECIMALS, amount_text, plain
from billhook.services.draft_editing.inputs import AdjustmentChoice, AdjustmentInput
from billhook.services.fields import Fields

_KINDS = {
    AdjustmentChoice.DISCOUNT_PERCENT: AdjustmentKind.ALLOWANCE,
    AdjustmentChoice.DISCOUNT_AMOUNT: AdjustmentKind.ALLOWANCE,
    AdjustmentChoice.SURCHARGE_PERCENT: AdjustmentKind.SURCHARGE,
    AdjustmentChoice.SURCHARGE_AMOUNT: AdjustmentKind.SURCHARGE,
}
_PERCENTS = (AdjustmentChoice.DISCOUNT_PERCENT, AdjustmentChoice.SURCHARGE_PERCENT)


def read_adjustments(
    read: Fields, path: str, given: Sequence[AdjustmentInput], currency: str
) -> tuple[Adjustment, ...]:
    """Read discounts and surcharges; those without value and reason are left out."""
    found = (
        _adjustment(read, f"{path}-{place}", one, currency)
        for place, one in enumerate(given)
        if one.value.strip() or one.reason.strip()
    )
    return tuple(one for one in found if one is not None)


def _adjustment(
    read: Fields, path: str, given: AdjustmentInput, currency: str
) -> Adjustment | None:
    known = len(read.problems)
    choice = read.choice(f"{path}-kind", given.kind, AdjustmentChoice)
    choice = choice or AdjustmentChoice.DISCOUNT_PERCENT
    reason = read.text(f"{path}-reason", given.reason, limit=limits.REASON)
    percent = amount = None
    if choice in _PERCENTS:
        percent = read.number(f"{path}-value", given.value, decimals=RATE_DECIMALS)
    else:
        amount = read.amount(f"{path}-value", given.value, currency)
    if len(read.problems) > known:
        return None
    value = amount if percent is None else percent
    is_whole = choice is AdjustmentChoice.DISCOUNT_PERCENT and (percent or 0) > 100
    if not value or value < 0 or is_whole:
        read.refuse(
            f"{path}-value",
            "adjustment.value",
            _("Choose a value above zero; a discount takes off 100 % at most."),
        )
        return None
    if not reason:
        read.refuse(
            f"{path}-reason", "adjustment.reason", _("Say why: clients and e-invoices ask for it.")
        )
    return Adjustment(kind=_KINDS[choice], reason=reason, percent=percent, amount=amount)


def typed_adjustments(
    stored: Iterable[Mapping[str, Any]], currency: str
) -> tuple[AdjustmentInput, ...]:
    """Return stored discounts and surcharges as they are typed."""
    return tuple(_typed(read_adjustment(one), currency) for one in stored)


def _typed(adjustment: Adjustment, currency: str) -> AdjustmentInput:
    way = "amount" if adjustment.percent is None else "percent"
    side = "discount" if adjustment.kind is AdjustmentKind.ALLOWANCE else "surcharge"
    value = (
        amount_text(adjustment.amount or 0, currency)
        if adjustment.percent is None
        else plain(adjustment.percent)
    )
    return AdjustmentInput(
        kind=AdjustmentChoice(f"{side}_{way}"), value=value, reason=adjustment.reason
    )
