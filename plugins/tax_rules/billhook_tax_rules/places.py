"""Where an address lies for value added tax, which is not always its country.

Monaco counts as France, the Canary Islands do not count as Spain, and Northern
Ireland is in the union's area for goods and in the United Kingdom's for services
(Directive 2006/112/EC, articles 5 to 8; Withdrawal Agreement, Protocol on Ireland).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from billhook.domain.states import Supply
from billhook_tax_rules.tables import Validity, iso_countries, rows, validity

NORTHERN_IRELAND = "XI"


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction on a day, for one kind of supply."""

    jurisdiction: str
    subdivision: str
    is_in_union: bool

    @property
    def country(self) -> str:
        """Whose rates and registrations count here."""
        return "GB" if self.jurisdiction == NORTHERN_IRELAND else self.jurisdiction


@dataclass(frozen=True, slots=True)
class _Rule:
    value: str
    supplies: str
    validity: Validity

    def holds(self, supply: Supply, day: date) -> bool:
        kind = "goods" if supply is Supply.GOODS else "services"
        return self.supplies in ("all", kind) and day in self.validity


def locate(country: str, subdivision: str, supply: Supply, day: date) -> Place | None:
    """Find the jurisdiction of an address; None where the country is not in ISO 3166."""
    region = subdivision.strip().upper().removeprefix(f"{country}-")
    elsewhere = _moved(country, region, supply, day) or _moved(country, "", supply, day)
    if elsewhere:
        return Place(elsewhere, "", is_in_union(elsewhere, supply, day))
    if country not in iso_countries():
        return None
    return Place(country, region, is_in_union(country, supply, day))


def is_in_union(jurisdiction: str, supply: Supply, day: date) -> bool:
    """Tell whether a jurisdiction belongs to the European Union's VAT area."""
    return any(rule.holds(supply, day) for rule in _union().get(jurisdiction, ()))


def members(day: date) -> list[str]:
    """Return the member states of a day, Northern Ireland aside."""
    return [code for code in _union() if is_in_union(code, Supply.SERVICE, day)]


def _moved(country: str, region: str, supply: Supply, day: date) -> str:
    found = _territories().get((country, region), ())
    return next((rule.value for rule in found if rule.holds(supply, day)), "")


@cache
def _union() -> dict[str, tuple[_Rule, ...]]:
    found: dict[str, tuple[_Rule, ...]] = {}
    for row in rows("union.csv"):
        rule = _Rule("", row["supplies"], validity(row))
        found[row["place"]] = (*found.get(row["place"], ()), rule)
    return found


@cache
def _territories() -> dict[tuple[str, str], tuple[_Rule, ...]]:
    found: dict[tuple[str, str], tuple[_Rule, ...]] = {}
    for row in rows("territories.csv"):
        key = (row["country"], row["subdivision"])
        rule = _Rule(row["jurisdiction"], row["supplies"], validity(row))
        found[key] = (*found.get(key, ()), rule)
    return found
