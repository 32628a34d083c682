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
from billhook_tax_rules import treatments
from billhook_tax_rules.rates import EXEMPT
from billhook_tax_rules.sales import Sale, sale_of
from billhook_tax_rules.settings import DEFAULTS, TaxRulesSettings


def treat(
    situation: TaxSituation, line: TaxLine, settings: TaxRulesSettings = DEFAULTS
) -> TaxTreatment | Problem:
    """Decide how one line is taxed, or say what is missing."""
    sale = sale_of(situation, line, settings)
    if isinstance(sale, Problem):
        return sale
    if sale.is_domestic:
        return _domestic(sale)
    abroad = _registration_at_destination(sale)
    if abroad:
        return treatments.taxed(sale, sale.destination, abroad)
    return _within_union(sale) if sale.is_within_union else _across_the_border(sale)


def _domestic(sale: Sale) -> TaxTreatment | Problem:
    registration = sale.registration_in(sale.destination)
    if registration is None:
        return treatments.not_registered(sale)
    return treatments.taxed(sale, sale.destination, registration)


def _registration_at_destination(sale: Sale) -> Registration | None:
    """Find a registration by which the seller charges the destination's tax.

    A business within the union is charged none, nor is one anywhere for services:
    it accounts for the tax itself.
    """
    if sale.line.supply is Supply.SERVICE:
        return None
    if sale.is_business and (sale.is_within_union or not sale.is_goods):
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
    registration = sale.registration_in(sale.origin)
    if not sale.is_goods:
        return treatments.outside_scope(sale, registration)
    if registration is None:
        return treatments.not_registered(sale)
    return treatments.export(sale, registration)
