"""The engine: documents in, treatments out, each distinct case decided once."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from billhook.domain.tax import TaxAnswer, TaxLine, TaxQuery, TaxSituation, TaxTreatment
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook_tax_rules.rules import treat
from billhook_tax_rules.settings import TaxRulesSettings

_MOST_CASES = 10_000
"""Per trade lane; a lane with more distinct days and categories starts afresh."""

_lane = attrgetter(
    "seller_country",
    "seller_subdivision",
    "registrations",
    "buyer_country",
    "buyer_subdivision",
    "delivery_country",
    "delivery_subdivision",
    "language",
)

_Decisions = dict[TaxLine, TaxTreatment]


class RulesEngine:
    """Tax by the dated rate table and the rules of this package; it calls no one."""

    key = "tax_rules.rules"
    is_remote = False

    def __init__(self, ctx: Context) -> None:
        self._settings = ctx.ports.settings.read(ctx, TaxRulesSettings)

    def assess(self, queries: Sequence[TaxQuery]) -> Sequence[TaxAnswer]:
        """Answer each query; a line that cannot be decided is a problem, never zero tax."""
        return answers(queries, self._settings)


def answers(queries: Iterable[TaxQuery], settings: TaxRulesSettings) -> list[TaxAnswer]:
    """Answer each query by the settings of one tenant."""
    return [_answer(query, settings) for query in queries]


def _answer(query: TaxQuery, settings: TaxRulesSettings) -> TaxAnswer:
    situation = query.situation
    decisions = _decisions(_lane(situation), settings, bool(situation.buyer_tax_number))
    found = [
        decisions.get(line) or _decide(decisions, situation, line, settings)
        for line in query.lines
    ]
    treatments = tuple(each for each in found if isinstance(each, TaxTreatment))
    if len(treatments) == len(found):
        return TaxAnswer(treatments=treatments)
    return TaxAnswer(treatments=(), problems=_distinct(found))


def _decide(
    decisions: _Decisions, situation: TaxSituation, line: TaxLine, settings: TaxRulesSettings
) -> TaxTreatment | Problem:
    """Decide and remember; a problem is told anew each time, in the language of who reads it."""
    decision = treat(situation, line, settings)
    if isinstance(decision, TaxTreatment):
        if len(decisions) >= _MOST_CASES:
            decisions.clear()
        decisions[line] = decision
    return decision


@lru_cache(maxsize=4096)
def _decisions(
    lane: tuple[object, ...], settings: TaxRulesSettings, is_business: bool
) -> _Decisions:
    """Return what was decided so far for one lane: all that decides but the line itself.

    The rate table is part of the package, so a decision never goes stale.
    """
    return {}


def _distinct(found: Iterable[TaxTreatment | Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Problem)))
