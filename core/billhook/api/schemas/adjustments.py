"""Discounts and surcharges as the API takes them."""

from collections.abc import Sequence

from pydantic import Field

from billhook import limits
from billhook.domain.totals import AdjustmentKind
from billhook.errors import ValidationFailed
from billhook.i18n import gettext as _
from billhook.problems import Problem
from billhook.sdk.api import Input
from billhook.services.draft_editing import AdjustmentInput

MOST = 20
_SIDES = {AdjustmentKind.ALLOWANCE: "discount", AdjustmentKind.SURCHARGE: "surcharge"}


class AdjustmentGiven(Input):
    """What is taken off (`allowance`) or added (`surcharge`): a percentage, or an amount."""

    kind: AdjustmentKind
    percent: str | None = Field(None, max_length=60, examples=["10"])
    amount: str | None = Field(None, max_length=60, description="Before tax, in major units.")
    reason: str = Field(max_length=limits.REASON, description="Printed beside it.")


def typed(given: Sequence[AdjustmentGiven], at: str) -> tuple[AdjustmentInput, ...]:
    """Return them as the editor takes them. Raises ValidationFailed."""
    return tuple(_typed(one, f"{at}.{place}") for place, one in enumerate(given))


def _typed(given: AdjustmentGiven, at: str) -> AdjustmentInput:
    values = {"percent": given.percent, "amount": given.amount}
    named = [(way, value) for way, value in values.items() if value is not None and value.strip()]
    if len(named) != 1:
        message = _("Send either percent or amount.")
        raise ValidationFailed([Problem(code="adjustment.value", path=at, message=message)])
    way, value = named[0]
    return AdjustmentInput(kind=f"{_SIDES[given.kind]}_{way}", value=value, reason=given.reason)
