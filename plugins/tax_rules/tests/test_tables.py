"""Laws of the tables: no hole, no overlap, nothing without a source."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook_tax_rules.places import members
from billhook_tax_rules.rates import COVERED_FROM, STANDARD, rate_on, rate_table, rates_on
from billhook_tax_rules.tables import iso_countries, rows, sources, validity
from billhook_tax_rules.withholding import schemes

LAST_DAY = date(2026, 11, 30)
CATEGORIES = {STANDARD, "reduced", "second_reduced", "super_reduced", "parking", "zero", "higher"}
TAXES = {"VAT", "VSK", "GST", "HST", "PST", "RST", "QST", "JCT", "Sales tax"}
YOUNGER = {"IN": date(2017, 7, 1), "US": date(2018, 7, 1)}
"""Where the table begins later: the first day of GST; after South Dakota v. Wayfair."""
PLACES = sorted({(rate.country, rate.subdivision) for rate in rate_table()} - {("PT", "20")})
COUNTRIES = sorted(country for country, part in PLACES if not part)

days = st.dates(COVERED_FROM, LAST_DAY)


@pytest.mark.parametrize(("country", "part"), PLACES)
def test_a_place_has_one_standard_rate_on_every_day_that_the_table_covers(country, part):
    standard = [
        rate
        for rate in rate_table()
        if (rate.country, rate.subdivision, rate.category) == (country, part, STANDARD)
    ]
    if country != "PT":  # the islands begin later, see the README
        assert standard[0].validity.start <= YOUNGER.get(country, COVERED_FROM)
    assert all(this.validity.end == after.validity.start for this, after in pairwise(standard))
    assert standard[-1].validity.end is None


def test_rates_of_one_place_and_category_never_overlap():
    key = lambda rate: (rate.country, rate.subdivision, rate.category)  # noqa: E731
    in_order = sorted(rate_table(), key=lambda rate: (key(rate), rate.validity.start))
    for _, group in groupby(in_order, key):
        for this, after in pairwise(group):
            assert this.validity.end is not None, this
            assert this.validity.end <= after.validity.start, this


def test_a_change_changes_something():
    key = lambda rate: (rate.country, rate.subdivision, rate.category)  # noqa: E731
    for _, group in groupby(rate_table(), key):
        for this, after in pairwise(group):
            is_same = (this.percent, this.tax) == (after.percent, after.tax)
            assert not is_same or this.validity.end < after.validity.start, this


@given(days)
def test_every_member_has_a_standard_rate_that_the_directive_allows(day):
    # Directive 2006/112/EC, article 97: at least 15 percent
    for country in members(day):
        assert rate_on(country, STANDARD, day).percent >= 15


@given(days)
def test_other_rates_are_below_the_standard_rate(day):
    for country in COUNTRIES:
        if day < YOUNGER.get(country, COVERED_FROM):
            continue
        standard = rate_on(country, STANDARD, day).percent
        others = [rate for rate in rates_on(country, day) if rate.category != STANDARD]
        assert all((rate.percent > standard) == (rate.category == "higher") for rate in others)
        assert all(rate.percent < 5 for rate in others if rate.category == "super_reduced")
        assert all(rate.percent == Decimal(0) for rate in others if rate.category == "zero")


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2008-01-01", 27),
        ("2013-06-30", 27),
        ("2013-07-01", 28),  # Croatia
        ("2020-12-31", 28),
        ("2021-01-01", 27),  # without the United Kingdom
        ("2026-11-20", 27),
    ],
)
def test_members_of_the_union(day, count):
    assert len(members(date.fromisoformat(day))) == count


def test_every_row_is_well_formed_and_names_its_source():
    for rate in rate_table():
        assert rate.country in iso_countries(), rate
        assert rate.category in CATEGORIES, rate
        assert rate.tax in TAXES, rate
        assert rate.source in sources(), rate
        assert rate.validity.end is None or rate.validity.start < rate.validity.end, rate


def test_the_tax_of_each_state_and_province_of_a_list_that_has_one():
    places = {(row["country"], row["code"]) for row in rows("subdivisions.csv")}
    with_rates = {(r.country, r.subdivision) for r in rate_table() if r.country in ("CA", "US")}
    assert with_rates - {("CA", "")} <= places
    # 45 states and the District; without one: Alaska, Delaware, Montana, New Hampshire, Oregon
    assert {code for country, code in places - with_rates if country == "US"} == {
        *("AK", "DE", "MT", "NH", "OR"),
    }
    assert sum(country == "US" for country, _code in with_rates) == 46
    # The territories and Alberta have GST alone
    assert {code for country, code in places - with_rates if country == "CA"} == {
        *("AB", "NT", "NU", "YT"),
    }


def test_withholding_rows_follow_each_other_and_name_their_source():
    for scheme in schemes().values():
        assert len({(row.country, row.tax) for row in scheme}) == 1
        for this, after in pairwise(scheme):
            assert this.validity.end == after.validity.start
    assert all(row["source"] for row in rows("withholding.csv"))


def test_every_source_is_used():
    assert {rate.source for rate in rate_table()} == set(sources())


@pytest.mark.parametrize("name", ["union.csv", "territories.csv"])
def test_places_name_their_source_and_their_days(name):
    for row in rows(name):
        assert row["supplies"] in {"all", "goods", "services"}, row
        assert row["source"], row
        span = validity(row)
        assert span.end is None or span.start < span.end, row


def test_iso_3166_is_whole():
    assert len(iso_countries()) == 249
    assert {"GB", "GR", "SS", "BQ", "AX"} <= iso_countries()
    assert not {"UK", "EL", "XI", "EU"} & iso_countries()


@given(days)
def test_a_validity_holds_from_its_first_day_up_to_its_end(day):
    for rate in rate_table():
        span = rate.validity
        assert span.start in span
        assert span.start - timedelta(days=1) not in span
        assert span.end is None or span.end not in span
        assert (day in span) == (span.start <= day and (span.end is None or day < span.end))
