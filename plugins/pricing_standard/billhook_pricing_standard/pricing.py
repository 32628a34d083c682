"""The models: a flat amount, and a price per unit. Exact; the core rounds the line once."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery
from billhook.errors import ValidationFailed
from billhook.money import plain
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.providers import PriceDescription
from billhook_pricing_standard.describing import FLAT, PER_UNIT
from billhook_pricing_standard.parameters import (
    AMOUNT,
    BASE_QUANTITY,
    UNIT_PRICE,
    Parameter,
    problems_in,
    read,
)
from billhook_pricing_standard.settings import PricingStandardSettings
from billhook_pricing_standard.texts import gettext as _


class Flat:
    """One amount, whatever the quantity; a negative quantity takes it back."""

    key = "pricing_standard.flat"
    _parameters: ClassVar[tuple[Parameter, ...]] = (AMOUNT,)

    def __init__(self, ctx: Context) -> None:
        settings = ctx.ports.settings.read(ctx, PricingStandardSettings)
        self._at_zero = Decimal(1 if settings.bills_zero_quantity else 0)

    def describe(self) -> PriceDescription:
        return FLAT

    def parameter_problems(self, parameters: Mapping[str, str]) -> Sequence[Problem]:
        return list(problems_in(parameters, self._parameters))

    def price(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        return [self._answer(query) for query in queries]

    def _answer(self, query: PriceQuery) -> PriceAnswer:
        try:
            (amount,) = read(query.price.parameters, self._parameters)
        except ValidationFailed as failed:
            return PriceAnswer(parts=(), problems=failed.problems)
        times = Decimal(1).copy_sign(query.quantity) if query.quantity else self._at_zero
        return PriceAnswer(
            parts=(PricePart(quantity=times, unit_price=amount),),
            explanation=_(
                "%(amount)s %(currency)s, whatever the quantity",
                amount=plain(amount),
                currency=query.price.currency,
            ),
        )


class PerUnit:
    """A price for each unit, or for a number of them, such as 1,000 requests."""

    key = "pricing_standard.per_unit"
    _parameters: ClassVar[tuple[Parameter, ...]] = (UNIT_PRICE, BASE_QUANTITY)

    def __init__(self, ctx: Context) -> None:
        """Without settings, nothing to read."""

    def describe(self) -> PriceDescription:
        return PER_UNIT

    def parameter_problems(self, parameters: Mapping[str, str]) -> Sequence[Problem]:
        return list(problems_in(parameters, self._parameters))

    def price(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        return [self._answer(query) for query in queries]

    def _answer(self, query: PriceQuery) -> PriceAnswer:
        try:
            unit_price, base_quantity = read(query.price.parameters, self._parameters)
        except ValidationFailed as failed:
            return PriceAnswer(parts=(), problems=failed.problems)
        part = PricePart(
            quantity=query.quantity, unit_price=unit_price, base_quantity=base_quantity
        )
        return PriceAnswer(parts=(part,), explanation=_per_unit(query.price.currency, part))


def _per_unit(currency: str, part: PricePart) -> str:
    if part.base_quantity == 1:
        return _(
            "%(price)s %(currency)s per unit", price=plain(part.unit_price), currency=currency
        )
    return _(
        "%(price)s %(currency)s per %(base_quantity)s units",
        price=plain(part.unit_price),
        currency=currency,
        base_quantity=plain(part.base_quantity),
    )


MODELS = {model.key: model for model in (Flat, PerUnit)}
