"""The engine: documents in, treatments out, each distinct case decided once."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from billhook.domain.tax import TaxAnswer, TaxLine, TaxQuery, TaxSituation, TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules.rules import treat

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

_Decisions = dict[TaxLine, TaxTreatment | Problem]


class RulesEngine:
    """Tax by the dated rate table and the rules of this package; it calls no one."""

    key = "tax_rules.rules"
    is_remote = False

    def assess(self, queries: Sequence[TaxQuery]) -> Sequence[TaxAnswer]:
        """Answer each query; a line that cannot be decided is a problem, never zero tax."""
        return [_answer(query) for query in queries]


def _answer(query: TaxQuery) -> TaxAnswer:
    decisions = _decisions(_lane(query.situation), bool(query.situation.buyer_tax_number))
    found = [
        decisions.get(line) or _decide(decisions, query.situation, line) for line in query.lines
    ]
    treatments = tuple(each for each in found if isinstance(each, TaxTreatment))
    if len(treatments) == len(found):
        return TaxAnswer(treatments=treatments)
    return TaxAnswer(treatments=(), problems=_distinct(found))


def _decide(
    decisions: _Decisions, situation: TaxSituation, line: TaxLine
) -> TaxTreatment | Problem:
    if len(decisions) >= _MOST_CASES:
        decisions.clear()
    decision = decisions[line] = treat(situation, line)
    return decision


@lru_cache(maxsize=4096)
def _decisions(lane: tuple[object, ...], is_business: bool) -> _Decisions:
    """Return what was decided so far for one lane: all that decides but the line itself.

    The rate table is part of the package, so a decision never goes stale.
    """
    return {}


def _distinct(found: Iterable[TaxTreatment | Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Problem)))
