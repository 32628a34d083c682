import json
from uuid import UUID

import pytest
from click.testing import CliRunner

from billhook.domain.pricing import PriceVersion
from billhook.errors import BadNumber, NotFound
from billhook_pricing_standard.commands import quote


@pytest.fixture
def run(ctx, price):
    prices = {
        "CALLS": price("per_unit", unit_price="0.40", base_quantity="1000"),
        "FEE": price("flat", amount="49"),
        "YEN": price("per_unit", "JPY", unit_price="1.5"),
        "TIERS": PriceVersion(
            id=UUID(int=8), model="pricing_tiered.graduated", currency="EUR", parameters={}
        ),
        "BROKEN": price("flat", amount="much"),
    }
    return lambda *args: CliRunner().invoke(quote, args, obj=ctx(**prices))


def test_a_quote_says_what_a_quantity_costs_and_why(run):
    result = run("CALLS", "--quantity", "250000")
    assert result.exit_code == 0
    assert result.output == (
        "250000 × CALLS on 2026-11-20: 100.00 EUR before tax (0.4 EUR per 1000 units)\n"
    )


def test_a_quote_as_json_has_every_number_as_text(run):
    result = run("FEE", "--on", "2026-03-01", "--json")
    assert json.loads(result.output) == {
        "sku": "FEE",
        "quantity": "1",
        "on": "2026-03-01",
        "model": "pricing_standard.flat",
        "price": "00000000-0000-0000-0000-000000000009",
        "currency": "EUR",
        "net": "49.00",
        "explanation": "49 EUR, whatever the quantity",
    }


def test_a_quote_in_another_currency_has_that_currency_s_digits(run):
    result = run("YEN", "--quantity", "3", "--currency", "JPY")
    assert "5 JPY before tax" in result.output


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["NOTHING"], NotFound),
        (["FEE", "--on", "2025-12-31"], NotFound),  # before the price holds
        (["FEE", "--currency", "USD"], NotFound),
        (["FEE", "--quantity", "1e400"], BadNumber),
        (["FEE", "--quantity", "NaN"], BadNumber),
    ],
)
def test_what_has_no_price_gets_no_quote(run, args, error):
    assert isinstance(run(*args).exception, error)


def test_a_price_of_another_plugin_is_sent_there(run):
    result = run("TIERS")
    assert result.exit_code == 1
    assert "Ask the plugin “pricing_tiered”." in result.output


def test_a_price_that_cannot_be_read_is_no_quote(run):
    assert run("BROKEN").exception.problems[0].code == "pricing_standard.number_malformed"
