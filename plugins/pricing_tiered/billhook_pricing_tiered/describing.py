"""How people choose the models, and the tables of tiers that they type."""

from collections.abc import Sequence

from billhook.errors import BadNumber
from billhook.money import QUANTITY_DECIMALS, parse_decimal, plain
from billhook.sdk.providers import ParameterTable, PriceDescription, PriceParameter
from billhook_pricing_tiered.parameters import FREE_UNITS, PACKAGE_PRICE, PACKAGE_SIZE, TIERS
from billhook_pricing_tiered.texts import lazy_gettext as _
from billhook_pricing_tiered.tiers import read_tiers


def rows(text: str) -> list[tuple[str, ...]]:
    """Return tiers as rows: from, to, price, fixed fee."""
    tiers, _problems = read_tiers(text)
    return [
        (
            plain(tier.first),
            "" if tier.last is None else plain(tier.last),
            plain(tier.price),
            plain(tier.fee) if tier.fee else "",
        )
        for tier in tiers
    ]


def text(typed: Sequence[Sequence[str]]) -> str:
    """Write rows as tiers; a tier that says not where it begins follows the one before it."""
    pieces = []
    reach = ""
    for row in typed:
        first, last, price, fee = (*row, "", "", "", "")[:4]
        covered = f"{first or _following(reach)}-{last}"
        pieces.append(f"{covered}: {price} + {fee}" if fee else f"{covered}: {price}")
        reach = last
    return "; ".join(pieces)


def _following(reach: str) -> str:
    """Return where a tier begins after one that reaches so far: at the next whole number."""
    if not reach:
        return "0"
    try:
        last = parse_decimal(reach, decimals=QUANTITY_DECIMALS)
    except BadNumber:
        return reach  # told with the tier that ends there
    return plain(last + 1) if last == last.to_integral_value() else plain(last)


_RANGE = (_("From"), _("To, included"))
_BEGINS = _("Leave the end of the last row empty. From is filled in where you leave it out.")
_WITH_FEE = PriceParameter(
    name=TIERS,
    label=_("Tiers"),
    hint=_BEGINS,
    table=ParameterTable(
        columns=(*_RANGE, _("Price of one"), _("Fixed fee")), rows=rows, text=text
    ),
)
_STEPS = PriceParameter(
    name=TIERS,
    label=_("Steps"),
    hint=_BEGINS,
    table=ParameterTable(columns=(*_RANGE, _("Price in all")), rows=rows, text=text),
)
_PACKAGES = PriceParameter(
    name=TIERS,
    label=_("Tiers"),
    hint=_("Let each tier end where a package does."),
    table=ParameterTable(columns=(*_RANGE, _("Price of a package")), rows=rows, text=text),
)
_SIZE = PriceParameter(
    name=PACKAGE_SIZE, label=_("Units of a package"), hint=_("A begun package counts whole.")
)

GRADUATED = PriceDescription(
    title=_("Graduated"),
    summary=_("The units of each tier at that tier's own price."),
    parameters=(_WITH_FEE,),
)
VOLUME = PriceDescription(
    title=_("By volume"),
    summary=_("All units at the price of the tier that the quantity falls into."),
    parameters=(_WITH_FEE,),
)
STAIRSTEP = PriceDescription(
    title=_("In steps"),
    summary=_("One price for all, by the step that the quantity falls into."),
    parameters=(_STEPS,),
)
PACKAGE = PriceDescription(
    title=_("By the package"),
    summary=_("A price for each package that is begun, after a number of free units."),
    parameters=(
        PriceParameter(name=PACKAGE_PRICE, label=_("Price of a package")),
        _SIZE,
        PriceParameter(name=FREE_UNITS, label=_("Free units"), default="0"),
    ),
)
TIERED_PACKAGE = PriceDescription(
    title=_("By the package, in tiers"),
    summary=_("A price for each package that is begun, by the tier that it is in."),
    parameters=(_PACKAGES, _SIZE),
)
