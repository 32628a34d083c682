"""The United States: the state's base rate where the seller has nexus.

Nexus is what the seller's registrations say, state by state. Rates of counties,
cities and districts are not known here.
"""

from billhook.domain.tax import TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules import treatments
from billhook_tax_rules.rates import EXEMPT, rate_on
from billhook_tax_rules.sales import Sale
from billhook_tax_rules.subdivisions import subdivision_problem

_COUNTRY = "US"


def levy(sale: Sale) -> TaxTreatment | Problem | None:
    """Charge the rate of the state; None without a registration there.

    Businesses are charged as consumers are: an exemption certificate is told by a
    tax category.
    """
    held = sale.registrations_of(_COUNTRY)
    if not held:
        return None
    place = sale.destination
    if problem := subdivision_problem(_COUNTRY, place.subdivision, path="buyer.subdivision"):
        return problem
    registration = next((one for one in held if one.subdivision == place.subdivision), None)
    if registration is None:
        return None
    if sale.is_untaxed_service:
        return treatments.untaxed_service(sale, place, registration)
    if sale.line.category == EXEMPT:
        return treatments.exempt(sale, place, registration)
    rate = rate_on(_COUNTRY, sale.line.category, sale.line.tax_on, subdivision=place.subdivision)
    if rate is None:
        return treatments.rate_missing(sale, place)
    return treatments.charged(sale, (treatments.component(rate, registration),))
