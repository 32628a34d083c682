"""Pricing models: what a plugin registers, and how a model tells people of itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from babel.support import LazyProxy

from billhook.domain.pricing import PricingModel
from billhook.sdk.context import Context

Text = str | LazyProxy


@runtime_checkable
class PricingModelFactory(Protocol):
    """Makes a pricing model for a tenant."""

    key: str

    def __call__(self, ctx: Context) -> PricingModel: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterTable:
    """A parameter that people see as a table of numbers, such as tiers."""

    columns: tuple[Text, ...]
    rows: Callable[[str], Sequence[Sequence[str]]]
    """Takes the parameter's text apart; a text that cannot be read has no rows."""
    text: Callable[[Sequence[Sequence[str]]], str]
    """Makes the parameter's text of what was typed; empty rows are left out before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceParameter:
    """One thing that a price says."""

    name: str
    label: Text
    hint: Text = ""
    default: str | None = None
    """What it is where nothing is typed; None must be typed."""
    table: ParameterTable | None = None
    """How it is typed where it is no single number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceDescription:
    """A pricing model as people choose it, and what its prices say."""

    title: Text
    summary: Text
    parameters: tuple[PriceParameter, ...]


@runtime_checkable
class DescribesPrices(Protocol):
    """A pricing model that can be typed into a form; the parameters of others are typed as text."""

    def describe(self) -> PriceDescription:
        """Tell what its prices are made of, in the language in force."""
        ...
