"""The parameters of a price: texts in, exact numbers or problems out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billhook.errors import BadNumber, ValidationFailed
from billhook.money import PRICE_DECIMALS, QUANTITY_DECIMALS, parse_decimal
from billhook.problems import Problem
from billhook_pricing_standard.texts import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that a price has, or may have."""

    name: str
    decimals: int
    default: Decimal | None = None
    """None is a parameter that must be given."""
    above_zero: bool = False
    """Whether zero is too little."""


AMOUNT = Parameter(name="amount", decimals=PRICE_DECIMALS)
UNIT_PRICE = Parameter(name="unit_price", decimals=PRICE_DECIMALS)
BASE_QUANTITY = Parameter(
    name="base_quantity", decimals=QUANTITY_DECIMALS, default=Decimal(1), above_zero=True
)


def read(texts: Mapping[str, str], known: Sequence[Parameter]) -> tuple[Decimal, ...]:
    """Return the parameters' numbers, in their order. Raises ValidationFailed."""
    if problems := list(problems_in(texts, known)):
        raise ValidationFailed(problems)
    return tuple(_number(texts, parameter) for parameter in known)


def problems_in(texts: Mapping[str, str], known: Sequence[Parameter]) -> Iterator[Problem]:
    """Find everything that keeps the texts from being the parameters."""
    names = [parameter.name for parameter in known]
    yield from (_unknown(name, names) for name in texts if name not in names)
    for parameter in known:
        try:
            if _is_too_low(_number(texts, parameter), parameter):
                yield _too_low(parameter)
        except KeyError:
            yield _missing(parameter)
        except BadNumber as error:
            yield _problem("number_malformed", parameter.name, error.message)


def _number(texts: Mapping[str, str], parameter: Parameter) -> Decimal:
    if parameter.name not in texts and parameter.default is not None:
        return parameter.default
    return parse_decimal(texts[parameter.name], decimals=parameter.decimals)


def _is_too_low(number: Decimal, parameter: Parameter) -> bool:
    return number <= 0 if parameter.above_zero else number < 0


def _too_low(parameter: Parameter) -> Problem:
    if parameter.above_zero:
        message = _("“%(name)s” must be above zero.", name=parameter.name)
    else:
        message = _(
            "“%(name)s” cannot be below zero. To give money back, credit the document, or add a "
            "charge with a negative quantity.",
            name=parameter.name,
        )
    return _problem("number_low", parameter.name, message)


def _missing(parameter: Parameter) -> Problem:
    return _problem(
        "parameter_missing",
        parameter.name,
        _("The price has no “%(name)s”. Add it, such as 12.50.", name=parameter.name),
    )


def _unknown(name: str, names: Sequence[str]) -> Problem:
    return _problem(
        "parameter_unknown",
        name,
        _(
            "The price has a parameter “%(name)s” that its model does not know. It knows "
            "%(names)s.",
            name=name[:40],
            names=", ".join(names),
        ),
    )


def _problem(code: str, path: str, message: str) -> Problem:
    return Problem(code=f"pricing_standard.{code}", path=path, message=message)
