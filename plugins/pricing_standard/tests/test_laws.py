"""Laws that hold for every price and quantity."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.domain.totals import line_amount
from billhook.money import plain
from billhook_pricing_standard.pricing import Flat, PerUnit

prices = st.decimals(0, 10**9, places=12)
quantities = st.decimals(-(10**9), 10**9, places=9)
bases = st.decimals(Decimal("0.000000001"), 10**6, places=9)


@pytest.fixture(scope="module")
def versions():
    def make(model, **parameters):
        texts = {name: plain(value) for name, value in parameters.items()}
        return PriceVersion(id=None, model=model.key, currency="EUR", parameters=texts)

    return make


def parts(model, version, quantity):
    (answer,) = model.price([PriceQuery(price=version, quantity=quantity)])
    assert not answer.problems
    return answer.parts


def net(part) -> int:
    return line_amount(part.quantity, part.unit_price, "EUR", base_quantity=part.base_quantity)


@given(price=prices, quantity=quantities)
def test_taking_back_costs_what_was_charged(ctx_once, versions, price, quantity):
    for model, name in ((Flat, "amount"), (PerUnit, "unit_price")):
        version = versions(model, **{name: price})
        made = model(ctx_once)
        if quantity:
            (there,), (back,) = parts(made, version, quantity), parts(made, version, -quantity)
            assert net(there) == -net(back)


@given(price=prices, quantity=quantities, base=bases)
def test_nothing_of_price_and_quantity_is_lost_before_the_line_is_rounded(
    ctx_once, versions, price, quantity, base
):
    version = versions(PerUnit, unit_price=price, base_quantity=base)
    (part,) = parts(PerUnit(ctx_once), version, quantity)
    assert (part.unit_price, part.quantity, part.base_quantity) == (price, quantity, base)


@given(amount=prices, quantities=st.lists(quantities, min_size=1, max_size=5))
def test_a_flat_price_never_depends_on_how_much(ctx_once, versions, amount, quantities):
    version = versions(Flat, amount=amount)
    nets = {abs(net(parts(Flat(ctx_once), version, each)[0])) for each in quantities}
    assert len(nets) == 1


@given(batch=st.lists(st.tuples(prices, quantities), max_size=8))
def test_a_batch_is_the_sum_of_its_queries(ctx_once, versions, batch):
    model = PerUnit(ctx_once)
    queries = [
        PriceQuery(price=versions(PerUnit, unit_price=price), quantity=quantity)
        for price, quantity in batch
    ]
    assert model.price(queries) == [model.price([each])[0] for each in queries]
