"""The parameters of a price: texts in, tiers and numbers or problems out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billhook.errors import BadNumber, ValidationFailed
from billhook.money import PRICE_DECIMALS, QUANTITY_DECIMALS, parse_decimal, plain
from billhook.problems import Problem
from billhook_pricing_tiered.texts import gettext as _
from billhook_pricing_tiered.tiers import LARGEST, Tier, read_tiers, tier_problem

TIERS = "tiers"
PACKAGE_PRICE = "package_price"
PACKAGE_SIZE = "package_size"
FREE_UNITS = "free_units"


class Form:
    """The texts of a price being read; what is wrong with them adds up to `problems`."""

    def __init__(self, texts: Mapping[str, str], known: Sequence[str]) -> None:
        self._texts = texts
        self.problems = [_unknown(name, known) for name in texts if name not in known]

    def tiers(self) -> tuple[Tier, ...]:
        """Return the tiers; none where they cannot be read."""
        tiers, problems = read_tiers(self._texts.get(TIERS, ""))
        self.problems += problems
        return tiers

    def tiers_without_fee(self) -> tuple[Tier, ...]:
        """Return the tiers, none of which may have a fixed fee."""
        tiers = self.tiers()
        self.problems += [
            _fee_unknown(number, tier) for number, tier in enumerate(tiers, start=1) if tier.fee
        ]
        return tiers

    def price(self, name: str) -> Decimal:
        """Return a price, which is not below zero."""
        return self._number(name, PRICE_DECIMALS, lowest=Decimal(0))

    def size(self, name: str) -> Decimal:
        """Return a number of units above zero."""
        return self._number(name, QUANTITY_DECIMALS, lowest=Decimal("1e-9"))

    def units(self, name: str) -> Decimal:
        """Return a number of units, zero where it is left out."""
        if name not in self._texts:
            return Decimal(0)
        return self._number(name, QUANTITY_DECIMALS, lowest=Decimal(0))

    def refuse_split_packages(self, tiers: Sequence[Tier], size: Decimal) -> None:
        """Let every tier end where a package does: no package costs two prices."""
        self.problems += [
            _splits_package(number, tier, size)
            for number, tier in enumerate(tiers, start=1)
            if tier.last is not None and tier.last % size
        ]

    def check(self) -> None:
        """Raise ValidationFailed where anything was wrong."""
        if self.problems:
            raise ValidationFailed(self.problems)

    def _number(self, name: str, decimals: int, *, lowest: Decimal) -> Decimal:
        try:
            number = parse_decimal(self._texts[name], decimals=decimals)
        except KeyError:
            self.problems.append(_missing(name))
        except BadNumber as error:
            self.problems.append(_problem("number_malformed", name, error.message))
        else:
            if lowest <= number < LARGEST:
                return number
            self.problems.append(_out_of_bounds(name, lowest))
        return Decimal(1)


def _problem(code: str, path: str, message: str) -> Problem:
    return Problem(code=f"pricing_tiered.{code}", path=path, message=message)


def _missing(name: str) -> Problem:
    return _problem(
        "parameter_missing",
        name,
        _(
            "The price has no “%(name)s”. Add it, such as 100, in a file in the column "
            "parameter_%(name)s.",
            name=name,
        ),
    )


def _unknown(name: str, known: Sequence[str]) -> Problem:
    return _problem(
        "parameter_unknown",
        name,
        _(
            "The price has a parameter “%(name)s” that its model does not know. It knows "
            "%(known)s, in a file in columns that begin with parameter_.",
            name=name[:40],
            known=", ".join(known),
        ),
    )


def _out_of_bounds(name: str, lowest: Decimal) -> Problem:
    if lowest:
        message = _("“%(name)s” must be above zero and below 10 to the 18th.", name=name)
    else:
        message = _("“%(name)s” cannot be below zero, nor reach 10 to the 18th.", name=name)
    return _problem("number_out_of_bounds", name, message)


def _fee_unknown(number: int, tier: Tier) -> Problem:
    return tier_problem(
        "tier_fee_unknown",
        _(
            "Tier %(number)s, %(tier)s, has a fixed fee, which this model does not know. Leave out "
            "what follows the plus sign.",
            number=number,
            tier=tier.text,
        ),
    )


def _splits_package(number: int, tier: Tier, size: Decimal) -> Problem:
    assert tier.last is not None
    return tier_problem(
        "tier_splits_package",
        _(
            "Tier %(number)s, %(tier)s, ends inside a package of %(size)s. Let it end at "
            "%(last)s.",
            number=number,
            tier=tier.text,
            size=plain(size),
            last=plain((tier.last // size + 1) * size),
        ),
    )
