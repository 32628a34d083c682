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
    assert len({place[:2] for place in countries}) == 30
    assert {"PT-20", "PT-30"} <= countries


def test_a_country_without_rates_is_refused_with_those_that_have_some(run):
    result = run("JP")
    assert result.exit_code == 2
    assert "The table has no rates of “JP”." in result.output
    assert "SE, SI, SK" in result.output
