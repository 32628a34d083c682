"""Rates of single days, against the publications that the table names."""

from datetime import date

import pytest

from billhook.domain.tax import ComponentKind
from billhook.money import plain
from billhook_tax_rules.rates import rate_on, rate_table, rates_on

# European Commission, VAT rates applied in the Member States, section VIII, and since
# then TEDB; each pair is the last day of a rate and the first of the next.
CHANGES = [
    ("CY", "2012-02-29", "15", "2012-03-01", "17"),
    ("CY", "2013-01-13", "17", "2013-01-14", "18"),
    ("CY", "2014-01-12", "18", "2014-01-13", "19"),
    ("CZ", "2009-12-31", "19", "2010-01-01", "20"),
    ("CZ", "2012-12-31", "20", "2013-01-01", "21"),
    ("EE", "2009-06-30", "18", "2009-07-01", "20"),
    ("EE", "2023-12-31", "20", "2024-01-01", "22"),
    ("EE", "2025-06-30", "22", "2025-07-01", "24"),
    ("ES", "2010-06-30", "16", "2010-07-01", "18"),
    ("ES", "2012-08-31", "18", "2012-09-01", "21"),
    ("FI", "2010-06-30", "22", "2010-07-01", "23"),
    ("FI", "2012-12-31", "23", "2013-01-01", "24"),
    ("FI", "2024-08-31", "24", "2024-09-01", "25.5"),
    ("FR", "2013-12-31", "19.6", "2014-01-01", "20"),
    ("GR", "2010-03-14", "19", "2010-03-15", "21"),
    ("GR", "2010-06-30", "21", "2010-07-01", "23"),
    ("GR", "2016-05-31", "23", "2016-06-01", "24"),
    ("HR", "2009-07-31", "22", "2009-08-01", "23"),
    ("HR", "2012-02-29", "23", "2012-03-01", "25"),
    ("HU", "2009-06-30", "20", "2009-07-01", "25"),
    ("HU", "2011-12-31", "25", "2012-01-01", "27"),
    ("IE", "2008-11-30", "21", "2008-12-01", "21.5"),
    ("IE", "2009-12-31", "21.5", "2010-01-01", "21"),
    ("IE", "2011-12-31", "21", "2012-01-01", "23"),
    ("IE", "2020-08-31", "23", "2020-09-01", "21"),
    ("IE", "2021-02-28", "21", "2021-03-01", "23"),
    ("IT", "2011-09-16", "20", "2011-09-17", "21"),
    ("IT", "2013-09-30", "21", "2013-10-01", "22"),
    ("LT", "2008-12-31", "18", "2009-01-01", "19"),
    ("LT", "2009-08-31", "19", "2009-09-01", "21"),
    ("LU", "2014-12-31", "15", "2015-01-01", "17"),
    ("LU", "2022-12-31", "17", "2023-01-01", "16"),
    ("LU", "2023-12-31", "16", "2024-01-01", "17"),
    ("LV", "2008-12-31", "18", "2009-01-01", "21"),
    ("LV", "2010-12-31", "21", "2011-01-01", "22"),
    ("LV", "2012-06-30", "22", "2012-07-01", "21"),
    ("NL", "2012-09-30", "19", "2012-10-01", "21"),
    ("PL", "2010-12-31", "22", "2011-01-01", "23"),
    ("PT", "2008-06-30", "21", "2008-07-01", "20"),
    ("PT", "2010-06-30", "20", "2010-07-01", "21"),
    ("PT", "2010-12-31", "21", "2011-01-01", "23"),
    ("RO", "2010-06-30", "19", "2010-07-01", "24"),
    ("RO", "2015-12-31", "24", "2016-01-01", "20"),
    ("RO", "2016-12-31", "20", "2017-01-01", "19"),
    ("RO", "2025-07-31", "19", "2025-08-01", "21"),
    ("SI", "2013-06-30", "20", "2013-07-01", "22"),
    ("SK", "2010-12-31", "19", "2011-01-01", "20"),
    ("SK", "2024-12-31", "20", "2025-01-01", "23"),
    # Zweites Corona-Steuerhilfegesetz, article 3
    ("DE", "2020-06-30", "19", "2020-07-01", "16"),
    ("DE", "2020-12-31", "16", "2021-01-01", "19"),
    # SI 2008/3020; its end on 1 January 2010; Finance (No. 2) Act 2010, section 3
    ("GB", "2008-11-30", "17.5", "2008-12-01", "15"),
    ("GB", "2009-12-31", "15", "2010-01-01", "17.5"),
    ("GB", "2011-01-03", "17.5", "2011-01-04", "20"),
    # Swiss Federal Tax Administration, Development of the Swiss VAT rates
    ("CH", "2010-12-31", "7.6", "2011-01-01", "8"),
    ("CH", "2017-12-31", "8", "2018-01-01", "7.7"),
    ("CH", "2023-12-31", "7.7", "2024-01-01", "8.1"),
    # Act no. 50/1988; vatassociation.org of 16 February 2015
    ("IS", "2009-12-31", "24.5", "2010-01-01", "25.5"),
    ("IS", "2014-12-31", "25.5", "2015-01-01", "24"),
    ("NZ", "2010-09-30", "12.5", "2010-10-01", "15"),
    ("JP", "2014-03-31", "5", "2014-04-01", "8"),
    ("JP", "2019-09-30", "8", "2019-10-01", "10"),
]

