"""One line of a document with the places and registrations that decide its tax."""

from dataclasses import dataclass
from datetime import date

from billhook.domain.states import Supply
from billhook.domain.tax import Registration, TaxLine, TaxSituation
from billhook.problems import Problem
from billhook_tax_rules.places import Place, locate
from billhook_tax_rules.settings import TaxRulesSettings, listed
from billhook_tax_rules.texts import gettext as _

ONE_STOP_SHOP_FROM = date(2021, 7, 1)
"""Directive (EU) 2017/2455, article 2, as amended by Decision (EU) 2020/1109."""

_ORDINARY = frozenset({"vat", "gst"})
_ONE_STOP_SHOPS = {
    "oss": frozenset({Supply.GOODS, Supply.ELECTRONIC_SERVICE}),
    "ioss": frozenset({Supply.GOODS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Who supplies what from where to where, on its tax date."""

    situation: TaxSituation
    line: TaxLine
    settings: TaxRulesSettings
    origin: Place
    destination: Place

    @property
    def is_business(self) -> bool:
        """A buyer without a tax number is a consumer."""
        return bool(self.situation.buyer_tax_number)

    @property
    def is_goods(self) -> bool:
        return self.line.supply is Supply.GOODS

    @property
    def is_domestic(self) -> bool:
        return self.origin.country == self.destination.country

    @property
    def is_within_union(self) -> bool:
        return self.origin.is_in_union and self.destination.is_in_union

    @property
    def buyer_accounts_itself(self) -> bool:
        """A business does for services that it buys abroad."""
        return self.is_business and not self.is_goods and not self.is_domestic

    @property
    def is_untaxed_service(self) -> bool:
        """The seller's settings say where sales tax leaves out what it sells as a service."""
        places = {
            Supply.GOODS: "",
            Supply.SERVICE: self.settings.untaxed_services,
            Supply.ELECTRONIC_SERVICE: self.settings.untaxed_electronic_services,
        }[self.line.supply]
        return f"{self.destination.country}-{self.destination.subdivision}" in listed(places)

    def registration_in(self, place: Place) -> Registration | None:
        """Find the seller's ordinary registration there that holds on the tax date.

        One for the very state or province is taken before one for the whole country.
        """
        found = [
            registration
            for registration in self._in_force()
            if registration.scheme in _ORDINARY and self._country(registration) == place.country
        ]
        own = (one for one in found if one.subdivision and one.subdivision == place.subdivision)
        return next(own, found[0] if found else None)

    def registrations_of(self, country: str) -> list[Registration]:
        """Return all registrations in a country that hold on the tax date, of any scheme."""
        return [each for each in self._in_force() if each.country == country]

    def one_stop_shop(self) -> Registration | None:
        """Find the seller's One Stop Shop registration for this kind of supply."""
        if self.line.tax_on < ONE_STOP_SHOP_FROM or not self.destination.is_in_union:
            return None
        for registration in self._in_force():
            if self.line.supply in _ONE_STOP_SHOPS.get(registration.scheme, ()):
                return registration
        return None

    def _in_force(self) -> list[Registration]:
        return [r for r in self.situation.registrations if r.covers(self.line.tax_on)]

    def _country(self, registration: Registration) -> str:
        place = locate(registration.country, "", self.line.supply, self.line.tax_on)
        return place.country if place else registration.country


def sale_of(situation: TaxSituation, line: TaxLine, settings: TaxRulesSettings) -> Sale | Problem:
    """Place a line: goods go where they are delivered, services where the buyer is."""
    is_delivered = line.supply is Supply.GOODS and situation.delivery_country
    country = situation.delivery_country if is_delivered else situation.buyer_country
    region = situation.delivery_subdivision if is_delivered else situation.buyer_subdivision
    origin = locate(
        situation.seller_country, situation.seller_subdivision, line.supply, line.tax_on
    )
    if origin is None:
        return _unknown(situation.seller_country, "seller.country")
    destination = locate(country, region, line.supply, line.tax_on)
    if destination is None:
        return _unknown(country, "buyer.country")
    return Sale(
        situation=situation, line=line, settings=settings, origin=origin, destination=destination
    )


def _unknown(country: str, path: str) -> Problem:
    return Problem(
        code="tax_rules.country_unknown",
        path=path,
        message=_(
            "“%(country)s” is no country. Enter a two-letter code of ISO 3166, such as DE.",
            country=country,
        ),
    )
