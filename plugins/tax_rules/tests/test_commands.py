import json

import pytest
from click.testing import CliRunner

from billhook_tax_rules.commands import rates


@pytest.fixture
def run(ctx):
    return lambda *args: CliRunner().invoke(rates, args, obj=ctx())


def test_rates_of_one_country_today(run):
    result = run("de")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "country  tax  category  rate  from        until",
        "DE       VAT  standard  19    2021-01-01",
        "DE       VAT  reduced   7     2021-01-01",
        "DE       VAT  zero      0     2023-01-01",
    ]


def test_rates_of_a_day_with_their_last_day(run):
    assert (
        "DE       VAT  standard  16    2020-07-01  2020-12-31"
        in run("DE", "--on", "2020-08-01").output
    )


def test_rates_as_json_name_their_source(run):
    content = json.loads(run("GB", "--on", "2010-12-01", "--json").output)
    assert content["on"] == "2010-12-01"
    assert content["rates"][0]["source"].startswith("United Kingdom: Value Added Tax Act 1994")
    assert {key: content["rates"][0][key] for key in ("country", "category", "rate", "until")} == {
        "country": "GB",
        "category": "standard",
        "rate": "17.5",
        "until": "2011-01-03",
    }


def test_all_countries_where_none_is_named(run):
    countries = {line.split()[0] for line in run().output.splitlines()[1:]}
    assert len({place[:2] for place in countries}) == 37
    assert {"PT-20", "PT-30", "CA-QC", "US-NY"} <= countries


def test_a_country_without_rates_is_refused_with_those_that_have_some(run):
    result = run("KR")
    assert result.exit_code == 2
    assert "The table has no rates of “KR”." in result.output
    assert "SE, SI, SK, US" in result.output


@pytest.mark.parametrize("place", ["CA-AB", "US-OR", "US-XX", "DE-BY"])
def test_a_part_without_rates_of_its_own_is_refused(run, place):
    assert run(place).exit_code == 2


def test_a_province_is_listed_with_the_country_s_own_tax(run):
    assert run("ca-qc", "--on", "2012-12-31").output.splitlines() == [
        "country  tax            category  rate  from        until",
        "CA       GST            standard  5     2008-01-01",
        "CA       GST            zero      0     2008-01-01",
        "CA-QC    QST, compound  standard  9.5   2012-01-01  2012-12-31",
    ]
    content = json.loads(run("CA-QC", "--on", "2012-12-31", "--json").output)
    assert [rate["kind"] for rate in content["rates"]] == ["plain", "plain", "compound"]


def test_states_are_listed_by_country_or_alone(run):
    assert len(run("US").output.splitlines()) == 47
    assert run("US-NY").output.splitlines()[1:] == [
        "US-NY    Sales tax  standard  4     2018-07-01"
    ]
