"""Canada: GST or HST, and the provinces' own taxes beside it.

HST takes the place of both where a province has it. Québec's QST and the sales
taxes of the others (PST, RST) are each under a registration of their own: a
seller charges those that it is registered for. Excise Tax Act, section 165;
New Harmonized Value-added Tax System Regulations (place of supply).
"""

from billhook.domain.tax import Registration, TaxComponent, TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules import treatments
from billhook_tax_rules.rates import EXEMPT, STANDARD, Rate, has_own_rates, rate_on
from billhook_tax_rules.sales import Sale
from billhook_tax_rules.subdivisions import subdivision_problem

_COUNTRY = "CA"
_HARMONISED = "HST"
_OF_QUEBEC = "QST"


def levy(sale: Sale) -> TaxTreatment | Problem | None:
    """Charge what the seller is registered for; None where that is nothing."""
    if not sale.registrations_of(_COUNTRY):
        return None
    place = sale.destination
    if problem := subdivision_problem(_COUNTRY, place.subdivision, path="buyer.subdivision"):
        return problem
    federal = None if sale.buyer_accounts_itself else sale.registration_in(place)
    if sale.line.category == EXEMPT:
        return treatments.exempt(sale, place, federal) if federal else None
    rate = rate_on(_COUNTRY, sale.line.category, sale.line.tax_on)
    if rate is None:
        return treatments.rate_missing(sale, place)
    components = _components(sale, rate, federal)
    return treatments.charged(sale, components) if components else None


def _components(sale: Sale, rate: Rate, federal: Registration | None) -> tuple[TaxComponent, ...]:
    own = _provincial_rate(sale)
    if own and own.tax == _HARMONISED:
        return (treatments.component(own, federal),) if federal else ()
    provincial = _provincial_registration(sale, own) if own else None
    found = [(rate, federal), (own, provincial)]
    return tuple(treatments.component(row, held) for row, held in found if row and held)


def _provincial_rate(sale: Sale) -> Rate | None:
    """Return the province's row; what is zero-rated is so in the provinces too."""
    province = sale.destination.subdivision
    if sale.line.category != STANDARD or not has_own_rates(_COUNTRY, province):
        return None
    return rate_on(_COUNTRY, STANDARD, sale.line.tax_on, subdivision=province)


def _provincial_registration(sale: Sale, own: Rate) -> Registration | None:
    """Find the registration for the province's own tax.

    Sales taxes are charged to businesses too, but not on services that they leave
    out; QST follows GST in both.
    """
    is_value_added = own.tax == _OF_QUEBEC
    is_free = sale.buyer_accounts_itself if is_value_added else sale.is_untaxed_service
    if is_free:
        return None
    scheme = "qst" if is_value_added else "pst"
    return next(
        (
            held
            for held in sale.registrations_of(_COUNTRY)
            if held.scheme == scheme and held.subdivision == own.subdivision
        ),
        None,
    )
