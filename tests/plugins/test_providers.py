"""What a provider answers is money: it is checked before the core believes it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billhook.domain.pricing import PriceAnswer, PricePart, PriceQuery, PriceVersion
from billhook.domain.states import Supply
from billhook.domain.tax import (
    TaxAnswer,
    TaxComponent,
    TaxLine,
    TaxQuery,
    TaxSituation,
    TaxTreatment,
)
from billhook.errors import PluginFailed, Retryable
from billhook.ids import new_id
from billhook.plugins.providers import FencedPricingModel, FencedTaxEngine
from billhook.problems import Problem, Severity

SOON = timedelta(seconds=5)
ERROR = Problem(code="bad.price", message="No.")
WARNING = replace(ERROR, severity=Severity.WARNING)
PART = PricePart(quantity=Decimal(2), unit_price=Decimal("1.5"))
PRICE = PriceVersion(id=new_id(), model="bad.model", currency="EUR", parameters={})
QUERIES = [PriceQuery(price=PRICE, quantity=Decimal(2))] * 2
GOOD = PriceAnswer(parts=(PART,), explanation="because")

TEN = TaxTreatment(
    components=(TaxComponent(tax="VAT", country="GB", rate=Decimal(10)),), category="S"
)
SITUATION = TaxSituation(
    seller_country="GB", registrations=(), buyer_country="GB", delivery_country="GB"
)
LINE = TaxLine(Supply.GOODS, "standard", date(2026, 1, 1))
QUERY = TaxQuery(situation=SITUATION, lines=(LINE, LINE))
TAXED = TaxAnswer(treatments=(TEN, TEN))


class Model:
    key = "bad.model"
    is_remote = False

    def __init__(self, answer):
        self.answer = answer

    def price(self, queries):
        return self.answer() if callable(self.answer) else self.answer

    assess = price

    def parameter_problems(self, parameters):
        return self.answer


def model(answer):
    return FencedPricingModel("bad", Model(answer), SOON)


def engine(answer):
    return FencedTaxEngine("bad", Model(answer), SOON)


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        replace(GOOD, parts=(PART, PART)),
        replace(GOOD, problems=(WARNING,)),
        PriceAnswer(parts=(), problems=(ERROR,)),
    ],
)
def test_good_prices_pass(answer):
    assert model([answer, GOOD]).price(QUERIES) == [answer, GOOD]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (None, "the answer is NoneType"),
        ({}, "the answer is dict"),
        ([GOOD], "1 answers for 2 queries"),
        ([GOOD] * 3, "3 answers for 2 queries"),
        ([GOOD, 12], r"the answer\[1\] is int"),
        ([GOOD, PriceAnswer(parts=())], "answer 1: neither parts nor an error"),
        ([GOOD, PriceAnswer(parts=(), problems=(WARNING,))], "neither parts nor an error"),
        ([GOOD, replace(GOOD, parts=[PART])], "neither parts nor an error"),
        ([GOOD, replace(GOOD, parts=(3,))], "part is int"),
        ([GOOD, replace(GOOD, explanation=None)], "explanation is NoneType"),
        ([GOOD, replace(GOOD, problems=[ERROR])], "problems is list"),
        ([GOOD, replace(GOOD, problems=("no",))], r"problems\[0\] is str"),
        ([GOOD, replace(GOOD, parts=(replace(PART, unit_price=1.5),))], "unit_price is float"),
        ([GOOD, replace(GOOD, parts=(replace(PART, quantity=2),))], "quantity is int"),
        ([GOOD, replace(GOOD, parts=(replace(PART, description=None),))], "description is None"),
    ],
)
def test_bad_prices_are_refused_with_their_place(answers, reason):
    with pytest.raises(PluginFailed, match=f"“bad” failed: .*{reason}"):
        model(answers).price(QUERIES)


@pytest.mark.parametrize("field", ["quantity", "unit_price", "base_quantity"])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "sNaN", "1e400", "1e-13"])
def test_no_number_beyond_our_digits_gets_in(field, number):
    part = replace(PART, **{field: Decimal(number)})
    with pytest.raises(PluginFailed, match=f"{field} .* does not fit"):
        model([GOOD, replace(GOOD, parts=(part,))]).price(QUERIES)


@pytest.mark.parametrize("base", ["0", "-1"])
def test_nothing_is_divided_by_less_than_something(base):
    part = replace(PART, base_quantity=Decimal(base))
    with pytest.raises(PluginFailed, match="base_quantity is not above zero"):
        model([GOOD, replace(GOOD, parts=(part,))]).price(QUERIES)


def test_problems_of_parameters_are_problems():
    assert model([ERROR]).parameter_problems({}) == [ERROR]
    with pytest.raises(PluginFailed, match=r"the answer\[0\] is str"):
        model(["no"]).parameter_problems({})


@pytest.mark.parametrize(
    "answer",
    [TAXED, TaxAnswer(treatments=(), problems=(ERROR,)), replace(TAXED, problems=(WARNING,))],
)
def test_good_taxes_pass(answer):
    assert engine([answer]).assess([QUERY]) == [answer]


def rated(rate, **fields):
    component = replace(TEN.components[0], rate=rate)
    treatment = replace(TEN, components=(component,), **fields)
    return [TaxAnswer(treatments=(TEN, treatment))]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([], "0 answers for 1 queries"),
        (["no"], r"the answer\[0\] is str"),
        ([TaxAnswer(treatments=())], "answer 0: 0 treatments for 2 lines"),
        ([TaxAnswer(treatments=(TEN,))], "1 treatments for 2 lines"),
        ([TaxAnswer(treatments=(TEN, "S"))], "treatment is str"),
        ([TaxAnswer(treatments=(TEN, replace(TEN, category="X")))], "category is 'X'"),
        ([TaxAnswer(treatments=(TEN, replace(TEN, components=[1])))], "components is list"),
        ([TaxAnswer(treatments=(TEN, replace(TEN, components=(1,))))], "component is int"),
        (rated(0.2), "rate is float"),
        (rated(Decimal("NaN")), "rate NaN does not fit"),
        (rated(Decimal("0.0000001")), "does not fit 6 decimals"),
        (rated(Decimal(-1)), "rate is below zero"),
    ],
)
def test_bad_taxes_are_refused_with_their_place(answers, reason):
    with pytest.raises(PluginFailed, match=f"“bad” failed: .*{reason}"):
        engine(answers).assess([QUERY])


def test_a_treatment_that_passed_once_does_not_vouch_for_another():
    fenced = engine(lambda: [TAXED])
    assert fenced.assess([QUERY]) == [TAXED]
    fenced._engine.answer = rated(Decimal(-1))
    with pytest.raises(PluginFailed):
        fenced.assess([QUERY])


def test_an_outage_passes_through():
    def outage():
        raise Retryable("The tax office is closed.")

    with pytest.raises(Retryable):
        engine(outage).assess([QUERY])