# Canada Revenue Agency (Notice 342 for NS), Retail Council of Canada, Revenu Québec; for the
# United States the state's own notice (DC of 5 September 2018) or as known
CHANGES_OF_PARTS = [
    ("CA", "BC", "2010-06-30", "PST 7", "2010-07-01", "HST 12"),
    ("CA", "BC", "2013-03-31", "HST 12", "2013-04-01", "PST 7"),
    ("CA", "MB", "2013-06-30", "RST 7", "2013-07-01", "RST 8"),
    ("CA", "MB", "2019-06-30", "RST 8", "2019-07-01", "RST 7"),
    ("CA", "NB", "2016-06-30", "HST 13", "2016-07-01", "HST 15"),
    ("CA", "NL", "2016-06-30", "HST 13", "2016-07-01", "HST 15"),
    ("CA", "NS", "2010-06-30", "HST 13", "2010-07-01", "HST 15"),
    ("CA", "NS", "2025-03-31", "HST 15", "2025-04-01", "HST 14"),
    ("CA", "ON", "2010-06-30", "RST 8", "2010-07-01", "HST 13"),
    ("CA", "PE", "2013-03-31", "PST 10", "2013-04-01", "HST 14"),
    ("CA", "PE", "2016-09-30", "HST 14", "2016-10-01", "HST 15"),
    ("CA", "QC", "2010-12-31", "QST 7.5", "2011-01-01", "QST 8.5"),
    ("CA", "QC", "2011-12-31", "QST 8.5", "2012-01-01", "QST 9.5"),
    ("CA", "QC", "2012-12-31", "QST 9.5", "2013-01-01", "QST 9.975"),
    ("CA", "SK", "2017-03-22", "PST 5", "2017-03-23", "PST 6"),
    ("US", "DC", "2018-09-30", "Sales tax 5.75", "2018-10-01", "Sales tax 6"),
    ("US", "LA", "2024-12-31", "Sales tax 4.45", "2025-01-01", "Sales tax 5"),
    ("US", "NM", "2022-06-30", "Sales tax 5.125", "2022-07-01", "Sales tax 5"),
    ("US", "NM", "2023-06-30", "Sales tax 5", "2023-07-01", "Sales tax 4.875"),
    ("US", "SD", "2023-06-30", "Sales tax 4.5", "2023-07-01", "Sales tax 4.2"),
    ("US", "UT", "2019-03-31", "Sales tax 4.7", "2019-04-01", "Sales tax 4.85"),
]

