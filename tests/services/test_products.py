"""Products by SKU; prices as versions that never change."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from billhook.db import db
from billhook.domain.states import Supply
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.models.products import Price
from billhook.services import customers, products
from billhook.services.customers import CustomerInput
from billhook.services.plugin_prices import PluginPrices
from billhook.services.products import (
    FIRST_DAY,
    PriceInput,
    PriceWanted,
    ProductInput,
    prices_in_force,
)

PER_UNIT = "pricing_standard.per_unit"
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def saved(ctx, sku="API", **values):
    return products.save(ctx, ProductInput(sku=sku, **{"name": "Requests", **values}))


def priced(ctx, price, sku="API", **values):
    return products.add_price(
        ctx, PriceInput(sku=sku, model=PER_UNIT, parameters={"unit_price": price}, **values)
    )


def problems(act):
    with pytest.raises(ValidationFailed) as failure:
        act()
    return {(problem.path, problem.code) for problem in failure.value.problems}


class TestProducts:
    def test_a_new_product_has_the_usual_defaults(self, ctx):
        made = saved(ctx)
        assert (made.unit, made.tax_category, made.supply) == ("C62", "standard", None)
        assert made.is_active

    def test_a_known_sku_changes_its_product(self, ctx):
        first = saved(ctx, description="Per call", supply="service")
        second = products.save(ctx, ProductInput(sku="API", name="Calls"))
        assert (second.id, second.name, second.version) == (first.id, "Calls", 2)
        assert (second.description, second.supply) == ("Per call", Supply.SERVICE)

    def test_saying_the_same_again_changes_nothing(self, ctx):
        saved(ctx)
        assert saved(ctx).version == 1

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ({"sku": " "}, ("sku", "input.missing")),
            ({"sku": "x" * 81}, ("sku", "input.too_long")),
            ({"name": ""}, ("name", "input.missing")),
            ({"supply": "magic"}, ("supply", "input.unknown_choice")),
            ({"description": "x" * 2_001}, ("description", "input.too_long")),
            ({"is_active": "so-so"}, ("is_active", "input.not_a_flag")),
        ],
    )
    def test_a_bad_field_is_named(self, ctx, values, problem):
        assert problems(lambda: saved(ctx, **values)) == {problem}
        assert products.listing(ctx) == []

    def test_the_list_goes_on_after_a_sku_and_finds_parts(self, ctx):
        for sku in ("A", "B", "C"):
            saved(ctx, sku, name=f"Thing {sku}")
        assert [one.sku for one in products.listing(ctx, after="A")] == ["B", "C"]
        assert [one.sku for one in products.listing(ctx, search="ing b")] == ["B"]

    def test_another_tenants_product_is_not_found(self, ctx, other_ctx):
        with other_ctx.acting():
            saved(other_ctx)
        with ctx.acting(), pytest.raises(NotFound):
            products.get(ctx, "API")

    def test_changing_a_product_needs_the_permission(self, ctx, with_permissions):
        with pytest.raises(Forbidden):
            saved(with_permissions(ctx, "products.view"))


class TestVersions:
    def test_the_first_version_holds_from_the_beginning_and_the_next_from_today(self, ctx):
        saved(ctx)
        priced(ctx, "1")
        priced(ctx, "2")
        found = products.prices(ctx, "API")
        assert [(one.parameters["unit_price"], one.valid_from) for one in found] == [
            ("2", ctx.today()),
            ("1", FIRST_DAY),
        ]

    def test_what_is_in_force_already_adds_nothing(self, ctx):
        saved(ctx)
        assert priced(ctx, "1").state == "new"
        assert priced(ctx, "1").state == "unchanged"
        assert priced(ctx, "1", valid_from=FIRST_DAY).state == "unchanged"
        assert db.session.scalar(select(func.count(Price.id))) == 1

    def test_a_version_never_changes(self, ctx):
        saved(ctx)
        priced(ctx, "1", valid_from=JANUARY)
        assert problems(lambda: priced(ctx, "2", valid_from=JANUARY)) == {
            ("valid_from", "price.version_exists")
        }

    def test_two_versions_of_a_day_in_one_batch_are_refused(self, ctx):
        saved(ctx)
        answers = products.add_prices(
            ctx,
            [
                PriceInput(
                    sku="API", model=PER_UNIT, parameters={"unit_price": price}, valid_from=JANUARY
                )
                for price in ("1", "1", "2")
            ],
        )
        assert [answer.state for answer in answers] == ["new", "unchanged", "refused"]

    @pytest.mark.parametrize(
        ("values", "path"),
        [
            ({"price": "NaN"}, "unit_price"),
            ({"price": "1e400"}, "unit_price"),
            ({"price": "-1"}, "unit_price"),
            ({"sku": "unknown"}, "sku"),
            ({"currency": "XXX"}, "currency"),
            ({"customer": "nobody"}, "customer"),
            ({"valid_from": FEBRUARY, "valid_to": JANUARY}, "valid_to"),
        ],
    )
    def test_a_bad_price_is_refused(self, ctx, values, path):
        saved(ctx)
        told = {"price": "1", **values}
        found = problems(lambda: priced(ctx, told.pop("price"), **told))
        assert [where for where, _code in found] == [path]
        assert db.session.scalar(select(func.count(Price.id))) == 0

    @pytest.mark.parametrize("model", ["pricing_standard.magic", "nowhere.flat", "nonsense", ""])
    def test_an_unknown_model_is_refused(self, ctx, model):
        saved(ctx)
        price = PriceInput(sku="API", model=model, parameters={"unit_price": "1"})
        assert {path for path, _ in problems(lambda: products.add_price(ctx, price))} == {"model"}

    def test_the_model_checks_its_parameters(self, ctx):
        saved(ctx)
        price = PriceInput(sku="API", model=PER_UNIT, parameters={"price": "1"})
        assert problems(lambda: products.add_price(ctx, price)) == {
            ("price", "pricing_standard.parameter_unknown"),
            ("unit_price", "pricing_standard.parameter_missing"),
        }


class TestInForce:
    @pytest.fixture
    def api(self, ctx):
        """Return a product of 1 from January, 2 in February, 3 from March; 0.5 for Ann in February."""
        customers.save(ctx, CustomerInput(reference="ann", name="Ann", country="DE"))
        product = saved(ctx)
        priced(ctx, "1", valid_from=JANUARY)
        priced(ctx, "2", valid_from=FEBRUARY, valid_to=FEBRUARY + timedelta(days=20))
        priced(ctx, "3", valid_from=MARCH)
        priced(ctx, "0.5", valid_from=FEBRUARY, valid_to=MARCH, customer="ann")
        priced(ctx, "9", valid_from=JANUARY, currency="USD")
        return product

    @pytest.mark.parametrize(
        ("on", "customer", "currency", "price"),
        [
            (date(2025, 12, 31), "bob", "EUR", None),
            (JANUARY, "bob", "EUR", "1"),
            (date(2026, 1, 31), "bob", "EUR", "1"),
            (FEBRUARY, "bob", "EUR", "2"),
            (date(2026, 2, 21), "bob", "EUR", None),  # ended, and nothing follows until March
            (MARCH, "bob", "EUR", "3"),
            (date(2030, 1, 1), "bob", "EUR", "3"),
            (FEBRUARY, "ann", "EUR", "0.5"),  # the customer's before the product's
            (JANUARY, "ann", "EUR", "1"),
            (MARCH, "ann", "EUR", "3"),
            (JANUARY, "bob", "USD", "9"),
            (JANUARY, "bob", "GBP", None),
        ],
    )
    def test_the_version_of_the_day_holds(self, ctx, api, on, customer, currency, price):
        customers.save(ctx, CustomerInput(reference="bob", name="Bob", country="DE"))
        wanted = PriceWanted(
            product_id=api.id,
            customer_id=customers.get(ctx, customer).id,
            currency=currency,
            on=on,
        )
        [found] = prices_in_force(ctx, [wanted])
        assert (found and found.parameters["unit_price"]) == price

    def test_a_batch_is_one_query(self, ctx, api):
        ann = customers.get(ctx, "ann").id
        wanted = [
            PriceWanted(
                product_id=api.id, customer_id=ann, currency="EUR", on=JANUARY + timedelta(n)
            )
            for n in range(200)
        ]
        statements = []
        note = lambda *arguments: statements.append(arguments[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            found = prices_in_force(ctx, wanted)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len([text for text in statements if "FROM price" in text]) == 1
        assert len(found) == 200

    def test_nothing_wanted_asks_nothing(self, ctx):
        assert prices_in_force(ctx, []) == []

    def test_the_port_finds_a_price_by_sku(self, ctx, api):
        port = PluginPrices()
        found = port.in_force(ctx, sku="API", currency="EUR", on=FEBRUARY)
        assert found.parameters == {"unit_price": "2"}
        for missing in (
            {"sku": "API", "currency": "GBP", "on": FEBRUARY},
            {"sku": "nothing", "currency": "EUR", "on": FEBRUARY},
            {"sku": "API", "currency": "EUR", "on": date(2026, 2, 25)},
            {"sku": "API", "currency": "EUR", "on": date(2020, 1, 1)},
        ):
            with pytest.raises(NotFound):
                port.in_force(ctx, **missing)
