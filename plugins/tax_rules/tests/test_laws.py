"""Laws that hold for any seller, buyer, product and day."""

from datetime import date
from fractions import Fraction
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from billhook.domain.states import Supply, TaxRounding
from billhook.domain.tax import (
    ComponentKind,
    Registration,
    TaxLine,
    TaxSituation,
    TaxTreatment,
    usual_scheme,
)
from billhook.domain.totals import TaxedAmount, TotalsOptions, document_totals
from billhook_tax_rules.places import is_in_union
from billhook_tax_rules.rates import rate_table
from billhook_tax_rules.rules import treat
from billhook_tax_rules.settings import TaxRulesSettings
from billhook_tax_rules.tables import iso_countries

EVERYWHERE = sorted(iso_countries())
WITH_RATES = sorted({rate.country for rate in rate_table()})

OUTSIDE_EUROPE = {"AU", "CA", "IN", "JP", "NZ", "US"}
KEPT_BACK = TaxRulesSettings(withholding="es-irpf")
PARTS = {
    "CA": ["AB", "BC", "MB", "NS", "ON", "PE", "QC", "SK"],
    "IN": ["MH", "KA", "OD", "OR", "CH", "LD"],
    "US": ["CA", "NY", "OR", "TX"],
}

countries = st.one_of(
    st.sampled_from(sorted(PARTS)), st.sampled_from(WITH_RATES), st.sampled_from(EVERYWHERE)
)
lines = st.builds(
    TaxLine,
    st.sampled_from(Supply),
    st.sampled_from(["standard", "standard", "reduced", "zero", "exempt"]),
    st.dates(date(2008, 1, 1), date(2026, 12, 31)),
)


def part_of(country):
    return st.sampled_from(["", *PARTS.get(country, [])])


@st.composite
def registrations(draw, home):
    country = draw(st.one_of(st.just(home), countries))
    part = draw(part_of(country))
    schemes = st.sampled_from(["vat", "oss", "ioss", usual_scheme(country, part)])
    number = draw(st.integers(1, 3))
    return Registration(
        id=UUID(int=number), country=country, subdivision=part, scheme=draw(schemes)
    )


@st.composite
def situations(draw):
    seller = draw(countries)
    buyer = draw(st.one_of(st.just(seller), countries))
    delivery = draw(st.one_of(st.just(buyer), countries))
    return TaxSituation(
        seller_country=seller,
        seller_subdivision=draw(part_of(seller)),
        registrations=tuple(draw(st.lists(registrations(seller), max_size=4))),
        buyer_country=buyer,
        buyer_subdivision=draw(part_of(buyer)),
        delivery_country=delivery,
        delivery_subdivision=draw(part_of(delivery)),
        buyer_tax_number=draw(st.sampled_from(["", "DE136695976"])),
    )


@given(situations(), lines)
@settings(max_examples=500)
def test_category_rate_and_reason_fit_together(situation, line):
    found = treat(situation, line)
    if not isinstance(found, TaxTreatment):
        return
    charges = any(component.rate for component in found.components)
    if found.category is None:
        assert not found.exemption_code
        assert not (charges and found.note)
        assert charges or found.note or line.category == "zero"
        return
    assert (found.category == "S") == charges
    assert bool(found.note) == (found.category not in ("S", "Z"))
    assert found.exemption_code == "" or found.category not in ("S", "Z", "E")


@given(situations(), lines)
@settings(max_examples=500)
def test_categories_are_europe_s(situation, line):
    found = treat(situation, line)
    if isinstance(found, TaxTreatment):
        outside = {component.country for component in found.components} & OUTSIDE_EUROPE
        assert (found.category is None) == bool(outside)


@given(situations(), lines)
@settings(max_examples=500)
def test_no_tax_is_charged_without_a_registration_that_holds(situation, line):
    found = treat(situation, line)
    if not isinstance(found, TaxTreatment):
        return
    held = {each.id for each in situation.registrations}
    for component in found.components:
        assert component.registration_id in held or not component.rate


@given(situations(), lines)
@settings(max_examples=500)
def test_no_tax_is_charged_for_another_place_than_the_seller_s_or_the_buyer_s(situation, line):
    found = treat(situation, line)
    if not isinstance(found, TaxTreatment):
        return
    places = {
        "GR" if place == "EL" else place
        for place in (
            situation.seller_country,
            situation.buyer_country,
            situation.delivery_country,
        )
    }
    for component in found.components:
        if component.rate and component.country in OUTSIDE_EUROPE:
            assert component.country in places


AMOUNTS = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8)


@given(situations(), lines, AMOUNTS, st.booleans(), st.sampled_from(TaxRounding))
@settings(max_examples=500)
def test_components_sum_to_the_group_s_tax_and_included_tax_leaves_the_gross(
    situation, line, amounts, included, rounding
):
    found = treat(situation, line, KEPT_BACK)
    if not isinstance(found, TaxTreatment):
        return
    options = TotalsOptions(prices_include_tax=included, tax_rounding=rounding)
    taxed = [TaxedAmount(amount=amount, treatment=found) for amount in amounts]
    totals = document_totals(taxed, options=options)
    (group,) = totals.groups
    charged = sum(
        tax
        for component, tax in zip(found.components, group.component_taxes, strict=True)
        if component.kind is not ComponentKind.WITHHOLDING
    )
    assert charged == group.tax == totals.tax
    assert sum(totals.nets) == totals.net == group.net
    assert (totals.gross if included else totals.net) == sum(amounts)
    # Rounding moves each component by less than a unit per line that is rounded
    lines_rounded = len(amounts) if rounding is TaxRounding.LINE else 1
    effective = sum(
        Fraction(component.rate) / 100
        for component in found.components
        if component.kind is not ComponentKind.WITHHOLDING
    )
    if not any(component.kind is ComponentKind.COMPOUND for component in found.components):
        slack = lines_rounded * max(1, len(found.components)) + 1
        assert abs(totals.tax - totals.net * effective) <= slack


@given(situations(), lines)
@settings(max_examples=500)
def test_consumers_never_get_what_is_for_businesses_alone(situation, line):
    found = treat(situation, line)
    if isinstance(found, TaxTreatment) and found.category in ("K", "AE"):
        assert situation.buyer_tax_number
        assert is_in_union(found.components[0].country, line.supply, line.tax_on)


@given(situations(), lines)
def test_equal_cases_share_one_object(situation, line):
    assert treat(situation, line) == treat(situation, line)
    found = treat(situation, line)
    if isinstance(found, TaxTreatment):
        assert treat(situation, line) is found
