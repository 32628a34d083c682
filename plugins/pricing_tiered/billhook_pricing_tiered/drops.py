"""Where a table lets more units cost less, which surprises people: a warning, not an error.

Volume prices do so at the edge of almost every tier. Stripe's page on tiered pricing
says it too: "the total might decrease". Within a tier no price falls, because none is
below zero, so that the edges tell all.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from billhook.money import plain
from billhook.problems import Problem, Severity
from billhook_pricing_tiered.tables import EXACT
from billhook_pricing_tiered.texts import gettext as _
from billhook_pricing_tiered.tiers import Tier


def volume_drops(tiers: Sequence[Tier]) -> Iterator[Problem]:
    """Warn of each tier whose first units cost less, all together, than the tier before."""
    for before, tier in pairwise(tiers):
        assert before.last is not None
        there = EXACT.fma(before.last, before.price, before.fee)
        beyond = EXACT.fma(before.last, tier.price, tier.fee)
        if beyond < there:
            yield _warning(before, before.last, there, beyond)


def stairstep_drops(tiers: Sequence[Tier]) -> Iterator[Problem]:
    """Warn of each step that costs less than the one before it."""
    for before, tier in pairwise(tiers):
        assert before.last is not None
        if tier.price < before.price:
            yield _warning(before, before.last, before.price, tier.price)


def _warning(before: Tier, last: Decimal, there: Decimal, beyond: Decimal) -> Problem:
    return Problem(
        code="pricing_tiered.more_costs_less",
        path="tiers",
        severity=Severity.WARNING,
        message=_(
            "After tier %(tier)s more units cost less: %(last)s cost %(there)s, a little more "
            "than %(last)s cost %(beyond)s. Where that is not what you want, take graduated "
            "prices, or raise the price or fee of the next tier.",
            tier=before.text,
            last=plain(last),
            there=plain(there),
            beyond=plain(beyond),
        ),
    )
