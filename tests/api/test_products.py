"""Products by the API."""

from uuid import uuid4

from billhook.domain.custom_fields import FieldSubject
from billhook.services import field_definitions
from billhook.services.field_definitions import NewField

SUPPORT = {
    "name": "Support",
    "description": "By phone\nand mail",
    "unit": "HUR",
    "supply": "service",
    "tax_category": "standard",
    "revenue_account": "4400",
    "is_active": True,
    "fields": {"team": "blue"},
}


def test_a_product_is_made_read_changed_and_laid_aside(office, program):
    field_definitions.create(
        office.ctx, NewField(subject=FieldSubject.PRODUCT.value, label="Team")
    )
    at = program()
    made = at.post("/products", {"sku": "SUP", **SUPPORT}, key="p")
    assert made.status_code == 201, made.text
    assert {name: made.json[name] for name in SUPPORT} == SUPPORT
    assert at.post("/products", {"sku": "SUP", **SUPPORT}, key="p").json == made.json
    taken = at.post("/products", {"sku": "SUP", "name": "Again"})
    assert taken.json["problems"][0]["code"] == "product.exists"

    where = made.headers["Location"].removeprefix("/api/v1")
    read = at.get(where)
    assert read.json == made.json
    match = {"If-Match": read.headers["ETag"]}
    changed = at.patch(where, {"name": "Help", "supply": None}, headers=match)
    assert changed.json == {**made.json, "name": "Help", "supply": None, "version": 2}
    assert at.patch(where, {"name": "Late"}, headers=match).status_code == 412
    assert at.post(f"{where}/deactivate", headers=match).status_code == 412
    assert at.post(f"{where}/deactivate").json == {
        **changed.json,
        "is_active": False,
        "version": 3,
    }
    assert at.post(f"{where}/activate", headers={"If-Match": '"3"'}).json["is_active"] is True
    for body, field in (
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"fields": {"color": "red"}}, "fields.color"),
        ({"supply": "ideas"}, "supply"),
        ({"sku": "OTHER"}, "sku"),
    ):
        refused = at.patch(where, body)
        assert refused.status_code in (400, 422)
        assert refused.json["problems"][0]["field"] == field, body
    assert at.get(f"/products/{uuid4()}").status_code == 404
    assert at.post(f"/products/{uuid4()}/activate").status_code == 404
    reader = program("products.view")
    assert reader.patch(where, {}).status_code == 403
    assert reader.post(f"{where}/deactivate").status_code == 403
    assert reader.post("/products", {"sku": "X", "name": "X"}).status_code == 403


def test_products_are_saved_many_at_once_and_found_page_by_page(office, program):
    at = program()
    rows = [
        {"sku": "A", "name": "Zebra"},
        {"sku": "B", "name": "Bear", "supply": "goods", "is_active": False},
        {"sku": "C"},
        {"sku": "D", "name": "Dog"},
    ]
    saved = at.put("/products", {"products": rows}, key="b").json["data"]
    assert [one["state"] for one in saved] == ["new", "new", "refused", "new"]
    assert saved[2]["problems"][0]["field"] == "name"
    assert at.put("/products", {"products": rows}, key="b").json["data"] == saved
    price = {"model": "pricing_standard.flat", "parameters": {"amount": "12.5"}}
    at.post(f"/products/{saved[0]['id']}/prices", price)

    first = at.get("/products", limit="2", sort="name", descending="true").json
    assert [one["sku"] for one in first["data"]] == ["A", "D"]
    rest = at.get("/products", limit="2", sort="name", descending="true", after=first["next"]).json
    assert ([one["sku"] for one in rest["data"]], rest["next"]) == (["B"], None)
    for query, found in (
        ({"text": "ze"}, ["A"]),
        ({"sku": "B"}, ["B"]),
        ({"is_active": "false"}, ["B"]),
        ({"is_active": "true"}, ["A", "D"]),
        ({"supply": "goods"}, ["B"]),
    ):
        data = at.get("/products", **query).json["data"]
        assert [one["sku"] for one in data] == found, query
    shown = at.get("/products", expand="price").json["data"]
    assert "12.5 GBP" in shown[0]["price"]
    assert [one["price"] for one in shown[1:]] == ["", ""]
    assert at.get(f"/products/{saved[0]['id']}", expand="price").json == shown[0]
    assert at.get("/products", after="nonsense").status_code == 422
    assert program("customers.view").get("/products").status_code == 403
