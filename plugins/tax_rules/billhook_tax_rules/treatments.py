"""Each way in which a line can be taxed, with its category, code and note.

Categories are those of UNCL 5305 that EN 16931 allows (BT-118); exemption codes
are of the VATEX list of the Connecting Europe Facility (BT-121). Every treatment
has one component, at zero percent where nothing is charged, so that reports find
the registration under which the sale is declared.
"""

from decimal import Decimal
from functools import lru_cache

from billhook.domain.tax import Registration, TaxComponent, TaxTreatment
from billhook.i18n import language
from billhook.problems import Problem
from billhook_tax_rules.places import Place
from billhook_tax_rules.rates import EXEMPT, ZERO, Rate, has_own_rates, rate_on
from billhook_tax_rules.regimes import regime
from billhook_tax_rules.sales import Sale
from billhook_tax_rules.texts import gettext as _

_NOTHING = Decimal(0)


def taxed(sale: Sale, place: Place, registration: Registration) -> TaxTreatment | Problem:
    """Charge the place's rate for the line's category: S, Z or E."""
    if sale.line.category == EXEMPT:
        return exempt(sale, place, registration)
    region = place.subdivision if has_own_rates(place.country, place.subdivision) else ""
    rate = rate_on(place.country, sale.line.category, sale.line.tax_on, subdivision=region)
    if rate is None:
        return rate_missing(sale, place)
    return charged(sale, (component(rate, registration),))


def component(rate: Rate, registration: Registration) -> TaxComponent:
    """Return one tax at a rate of the table, under a registration."""
    return TaxComponent(
        tax=rate.tax,
        country=rate.country,
        subdivision=rate.subdivision,
        rate=rate.percent,
        kind=rate.kind,
        registration_id=registration.id,
    )


def charged(sale: Sale, components: tuple[TaxComponent, ...]) -> TaxTreatment:
    """Charge taxes together; S or Z where the law of the place knows categories."""
    category = None
    if regime(components[0].country).has_categories:
        category = "Z" if sale.line.category == ZERO else "S"
    return shared(TaxTreatment(components=components, category=category))


def exempt(sale: Sale, place: Place, registration: Registration) -> TaxTreatment:
    """E: exempt without credit, such as insurance or teaching.

    Which article exempts depends on what the seller does, so its settings name it.
    """
    settings = sale.settings
    with language(sale.situation.language):
        note = settings.exemption_reason or _exempt_note(place)
    return _untaxed("E", place, registration, note=note, code=settings.exemption_code)


def _exempt_note(place: Place) -> str:
    if regime(place.country).has_categories:
        return _("Exempt from value added tax.")
    return _("Exempt from tax (%(tax)s).", tax=regime(place.country).tax)


def untaxed_service(sale: Sale, place: Place, registration: Registration) -> TaxTreatment:
    """No tax: the place's sales tax leaves out what the seller sells as a service."""
    with language(sale.situation.language):
        note = _("This service is not subject to sales tax at the place of the customer.")
    return _untaxed("O", place, registration, note=note)


def reverse_charge(sale: Sale, registration: Registration) -> TaxTreatment:
    """AE: Directive 2006/112/EC, articles 44, 196 and 226 (11a)."""
    with language(sale.situation.language):
        note = _(
            "Reverse charge: the customer accounts for the value added tax"
            " (Directive 2006/112/EC, articles 44 and 196)."
        )
    return _untaxed("AE", sale.origin, registration, note=note, code="VATEX-EU-AE")


def intra_community_supply(sale: Sale, registration: Registration) -> TaxTreatment:
    """K: Directive 2006/112/EC, article 138."""
    with language(sale.situation.language):
        note = _("Intra-Community supply, exempt (Directive 2006/112/EC, article 138).")
    return _untaxed("K", sale.origin, registration, note=note, code="VATEX-EU-IC")


def export(sale: Sale, registration: Registration | None) -> TaxTreatment:
    """G: Directive 2006/112/EC, article 146, or the like rule of another country.

    The code says "export outside the EU", so it is only given where that is so.
    """
    with language(sale.situation.language):
        if not sale.origin.is_in_union:
            return _untaxed("G", sale.origin, registration, note=_export_note(sale.origin))
        note = _("Export, exempt (Directive 2006/112/EC, article 146).")
    return _untaxed("G", sale.origin, registration, note=note, code="VATEX-EU-G")


def _export_note(origin: Place) -> str:
    law = regime(origin.country).export_law
    return _("Export, free of tax (%(law)s).", law=law) if law else _("Export, free of tax.")


def outside_scope(sale: Sale, registration: Registration | None) -> TaxTreatment:
    """O: a service whose place of supply is abroad (Directive 2006/112/EC, articles 44 to 59)."""
    with language(sale.situation.language):
        if sale.is_business:
            note = _("Not subject to tax here: the customer accounts for it (reverse charge).")
        else:
            note = _("Not subject to tax here: the place of supply is abroad.")
    return _untaxed("O", sale.origin, registration, note=note, code="VATEX-EU-O")


def not_registered(sale: Sale) -> TaxTreatment:
    """O: the seller has no registration under which it could charge tax.

    In the United States that is what a sale outside nexus is.
    """
    with language(sale.situation.language):
        note = _("No tax is charged: the seller is not registered for it.")
        if sale.is_domestic and sale.origin.country == "US":
            note = _("No sales tax is charged: the seller has no nexus in the customer's state.")
    return _untaxed("O", sale.origin, None, note=note, code="VATEX-EU-O")


@lru_cache(maxsize=4096)
def shared(treatment: TaxTreatment) -> TaxTreatment:
    """Return one object for all equal treatments: who groups by it compares by identity."""
    return treatment


def _untaxed(
    category: str, place: Place, registration: Registration | None, *, note: str, code: str = ""
) -> TaxTreatment:
    law = regime(place.country)
    nothing = TaxComponent(
        tax=law.tax,
        country=place.country,
        rate=_NOTHING,
        registration_id=registration.id if registration else None,
    )
    return shared(
        TaxTreatment(
            components=(nothing,),
            category=category if law.has_categories else None,
            exemption_code=code if law.has_categories else "",
            note=note,
        )
    )


def rate_missing(sale: Sale, place: Place) -> Problem:
    return Problem(
        code="tax_rules.rate_missing",
        path="tax_category",
        message=_(
            "The rate table has no rate “%(category)s” for %(place)s on %(day)s."
            " Give the product another tax category, or choose another tax engine for %(place)s.",
            category=sale.line.category,
            place="-".join(filter(None, (place.country, place.subdivision))),
            day=sale.line.tax_on.isoformat(),
        ),
    )
