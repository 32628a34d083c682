"""Providers behind a fence: each batch ends in time, and its answers are checked before use."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PricingModel
from billhook.domain.tax import TaxAnswer, TaxComponent, TaxEngine, TaxQuery, TaxTreatment
from billhook.errors import PluginFailed
from billhook.money import PRICE_DECIMALS, QUANTITY_DECIMALS, RATE_DECIMALS, fits
from billhook.plugins.contract import mismatch
from billhook.plugins.fence import fenced
from billhook.problems import Problem, errors
from billhook.sdk.providers import DescribesPrices, PriceDescription, PriceParameter

T = TypeVar("T")
A = TypeVar("A")

CATEGORIES = frozenset({None, "S", "Z", "E", "AE", "K", "G", "O", "L", "M"})
"""UNCL 5305 as far as EN 16931 uses it; None is a regime outside of it."""


class FencedPricingModel:
    """A plugin's pricing model, as services use it."""

    def __init__(self, plugin: str, model: PricingModel, deadline: timedelta) -> None:
        self.key = model.key
        self._plugin = plugin
        self._model = model
        self._deadline = deadline

    def parameter_problems(self, parameters: Mapping[str, str]) -> Sequence[Problem]:
        """Raises PluginFailed."""
        found = self._call(lambda: self._model.parameter_problems(parameters))
        refuse(self._plugin, mismatch(found, Sequence[Problem]))
        return found

    def describe(self) -> PriceDescription | None:
        """Return what people type for a price; None where the model does not say. Raises PluginFailed."""
        model = self._model
        if not isinstance(model, DescribesPrices):
            return None
        told = self._call(model.describe)
        refuse(
            self._plugin,
            mismatch(told, PriceDescription)
            or mismatch(told.parameters, tuple[PriceParameter, ...]),
        )
        return told

    def price(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        """Raises PluginFailed, Retryable, Rejected."""
        answers = self._call(lambda: self._model.price(queries))
        refuse(self._plugin, batch_complaint(queries, answers, PriceAnswer, _price_complaint))
        return answers

    def _call(self, act: Callable[[], T]) -> T:
        return fenced(self._plugin, act, deadline=self._deadline)


class FencedTaxEngine:
    """A plugin's tax engine, as services use it."""

    def __init__(self, plugin: str, engine: TaxEngine, deadline: timedelta) -> None:
        self.key = engine.key
        self.is_remote = engine.is_remote
        self._plugin = plugin
        self._engine = engine
        self._deadline = deadline
        self._known: dict[int, TaxTreatment] = {}  # holds what it knows, so that ids stay theirs

    def assess(self, queries: Sequence[TaxQuery]) -> Sequence[TaxAnswer]:
        """Raises PluginFailed, Retryable, Rejected."""
        answers = fenced(
            self._plugin, lambda: self._engine.assess(queries), deadline=self._deadline
        )
        refuse(self._plugin, batch_complaint(queries, answers, TaxAnswer, self._complaint))
        return answers

    def _complaint(self, query: TaxQuery, answer: TaxAnswer) -> str | None:
        if found := problems_complaint(answer.problems):
            return found
        if errors(answer.problems):
            return None
        if len(answer.treatments) != len(query.lines):
            return f"{len(answer.treatments)} treatments for {len(query.lines)} lines"
        for treatment in answer.treatments:
            if id(treatment) in self._known:
                continue
            if found := _treatment_complaint(treatment):
                return found
            self._known[id(treatment)] = treatment
        return None


def refuse(plugin: str, complaint: str | None) -> None:
    """Raises PluginFailed where there is a complaint."""
    if complaint:
        raise PluginFailed(plugin, complaint)


def batch_complaint(
    queries: Sequence[T],
    answers: object,
    kind: type[A],
    check: Callable[[T, A], str | None],
) -> str | None:
    """Tell what is wrong with the answers to a batch: their number, type or content."""
    if found := mismatch(answers, Sequence[kind]):  # type: ignore[valid-type]
        return found
    assert isinstance(answers, Sequence)
    if len(answers) != len(queries):
        return f"{len(answers)} answers for {len(queries)} queries"
    for number, (query, answer) in enumerate(zip(queries, answers, strict=True)):
        if found := check(query, answer):
            return f"answer {number}: {found}"
    return None


def _price_complaint(_query: PriceQuery, answer: PriceAnswer) -> str | None:
    if found := problems_complaint(answer.problems):
        return found
    if errors(answer.problems):
        return None
    if not isinstance(answer.explanation, str):
        return f"explanation is {type(answer.explanation).__name__}, not str"
    if not isinstance(answer.parts, tuple) or not answer.parts:
        return "neither parts nor an error"
    return next((found for part in answer.parts if (found := _part_complaint(part))), None)


def _part_complaint(part: object) -> str | None:
    if not isinstance(part, PricePart):
        return f"part is {type(part).__name__}, not PricePart"
    if not isinstance(part.description, str):
        return f"description is {type(part.description).__name__}, not str"
    return (
        _number_complaint("quantity", part.quantity, QUANTITY_DECIMALS)
        or _number_complaint("unit_price", part.unit_price, PRICE_DECIMALS)
        or _number_complaint("base_quantity", part.base_quantity, QUANTITY_DECIMALS)
        or (None if part.base_quantity > 0 else "base_quantity is not above zero")
    )


def _treatment_complaint(treatment: object) -> str | None:
    if not isinstance(treatment, TaxTreatment):
        return f"treatment is {type(treatment).__name__}, not TaxTreatment"
    if treatment.category not in CATEGORIES:
        return f"category is {str(treatment.category)[:20]!r}, not one of UNCL 5305"
    if not isinstance(treatment.components, tuple):
        return f"components is {type(treatment.components).__name__}, not tuple"
    found = (_component_complaint(component) for component in treatment.components)
    return next((each for each in found if each), None)


def _component_complaint(component: object) -> str | None:
    if not isinstance(component, TaxComponent):
        return f"component is {type(component).__name__}, not TaxComponent"
    found = _number_complaint("rate", component.rate, RATE_DECIMALS)
    if found or component.rate >= 0:
        return found
    return "rate is below zero"


def _number_complaint(name: str, value: Any, decimals: int) -> str | None:
    if not isinstance(value, Decimal):
        return f"{name} is {type(value).__name__}, not Decimal"
    if fits(value, decimals=decimals):
        return None
    return f"{name} {str(value)[:40]} does not fit {decimals} decimals"


def problems_complaint(problems: object) -> str | None:
    """Tell what keeps something from being a tuple of problems."""
    return mismatch(problems, tuple[Problem, ...], "problems")
