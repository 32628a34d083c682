"""The table knows every country whose numbers the core checks."""

from datetime import date

from billhook.domain.tax_numbers import EXAMPLES
from billhook_tax_rules.places import members
from billhook_tax_rules.rates import rate_table


def test_every_country_with_rates_has_its_numbers_checked():
    prefixes = {"GR": "EL"}
    assert {prefixes.get(code, code) for code in members(date(2026, 1, 1))} <= set(EXAMPLES)
    places = {prefixes.get(rate.country, rate.country) for rate in rate_table()}
    assert places - set(EXAMPLES) == {"US"}  # which has no number for sales tax
