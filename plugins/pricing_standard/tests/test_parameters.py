"""Bad parameters are refused before a price is stored, each with its name."""

import pytest

from billhook_pricing_standard.pricing import MODELS, Flat, PerUnit


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (Flat, {"amount": "0"}),
        (Flat, {"amount": "1234567890123456.123456789012"}),
        (PerUnit, {"unit_price": "0.000000000001"}),
        (PerUnit, {"unit_price": "1", "base_quantity": "0.5"}),
        (PerUnit, {"unit_price": "1", "base_quantity": "1000"}),
    ],
)
def test_good_parameters_have_no_problems(ctx, model, parameters):
    assert model(ctx()).parameter_problems(parameters) == []


@pytest.mark.parametrize(
    ("model", "parameters", "found"),
    [
        (Flat, {}, [("amount", "parameter_missing")]),
        (Flat, {"amount": ""}, [("amount", "number_malformed")]),
        (Flat, {"amount": "NaN"}, [("amount", "number_malformed")]),
        (Flat, {"amount": "Infinity"}, [("amount", "number_malformed")]),
        (Flat, {"amount": "1e400"}, [("amount", "number_malformed")]),
        (Flat, {"amount": "1,50"}, [("amount", "number_malformed")]),
        (Flat, {"amount": "0.0000000000001"}, [("amount", "number_malformed")]),
        (Flat, {"amount": "-1"}, [("amount", "number_low")]),
        (Flat, {"amount": "1", "unit_price": "1"}, [("unit_price", "parameter_unknown")]),
        (PerUnit, {}, [("unit_price", "parameter_missing")]),
        (PerUnit, {"unit_price": "-0.01"}, [("unit_price", "number_low")]),
        (PerUnit, {"unit_price": "1", "base_quantity": "0"}, [("base_quantity", "number_low")]),
        (PerUnit, {"unit_price": "1", "base_quantity": "-5"}, [("base_quantity", "number_low")]),
        (
            PerUnit,
            {"price": "1", "base_quantity": "dozen"},
            [
                ("price", "parameter_unknown"),
                ("unit_price", "parameter_missing"),
                ("base_quantity", "number_malformed"),
            ],
        ),
    ],
)
def test_every_bad_parameter_is_named(ctx, model, parameters, found):
    problems = model(ctx()).parameter_problems(parameters)
    assert [(problem.path, problem.code) for problem in problems] == [
        (path, f"pricing_standard.{code}") for path, code in found
    ]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_each_model_describes_the_parameters_that_it_knows(model):
    told = model.describe(None)
    assert [one.name for one in told.parameters] == [one.name for one in model._parameters]
    assert str(told.title)
