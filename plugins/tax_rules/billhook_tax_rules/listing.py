"""The rates of a day, as commands and routes list them."""

from datetime import date

from billhook.errors import BillhookError
from billhook_tax_rules.rates import Rate, countries, has_own_rates, rates_on
from billhook_tax_rules.texts import gettext as _


class PlaceUnknown(BillhookError):
    """The table has no rates of a place."""

    code = "tax_rules.place_unknown"


def all_rates(day: date) -> list[Rate]:
    """Return the rates of all countries, by country."""
    return [rate for code in sorted(countries()) for rate in rates_on(code, day)]


def rates_of(place: str, day: date) -> list[Rate]:
    """Return the rates of a country, or of one of its parts with those that hold all over it.

    Raises PlaceUnknown.
    """
    country, _dash, part = place.partition("-")
    if country not in countries() or (part and not has_own_rates(country, part)):
        raise PlaceUnknown(
            _(
                "The table has no rates of “%(place)s”. It has those of %(known)s.",
                place=place,
                known=", ".join(sorted(countries())),
            )
        )
    found = rates_on(country, day)
    return [rate for rate in found if not part or rate.subdivision in ("", part)]
