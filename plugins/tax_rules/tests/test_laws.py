"""Laws that hold for any seller, buyer, product and day."""

from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from billhook.domain.states import Supply
from billhook.domain.tax import Registration, TaxLine, TaxSituation, TaxTreatment
from billhook_tax_rules.places import is_in_union
from billhook_tax_rules.rates import rate_table
from billhook_tax_rules.rules import treat
from billhook_tax_rules.tables import iso_countries

EVERYWHERE = sorted(iso_countries())
WITH_RATES = sorted({rate.country for rate in rate_table()})

countries = st.one_of(st.sampled_from(WITH_RATES), st.sampled_from(EVERYWHERE))
lines = st.builds(
    TaxLine,
    st.sampled_from(Supply),
    st.sampled_from(["standard", "reduced", "zero", "exempt"]),
    st.dates(date(2008, 1, 1), date(2026, 12, 31)),
)
registrations = st.lists(
    st.builds(
        Registration,
        id=st.sampled_from([UUID(int=n) for n in range(1, 4)]),
        country=countries,
        scheme=st.sampled_from(["vat", "oss", "ioss", "gst"]),
    ),
    max_size=4,
).map(tuple)


@st.composite
def situations(draw):
    buyer = draw(countries)
    return TaxSituation(
        seller_country=draw(countries),
        registrations=draw(registrations),
        buyer_country=buyer,
        delivery_country=draw(st.one_of(st.just(buyer), countries)),
        buyer_tax_number=draw(st.sampled_from(["", "DE136695976"])),
    )


@given(situations(), lines)
@settings(max_examples=500)
def test_category_rate_and_reason_fit_together(situation, line):
    found = treat(situation, line)
    if not isinstance(found, TaxTreatment):
        return
    assert (found.category == "S") == (found.rate > 0)
    assert bool(found.note) == (found.category not in ("S", "Z"))
    assert found.exemption_code == "" or found.category not in ("S", "Z", "E")


@given(situations(), lines)
@settings(max_examples=500)
def test_no_tax_is_charged_without_a_registration_that_holds(situation, line):
    found = treat(situation, line)
    if not isinstance(found, TaxTreatment):
        return
    held = {each.id for each in situation.registrations}
    (component,) = found.components
    assert component.registration_id in held or found.category == "O"


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
