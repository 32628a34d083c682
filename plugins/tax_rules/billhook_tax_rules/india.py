"""India: CGST and SGST within a state, IGST between states.

The place of supply decides: where goods are delivered, where the buyer of a
service is (Integrated Goods and Services Tax Act 2017, sections 7, 8, 10 and 12).
In a union territory without a legislature UTGST stands in SGST's place. The
table holds the whole rate; half of it goes to each side.
"""

from dataclasses import replace
from decimal import Decimal

from billhook.domain.states import Supply
from billhook.domain.tax import Registration, TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules import treatments
from billhook_tax_rules.rates import EXEMPT, Rate, rate_on
from billhook_tax_rules.sales import Sale
from billhook_tax_rules.subdivisions import current_code, is_union_territory, subdivision_problem

_COUNTRY = "IN"


def levy(sale: Sale) -> TaxTreatment | Problem | None:
    """Charge by the states of both sides; None where the seller may not charge."""
    held = sale.registrations_of(_COUNTRY)
    if not held or not _is_charged(sale):
        return None
    place = sale.destination
    if problem := subdivision_problem(_COUNTRY, place.subdivision, path="buyer.subdivision"):
        return problem
    state = _state_of_seller(sale) if sale.is_domestic else ""
    if isinstance(state, Problem):
        return state
    registration = _registration(held, state) if sale.is_domestic else held[0]
    if registration is None:
        return None
    if sale.line.category == EXEMPT:
        return treatments.exempt(sale, place, registration)
    rate = rate_on(_COUNTRY, sale.line.category, sale.line.tax_on)
    if rate is None:
        return treatments.rate_missing(sale, place)
    return _charged(sale, rate, registration, state)


def _is_charged(sale: Sale) -> bool:
    """Tell whether the seller accounts: from abroad only for online services to consumers."""
    is_online = sale.line.supply is Supply.ELECTRONIC_SERVICE
    return sale.is_domestic or (is_online and not sale.is_business)


def _state_of_seller(sale: Sale) -> str | Problem:
    """Return the seller's state, which its one registration tells where its address does not."""
    states = {r.subdivision for r in sale.registrations_of(_COUNTRY)} - {""}
    state = sale.origin.subdivision or (states.pop() if len(states) == 1 else "")
    problem = subdivision_problem(_COUNTRY, state, path="seller.subdivision")
    return problem or (current_code(_COUNTRY, state) or state)


def _registration(held: list[Registration], state: str) -> Registration | None:
    """Find that of the state; one that names no state counts for the seller's own."""
    states = {current_code(_COUNTRY, each.subdivision): each for each in reversed(held)}
    return states.get(state) or next((each for each in held if not each.subdivision), None)


def _charged(sale: Sale, rate: Rate, registration: Registration, state: str) -> TaxTreatment:
    if current_code(_COUNTRY, sale.destination.subdivision) != state:
        whole = replace(rate, tax="IGST")
        return treatments.charged(sale, (treatments.component(whole, registration),))
    half = replace(rate, percent=rate.percent / Decimal(2))
    of_state = "UTGST" if is_union_territory(state) else "SGST"
    sides = (replace(half, tax="CGST"), replace(half, tax=of_state, subdivision=state))
    return treatments.charged(
        sale, tuple(treatments.component(side, registration) for side in sides)
    )
