"""How people choose the models, and what they type for a price."""

from billhook.sdk.providers import PriceDescription, PriceParameter
from billhook_pricing_standard.parameters import AMOUNT, BASE_QUANTITY, UNIT_PRICE
from billhook_pricing_standard.texts import lazy_gettext as _

FLAT = PriceDescription(
    title=_("Flat price"),
    summary=_("One amount, whatever the quantity."),
    parameters=(PriceParameter(name=AMOUNT.name, label=_("Price")),),
)

PER_UNIT = PriceDescription(
    title=_("Price per unit"),
    summary=_("The quantity times a price, for one or for a number of units."),
    parameters=(
        PriceParameter(name=UNIT_PRICE.name, label=_("Price")),
        PriceParameter(
            name=BASE_QUANTITY.name,
            label=_("For how many units"),
            hint=_("1000 for a price per thousand."),
            default="1",
        ),
    ),
)
