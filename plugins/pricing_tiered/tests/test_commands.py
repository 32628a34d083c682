import json

import pytest
from click.testing import CliRunner

from billhook.domain.pricing import PriceVersion
from billhook.errors import BadNumber, NotFound, ValidationFailed
from billhook_pricing_tiered.commands import check, quote

CALLS = "0-100: 10; 101-500: 8 + 25; 501-: 6"


@pytest.fixture
def run(ctx, price):
    prices = {
        "CALLS": price("graduated", tiers=CALLS),
        "SEATS": price("volume", tiers="1-100: 10; 101-: 8"),
        "THIRDS": price("package", "JPY", package_price="1.5", package_size="3"),
        "FLAT": PriceVersion(
            id=None, model="pricing_standard.flat", currency="EUR", parameters={"amount": "1"}
        ),
        "BROKEN": price("graduated", tiers="cheap"),
    }
    return lambda command, *args: CliRunner().invoke(command, args, obj=ctx(**prices))


def test_a_quote_says_what_quantities_cost_and_why(run):
    result = run(quote, "CALLS", "--quantity", "100", "--quantity", "150")
    assert result.exit_code == 0
    assert result.output == (
        "100 cost 1000.00 EUR before tax: 100 × 10 = 1000 EUR\n"
        "150 cost 1425.00 EUR before tax: 100 × 10 + 50 × 8 + 1 × 25 = 1425 EUR\n"
    )


def test_a_quote_as_json_has_every_line_and_every_number_as_text(run):
    found = json.loads(run(quote, "SEATS", "--quantity", "101", "--json").stdout)
    (warning,) = found.pop("warnings")
    assert warning["code"] == "pricing_tiered.more_costs_less"
    assert found == {
        "model": "pricing_tiered.volume",
        "parameters": {"tiers": "1-100: 10; 101-: 8"},
        "currency": "EUR",
        "quotes": [
            {
                "quantity": "101",
                "net": "808.00",
                "lines": [
                    {
                        "description": "units from 101 on",
                        "quantity": "101",
                        "unit_price": "8",
                        "base_quantity": "1",
                    }
                ],
                "explanation": "101 × 8 = 808 EUR",
            }
        ],
    }


def test_a_quote_is_rounded_line_by_line_as_the_document_is(run):
    result = run(quote, "THIRDS", "--quantity", "7", "--currency", "JPY")
    assert result.output == "7 cost 5 JPY before tax: 3 × 1.5 = 4.5 JPY\n"


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["NOTHING"], NotFound),
        (["CALLS", "--on", "2025-12-31"], NotFound),  # before the price holds
        (["CALLS", "--currency", "USD"], NotFound),
        (["CALLS", "--quantity", "1e400"], BadNumber),
        (["BROKEN"], ValidationFailed),
    ],
)
def test_what_has_no_price_gets_no_quote(run, args, error):
    assert isinstance(run(quote, *args).exception, error)


def test_a_price_of_another_plugin_is_sent_there(run):
    result = run(quote, "FLAT")
    assert result.exit_code == 1
    assert "Ask the plugin “pricing_standard”." in result.output


def test_a_price_is_tried_out_before_it_is_stored(run):
    result = run(check, "graduated", f"tiers={CALLS}")
    assert result.exit_code == 0
    assert result.output == (
        "0 cost 0.00 EUR before tax: 0 × 10 = 0 EUR\n1 cost 10.00 EUR before tax: 1 × 10 = 10 EUR\n"
    )


def test_a_price_of_several_parameters_is_tried_out(run):
    words = ("package_price=5", "package_size=100", "free_units = 100", "--quantity", "201")
    assert "10.00 EUR before tax: 100 × 0 + 2 × 5" in run(check, "package", *words).output


def test_trying_out_warns_where_more_costs_less(run):
    result = run(check, "volume", "tiers=1-100: 10; 101-: 8")
    assert result.exit_code == 0
    assert "Note: After tier 1-100 more units cost less" in result.stderr


def test_a_price_that_is_wrong_says_so_when_it_is_tried_out(run):
    problems = run(check, "graduated", "tiers=0-100: 10; 150-: 8").exception.problems
    assert [problem.code for problem in problems] == ["pricing_tiered.tier_gap"]


def test_a_word_that_is_no_parameter_is_refused(run):
    result = run(check, "graduated", "0-100: 10; 101-: 8")
    assert result.exit_code == 2
    assert "is not a parameter" in result.stderr
