"""The models as the core asks them: texts and quantities in, parts out. The core rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from billhook.domain.pricing import PriceAnswer, PriceQuery
from billhook.errors import ValidationFailed
from billhook.i18n import current_language
from billhook.money import plain
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.sdk.providers import PriceDescription
from billhook_pricing_tiered import ladders
from billhook_pricing_tiered.describing import (
    GRADUATED,
    PACKAGE,
    STAIRSTEP,
    TIERED_PACKAGE,
    VOLUME,
)
from billhook_pricing_tiered.drops import stairstep_drops, volume_drops
from billhook_pricing_tiered.parameters import (
    FREE_UNITS,
    PACKAGE_PRICE,
    PACKAGE_SIZE,
    TIERS,
    Form,
)
from billhook_pricing_tiered.tables import Table
from billhook_pricing_tiered.texts import gettext as _
from billhook_pricing_tiered.tiers import LARGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price that was read: its table, and what a person should know of it."""

    table: Table
    warnings: tuple[Problem, ...] = ()


class TieredModel:
    """What the models share: a price is read once, and answers all its quantities in one go."""

    key: str
    known: ClassVar[tuple[str, ...]] = (TIERS,)
    """The names of its parameters."""
    description: ClassVar[PriceDescription]

    def __init__(self, ctx: Context) -> None:
        """Without settings, nothing to read."""

    @staticmethod
    def read(form: Form) -> Price:
        """Read a price. Raises ValidationFailed."""
        raise NotImplementedError

    def describe(self) -> PriceDescription:
        return self.description

    def parameter_problems(self, parameters: Mapping[str, str]) -> Sequence[Problem]:
        try:
            return self._price(parameters).warnings
        except ValidationFailed as failed:
            return failed.problems

    def price(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        places: dict[int, list[int]] = {}
        for place, query in enumerate(queries):
            places.setdefault(id(query.price), []).append(place)
        answers: dict[int, PriceAnswer] = {}
        for group in places.values():
            answered = self._answers([queries[place] for place in group])
            answers.update(zip(group, answered, strict=True))
        return [answers[place] for place in range(len(queries))]

    def _answers(self, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer]:
        """Answer queries about one price."""
        price = queries[0].price
        quantities = [query.quantity for query in queries]
        if not -LARGEST < min(quantities) <= max(quantities) < LARGEST:
            return [self._alone(query) for query in queries]
        try:
            table = self._price(price.parameters).table
        except ValidationFailed as failed:
            return [PriceAnswer(parts=(), problems=failed.problems)] * len(queries)
        return table.answers(quantities, price.currency)

    def _alone(self, query: PriceQuery) -> PriceAnswer:
        """Answer one query of a batch that has a quantity beyond all bounds."""
        if abs(query.quantity) >= LARGEST:
            return PriceAnswer(parts=(), problems=(_too_large(query),))
        (answer,) = self._answers([query])
        return answer

    def _price(self, parameters: Mapping[str, str]) -> Price:
        return _read(self.key, tuple(sorted(parameters.items())), current_language())


@lru_cache(maxsize=1024)
def _read(key: str, parameters: tuple[tuple[str, str], ...], language: str) -> Price:
    """Read a price once, its texts in the language that is in force."""
    model = MODELS[key]
    return model.read(Form(dict(parameters), model.known))


def _too_large(query: PriceQuery) -> Problem:
    return Problem(
        code="pricing_tiered.quantity_too_large",
        path="quantity",
        message=_(
            "A quantity of %(quantity)s is too large: at most 18 digits stand before the point. "
            "Withdraw the charge, and add one with the right quantity.",
            quantity=plain(query.quantity),
        ),
    )


class Graduated(TieredModel):
    """Each tier's units at its own price; the fixed fee of each tier that is reached."""

    key = "pricing_tiered.graduated"
    description = GRADUATED

    @staticmethod
    def read(form: Form) -> Price:
        tiers = form.tiers()
        form.check()
        return Price(table=ladders.graduated(tiers))


class Volume(TieredModel):
    """All units at the price of the tier that the quantity falls into, and its fixed fee."""

    key = "pricing_tiered.volume"
    description = VOLUME

    @staticmethod
    def read(form: Form) -> Price:
        tiers = form.tiers()
        form.check()
        return Price(table=ladders.volume(tiers), warnings=tuple(volume_drops(tiers)))


class Stairstep(TieredModel):
    """One fixed price for the step that the quantity falls into."""

    key = "pricing_tiered.stairstep"
    description = STAIRSTEP

    @staticmethod
    def read(form: Form) -> Price:
        tiers = form.tiers_without_fee()
        form.check()
        return Price(table=ladders.stairstep(tiers), warnings=tuple(stairstep_drops(tiers)))


class Package(TieredModel):
    """A price for each started package of units, after a number of free ones."""

    key = "pricing_tiered.package"
    description = PACKAGE
    known = (PACKAGE_PRICE, PACKAGE_SIZE, FREE_UNITS)

    @staticmethod
    def read(form: Form) -> Price:
        price, size = form.price(PACKAGE_PRICE), form.size(PACKAGE_SIZE)
        free = form.units(FREE_UNITS)
        form.check()
        return Price(table=ladders.package(price, size, free))


class TieredPackage(TieredModel):
    """A price for each started package, by the tier that the package is in."""

    key = "pricing_tiered.tiered_package"
    description = TIERED_PACKAGE
    known = (TIERS, PACKAGE_SIZE)

    @staticmethod
    def read(form: Form) -> Price:
        tiers, size = form.tiers_without_fee(), form.size(PACKAGE_SIZE)
        form.refuse_split_packages(tiers, size)
        form.check()
        return Price(table=ladders.tiered_package(tiers, size))


MODELS: dict[str, type[TieredModel]] = {
    model.key: model for model in (Graduated, Volume, Stairstep, Package, TieredPackage)
}
