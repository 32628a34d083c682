"""The decision: which of the treatments a line gets.

The law is that of the tax date. A product that is taxed where it is consumed
(goods, electronic services) bears the destination's rate for consumers where the
seller is registered there, or holds a One Stop Shop registration from July 2021;
other services to consumers within the union are taxed at the seller's
(Directive 2006/112/EC, articles 33, 45 and 58).
"""

from billhook.domain.states import Supply
from billhook.domain.tax import Registration, TaxLine, TaxSituation, TaxTreatment
from billhook.problems import Problem
from billhook_tax_rules import canada, india, treatments, united_states
from billhook_tax_rules.rates import EXEMPT
from billhook_tax_rules.regimes import regime
from billhook_tax_rules.sales import Sale, sale_of
from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings
from billhook_tax_rules.withholding import with_withholding

_LEVIES = {"CA": canada.levy, "IN": india.levy, "US": united_states.levy}
"""Countries whose taxes are several, or differ by state or province."""


def treat(
    situation: TaxSituation, line: TaxLine, settings: TaxRulesSettings = DEFAULTS
) -> TaxTreatment | Problem:
    """Decide how one line is taxed, or say what is missing."""
    sale = sale_of(situation, line, settings)
    if isinstance(sale, Problem):
        return sale
    treatment = _decided(sale)
    return treatment if isinstance(treatment, Problem) else with_withholding(sale, treatment)


def _decided(sale: Sale) -> TaxTreatment | Problem:
    levy = _LEVIES.get(sale.destination.country, _one_tax)
    found = levy(sale)
    if found is not None:
        return found
    if sale.is_domestic:
        return treatments.not_registered(sale)
    return _within_union(sale) if sale.is_within_union else _across_the_border(sale)


def _one_tax(sale: Sale) -> TaxTreatment | Problem | None:
    """Charge the destination's tax, where the seller is registered for it."""
    if sale.is_domestic:
        registration = sale.registration_in(sale.destination)
    else:
        registration = _registration_at_destination(sale)
    return treatments.taxed(sale, sale.destination, registration) if registration else None


def _registration_at_destination(sale: Sale) -> Registration | None:
    """Find a registration by which the seller charges the destination's tax.

    A business within the union is charged none, nor is one anywhere for services:
    it accounts for the tax itself.
    """
    inbound = regime(sale.destination.country).taxes_all_services_from_abroad
    if sale.line.supply is Supply.SERVICE and not inbound:
        return None
    if sale.buyer_accounts_itself or (sale.is_business and sale.is_within_union):
        return None
    found = sale.registration_in(sale.destination)
    return found if found or sale.is_business else sale.one_stop_shop()


def _within_union(sale: Sale) -> TaxTreatment | Problem:
    registration = sale.registration_in(sale.origin)
    if registration is None:
        return treatments.not_registered(sale)
    if not sale.is_business or sale.line.category == EXEMPT:
        return treatments.taxed(sale, sale.origin, registration)
    if sale.is_goods:
        return treatments.intra_community_supply(sale, registration)
    return treatments.reverse_charge(sale, registration)


def _across_the_border(sale: Sale) -> TaxTreatment:
    """Free what leaves: as an export, or in Europe as a service supplied elsewhere.

    In the United States no registration is needed to leave out sales tax abroad.
    """
    registration = sale.registration_in(sale.origin)
    if not regime(sale.origin.country).has_categories:
        is_free = registration or sale.origin.country == "US"
        return (
            treatments.export(sale, registration) if is_free else treatments.not_registered(sale)
        )
    if not sale.is_goods:
        return treatments.outside_scope(sale, registration)
    if registration is None:
        return treatments.not_registered(sale)
    return treatments.export(sale, registration)