# Published lists of 2025 and 2026, with CA, NV and VA including what holds all over the state
STATES_TODAY = {
    "AL": "4", "AR": "6.5", "AZ": "5.6", "CA": "7.25", "CO": "2.9", "CT": "6.35", "DC": "6",
    "FL": "6", "GA": "4", "HI": "4", "IA": "6", "ID": "6", "IL": "6.25", "IN": "7", "KS": "6.5",
    "KY": "6", "LA": "5", "MA": "6.25", "MD": "6", "ME": "5.5", "MI": "6", "MN": "6.875",
    "MO": "4.225", "MS": "7", "NC": "4.75", "ND": "5", "NE": "5.5", "NJ": "6.625", "NM": "4.875",
    "NV": "6.85", "NY": "4", "OH": "5.75", "OK": "4.5", "PA": "6", "RI": "7", "SC": "6",
    "SD": "4.2", "TN": "7", "TX": "6.25", "UT": "4.85", "VA": "5.3", "VT": "6", "WA": "6.5",
    "WI": "5", "WV": "6", "WY": "4",
}  # fmt: skip

# TEDB, September 2026; UK, Swiss and Norwegian authorities
STANDARD_TODAY = {
    "AT": "20", "BE": "21", "BG": "20", "CH": "8.1", "CY": "19", "CZ": "21", "DE": "19",
    "DK": "25", "EE": "24", "ES": "21", "FI": "25.5", "FR": "20", "GB": "20", "GR": "24",
    "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17", "LV": "21",
    "MT": "18", "NL": "21", "NO": "25", "PL": "23", "PT": "23", "RO": "21", "SE": "25",
    "SI": "22", "SK": "23",
    "AU": "10", "CA": "5", "IN": "18", "IS": "24", "JP": "10", "NZ": "15",
}  # fmt: skip

# TEDB, March 2026, without the regional rates that it lists beside them
REDUCED_2026 = {
    "AT": {"10", "13"}, "BE": {"6", "12"}, "BG": {"9"}, "CH": {"2.6", "3.8"},
    "CY": {"3", "5", "9"}, "CZ": {"12"}, "DE": {"7"}, "DK": set(), "EE": {"9", "13"},
    "ES": {"4", "10"}, "FI": {"10", "13.5"}, "FR": {"2.1", "5.5", "10"}, "GB": {"5"},
    "GR": {"6", "13"}, "HR": {"5", "13"}, "HU": {"5", "18"}, "IE": {"4.8", "9", "13.5"},
    "IT": {"4", "5", "10"}, "LT": {"5", "12"}, "LU": {"3", "8"}, "LV": {"5", "12"},
    "MT": {"5", "7"}, "NL": {"9"}, "NO": {"12", "15"}, "PL": {"5", "8"}, "PT": {"6", "13"},
    "RO": {"11"}, "SE": {"6", "12"}, "SI": {"5", "9.5"}, "SK": {"5", "19"},
}  # fmt: skip

