"""Prices by the API."""

from datetime import timedelta
from uuid import uuid4

import billhook_pricing_tiered.describing as tiered
from billhook.api.schemas import prices as schemas

FLAT = "pricing_standard.flat"
PER_UNIT = "pricing_standard.per_unit"


def _product(at, sku="SUP"):
    return at.post("/products", {"sku": sku, "name": "Support"}).json["id"]


def test_a_program_learns_what_each_pricing_model_asks_for(office, program):
    models = program("products.view").get("/pricing-models").json["data"]
    asked = {one["key"]: one["parameters"] for one in models}
    assert [one["name"] for one in asked[FLAT]] == ["amount"]
    needed = {one["name"]: (one["is_required"], one["default"]) for one in asked[PER_UNIT]}
    assert needed == {"unit_price": (True, None), "base_quantity": (False, "1")}


def test_prices_are_added_listed_and_ended(office, program):
    at = program()
    today = office.ctx.today()
    prices = f"/products/{_product(at)}/prices"
    flat = {"model": FLAT, "parameters": {"amount": "10"}, "currency": "EUR"}
    made = at.post(prices, flat, key="f")
    assert made.status_code == 201, made.text
    price = made.json["price"]
    assert (price["valid_from"], price["last_day"], price["state"]) == (
        "1970-01-01",
        None,
        "in_force",
    )
    assert at.post(prices, flat, key="f").json == made.json
    assert at.post(prices, flat).json == {**made.json, "is_new": False}

    tomorrow = today + timedelta(days=1)
    later = {
        "model": PER_UNIT,
        "parameters": {"unit_price": "0.5", "base_quantity": "1000"},
        "currency": "EUR",
        "valid_from": tomorrow.isoformat(),
    }
    planned = at.post(prices, later).json["price"]
    assert (planned["state"], planned["parameters"]) == ("planned", later["parameters"])
    ended = at.get(f"/prices/{price['id']}").json
    assert ended == {**price, "last_day": today.isoformat()}
    first = at.get(prices, limit="1").json
    assert first["data"] == [planned]
    assert at.get(prices, limit="1", after=first["next"]).json == {"data": [ended], "next": None}
    assert at.get(prices, currency="usd").json["data"] == []

    last_day = today + timedelta(days=9)
    end = f"/prices/{planned['id']}/end"
    closed = at.post(end, {"last_day": last_day.isoformat()}, key="e")
    assert closed.json["last_day"] == last_day.isoformat()
    assert at.post(end, {"last_day": last_day.isoformat()}, key="e").json == closed.json
    for day in (last_day.isoformat(), "1969-12-31", "9999-12-31"):
        assert at.post(end, {"last_day": day}).status_code == 409, day
    assert at.post(f"/prices/{uuid4()}/end", {"last_day": "2026-01-01"}).status_code == 404
    reader = program("products.view")
    assert reader.post(prices, flat).status_code == 403
    assert reader.post(end, {"last_day": "2027-01-01"}).status_code == 403


def test_what_is_wrong_with_a_price_names_the_field_as_it_was_sent(office, program):
    at = program()
    prices = f"/products/{_product(at)}/prices"
    flat = {"model": FLAT, "parameters": {"amount": "10"}}
    at.post(prices, {**flat, "valid_from": "2026-01-01"})
    for change, field in (
        ({"model": "no.such"}, "model"),
        ({"parameters": {"amount": "ten"}}, "parameters.amount"),
        ({"parameters": {"amount": "1e5"}}, "parameters.amount"),
        ({"parameters": {}}, "parameters.amount"),
        ({"parameters": {"amount": [["1"]]}}, "parameters.amount"),
        ({"parameters": {"amount": "1", "tip": "2"}}, "parameters.tip"),
        ({"currency": "XXX"}, "currency"),
        ({"valid_from": "2026-05-01", "last_day": "2026-04-01"}, "last_day"),
        ({"parameters": {"amount": "11"}, "valid_from": "2026-01-01"}, "valid_from"),
        ({"customer": "ann"}, "customer"),
    ):
        refused = at.post(prices, {**flat, **change})
        assert refused.status_code in (400, 422), (change, refused.text)
        assert [one["field"] for one in refused.json["problems"]] == [field], change
    assert at.post(prices, {**flat, "customer_id": str(uuid4())}).status_code == 404
    assert at.post(f"/products/{uuid4()}/prices", flat).status_code == 404
    assert at.get(f"/products/{uuid4()}/prices").status_code == 404


