"""The questions that a pricing model answers, and its answers.

A pricing model is asked only for charges that name a product or price; amounts
and unit prices that arrive with a charge are arithmetic of the core. It is pure:
quantity and parameters in, price out; no clock, no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable
from uuid import UUID

from billhook.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceVersion:
    """An immutable price of a product, as far as a model sees it."""

    id: UUID
    model: str  # provider key, e.g. "pricing_standard.per_unit"
    currency: str
    parameters: Mapping[str, str]
    """Decimals as strings, as the model's `parameter_problems` accepted them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuery:
    """One charge to be priced."""

    price: PriceVersion
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePart:
    """One line that the price makes: quantity × unit price ÷ base quantity, rounded once."""

    quantity: Decimal
    unit_price: Decimal
    base_quantity: Decimal = Decimal(1)  # BT-149
    description: str = ""
    """Added to the charge's own description, such as the tier's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAnswer:
    """The parts of a price, with why; or the problems that prevent it."""

    parts: tuple[PricePart, ...]
    explanation: str = ""
    problems: tuple[Problem, ...] = ()


@runtime_checkable
class PricingModel(Protocol):
    """A provider of family "pricing model". Keys are ``<plugin>.<name>``."""

    key: str

    def parameter_problems(self, parameters: Mapping[str, str]) -> Sequence[Problem]:
        """Check the parameters of a price before it is stored."""
        ...

    def price(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        """Price a batch: one answer per query, in the same order."""
        ...