# The same publications
REDUCED_THEN = [
    ("CH", "reduced", "2023-12-31", "2.5"),
    ("CH", "second_reduced", "2010-12-31", "3.6"),  # accommodation
    ("CZ", "reduced", "2023-12-31", "15"),
    ("CZ", "second_reduced", "2023-12-31", "10"),
    ("DE", "reduced", "2020-08-01", "5"),
    ("ES", "reduced", "2010-08-01", "8"),
    ("FI", "reduced", "2009-09-30", "17"),  # food
    ("FI", "reduced", "2025-12-31", "14"),
    ("FR", "second_reduced", "2013-06-01", "7"),
    ("GB", "second_reduced", "2021-12-01", "12.5"),  # hospitality
    ("GR", "second_reduced", "2015-07-19", "6.5"),
    ("LU", "reduced", "2023-06-01", "7"),
    ("LU", "parking", "2023-06-01", "13"),
    ("NL", "reduced", "2018-12-31", "6"),
    ("NO", "reduced", "2011-12-31", "14"),  # food
    ("NO", "second_reduced", "2021-01-01", "6"),  # passenger transport, cinema, hotels
    ("PL", "reduced", "2010-12-31", "7"),
    ("RO", "reduced", "2025-07-31", "9"),
    ("SI", "reduced", "2013-06-30", "8.5"),
    ("SK", "reduced", "2024-12-31", "10"),
    ("IS", "reduced", "2014-12-31", "7"),
    ("IS", "reduced", "2015-01-01", "11"),
    ("JP", "reduced", "2019-09-30", None),
    ("JP", "reduced", "2019-10-01", "8"),  # food and drink, newspapers by subscription
    # India: notifications 1/2017 and 9/2025-Central Tax (Rate), both halves together
    ("IN", "standard", "2017-06-30", None),
    ("IN", "reduced", "2017-07-01", "5"),
    ("IN", "second_reduced", "2025-09-21", "12"),
    ("IN", "second_reduced", "2025-09-22", None),
    ("IN", "super_reduced", "2026-01-01", "3"),
    ("IN", "higher", "2025-09-21", "28"),
    ("IN", "higher", "2025-09-22", "40"),
]


@pytest.mark.parametrize(("country", "last", "before", "first", "after"), CHANGES)
def test_a_rate_changes_on_its_day(country, last, before, first, after):
    assert percent(country, "standard", last) == before
    assert percent(country, "standard", first) == after


@pytest.mark.parametrize(("country", "expected"), STANDARD_TODAY.items())
def test_standard_rates_of_today(country, expected):
    assert percent(country, "standard", "2026-11-20") == expected


@pytest.mark.parametrize(("country", "expected"), REDUCED_2026.items())
def test_reduced_rates_of_march_2026(country, expected):
    reduced = {"reduced", "second_reduced", "super_reduced"}
    found = rates_on(country, date(2026, 3, 31))
    assert {
        plain(r.percent) for r in found if r.category in reduced and not r.subdivision
    } == expected


@pytest.mark.parametrize(("country", "category", "day", "expected"), REDUCED_THEN)
def test_reduced_rates_of_the_past(country, category, day, expected):
    assert percent(country, category, day) == expected


def test_regions_have_rates_of_their_own():
    assert percent("PT", "standard", "2026-01-01", subdivision="20") == "16"  # Azores
    assert percent("PT", "standard", "2026-01-01", subdivision="30") == "22"  # Madeira
    assert percent("PT", "standard", "2026-01-01", subdivision="11") == "23"  # Lisbon


@pytest.mark.parametrize(("country", "part", "last", "before", "first", "after"), CHANGES_OF_PARTS)
def test_a_state_or_province_changes_its_tax_on_its_day(country, part, last, before, first, after):
    for day, expected in ((last, before), (first, after)):
        rate = rate_on(country, "standard", date.fromisoformat(day), subdivision=part)
        assert f"{rate.tax} {plain(rate.percent)}" == expected


@pytest.mark.parametrize(("state", "expected"), STATES_TODAY.items())
def test_base_rates_of_the_states_of_america(state, expected):
    assert percent("US", "standard", "2026-11-20", subdivision=state) == expected


def test_taxes_on_taxes_are_of_the_past():
    compound = {
        (rate.subdivision, rate.tax, str(rate.validity.end))
        for rate in rate_table()
        if rate.kind is ComponentKind.COMPOUND
    }
    assert compound == {
        ("PE", "PST", "2013-04-01"),
        *(("QC", "QST", f"{year}-01-01") for year in (2011, 2012, 2013)),
    }


def test_a_region_without_a_rate_never_takes_the_country_s():
    assert rate_on("PT", "standard", date(2010, 1, 1), subdivision="30") is None


def test_a_country_that_is_not_in_the_table_has_no_rate():
    assert rate_on("KR", "standard", date(2026, 1, 1)) is None


def percent(country, category, day, *, subdivision=""):
    rate = rate_on(country, category, date.fromisoformat(day), subdivision=subdivision)
    return plain(rate.percent) if rate else None