def test_a_customer_has_prices_of_its_own(office, program):
    at = program()
    product = _product(at)
    ann = at.get("/customers", reference="ann").json["data"][0]["id"]
    flat = {"model": FLAT, "currency": "EUR"}
    at.post(f"/products/{product}/prices", {**flat, "parameters": {"amount": "10"}})
    body = {**flat, "parameters": {"amount": "8"}, "product_id": product}
    agreed = at.post(f"/customers/{ann}/prices", body)
    assert agreed.status_code == 201, agreed.text
    price = agreed.json["price"]
    assert (price["customer_id"], price["customer"], price["sku"]) == (ann, "ann", "SUP")
    assert at.get(f"/customers/{ann}/prices", product_id=product).json["data"] == [price]
    assert at.get(f"/products/{product}/prices", customer_id=ann).json["data"] == [price]
    assert len(at.get(f"/products/{product}/prices").json["data"]) == 2

    trial = f"/products/{product}/prices/trial"
    own = at.post(trial, {"quantity": "3", "currency": "EUR", "customer_id": ann}).json
    everybody = at.post(trial, {"quantity": "3", "currency": "EUR"}).json
    assert (own["net"], everybody["net"]) == ("8.00", "10.00")
    day = office.ctx.today().isoformat()
    ended = at.post(f"/prices/{price['id']}/end", {"last_day": day}).json
    assert (ended["customer_id"], ended["last_day"], ended["state"]) == (ann, day, "in_force")
    assert at.get(f"/customers/{uuid4()}/prices").status_code == 404


def test_a_price_is_tried_before_it_is_stored(office, program):
    at = program("products.view")
    wanted = {
        "model": PER_UNIT,
        "parameters": {"unit_price": "0.5", "base_quantity": "1000"},
        "currency": "EUR",
        "quantity": "2500.5",
    }
    tried = at.post("/prices/trial", wanted).json
    assert (tried["net"], tried["quantity"]) == ("1.25", "2500.5")
    [line] = tried["lines"]
    assert (line["unit_price"], line["base_quantity"], line["amount"]) == ("0.5", "1000", "1.25")
    for change, field in (
        ({"quantity": "many"}, "quantity"),
        ({"quantity": "9" * 40}, "quantity"),
        ({"quantity": "1.12345678901234567"}, "quantity"),
        ({"currency": "EU"}, "currency"),
        ({"parameters": {"unit_price": "x"}}, "parameters.unit_price"),
        ({"model": "no.such"}, "model"),
    ):
        refused = at.post("/prices/trial", {**wanted, **change})
        assert refused.status_code in (400, 422), (change, refused.text)
        assert refused.json["problems"][0]["field"] == field, change
    product = _product(program())
    none = at.post(f"/products/{product}/prices/trial", {"quantity": "1", "currency": "JPY"})
    assert none.json["problems"][0]["code"] == "price.none"


def test_a_table_of_a_price_is_sent_and_shown_as_rows():
    sent = {"tiers": [["0", "10", "1"], ["", "", "0.5", "2"], ["", ""]]}
    assert schemas.misplaced(sent, tiered.GRADUATED) == []
    stored = schemas.texts(sent, tiered.GRADUATED)
    assert stored == {"tiers": "0-10: 1; 11-: 0.5 + 2"}
    assert schemas.shown(stored, tiered.GRADUATED) == {
        "tiers": [["0", "10", "1", ""], ["11", "", "0.5", "2"]]
    }
    assert schemas.misplaced({"tiers": [["1"] * 5]}, tiered.GRADUATED) == ["tiers"]
    assert schemas.misplaced(sent, None) == ["tiers"]
