"""The plugin's routes, as their functions answer; the API around them is the core's."""

from datetime import date

import pytest

from billhook.errors import ValidationFailed
from billhook_tax_rules.routes import RatesQuery, Sale, assess_sale, list_rates


def test_rates_of_a_day_say_how_long_they_hold_and_where_they_stand(ctx):
    answer = list_rates(ctx(), RatesQuery(place="de", on=date(2020, 8, 1)))
    assert answer.on == date(2020, 8, 1)
    standard, reduced = answer.rates
    assert (standard.rate, standard.since, standard.until) == (
        *("16", date(2020, 7, 1)),
        date(2020, 12, 31),
    )
    assert (reduced.category, reduced.rate) == ("reduced", "5")
    assert standard.source.startswith("Germany: ")


def test_rates_of_a_province_and_of_all_places(ctx):
    quebec = list_rates(ctx(), RatesQuery(place="CA-QC", on=date(2012, 12, 31))).rates
    assert [(rate.tax, rate.kind.value) for rate in quebec] == [
        ("GST", "plain"),
        ("GST", "plain"),
        ("QST", "compound"),
    ]
    assert len({rate.country for rate in list_rates(ctx(), RatesQuery()).rates}) == 37


def test_a_place_without_rates_is_refused_at_its_parameter(ctx):
    with pytest.raises(ValidationFailed, match="no rates of “KR”") as refused:
        list_rates(ctx(), RatesQuery(place="KR"))
    assert [one.path for one in refused.value.problems] == ["place"]


def sale(**fields) -> Sale:
    return Sale.model_validate({"lines": [{}], **fields})


def test_a_sale_is_taxed_by_the_company_s_registrations(ctx, monkeypatch):
    """The company sits in DE and is registered nowhere: no tax, and the note says why."""
    (line,) = assess_sale(ctx(), sale(country="DE")).lines
    assert (line.category, line.components[0].rate) == ("O", "0")
    assert line.note


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"country": "ZZ"}, "tax_rules.country_unknown"),
        ({"country": "\x00"}, "tax_rules.country_unknown"),
    ],
)
def test_a_sale_that_cannot_be_placed_is_a_problem(ctx, fields, code):
    with pytest.raises(ValidationFailed) as refused:
        assess_sale(ctx(), sale(**fields))
    assert [one.code for one in refused.value.problems] == [code]
