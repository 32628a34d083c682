"""Products on pages: found, changed, priced by any model, tried out before anything is stored."""

from datetime import date, timedelta

import pytest

import billhook_pricing_standard.plugin as pricing_standard
import billhook_pricing_tiered.plugin as pricing_tiered
import billhook_tax_rules.plugin as tax_rules
from billhook.db import db
from billhook.ids import new_id
from billhook.models.custom_fields import CustomField
from billhook.services import billing, catalogue, documents, prices, products
from billhook.testing.browser import Page
from billhook.testing.members import join, open_tenant
from billhook.testing.shops import END, acting, make_charge, make_customer

PLUGINS = (pricing_standard, pricing_tiered, tax_rules)


@pytest.fixture
def store(make_app, config):
    """A tenant with the pricing models switched on, acting."""
    app = make_app(config, plugins=list(PLUGINS))
    with app.app_context():
        open_tenant("store", pack=tuple(one.info.name for one in PLUGINS))
        with acting("store") as ctx:
            yield app, ctx


@pytest.fixture
def olga(store, browse):
    app, _ctx = store
    browser = browse(application=app)
    assert browser.log_in(join("store", "olga@store.example").email).status_code == 303
    return browser


@pytest.fixture
def calls(store):
    """A product without a price."""
    _app, ctx = store
    entry = products.save(ctx, products.ProductInput(sku="CALLS", name="API calls"))
    db.session.rollback()
    return entry


def words(answer):
    assert answer.status_code == 200, answer.text
    return " ".join(Page(answer.text).text.split())


def values(answer):
    fields = Page(answer.text).all("input")
    return {field["name"]: field.get("value", "") for field in fields if "name" in field}


TIERS = {
    "t-tiers-0-1": "100",
    "t-tiers-0-2": "10",
    "t-tiers-1-1": "500",
    "t-tiers-1-2": "8",
    "t-tiers-1-3": "25",
    "t-tiers-2-2": "6",
}


def send_price(browser, entry, **typed):
    page = f"/products/{entry.id}/prices/new"
    return browser.send(f"/products/{entry.id}/prices", typed, page=page)


class TestProduct:
    typed = {"sku": "SEAT", "name": "Seat", "unit": "MON", "supply": "service", "is_active": "y"}

    def test_is_added_found_and_changed(self, olga, store):
        answer = olga.send("/products", self.typed, page="/products/new")
        assert answer.status_code == 303
        page = answer.location.removesuffix("/prices/new")
        assert "Seat" in words(olga.get("/products?search=sea&active=yes"))
        assert "Seat" not in words(olga.get("/products?search=zzz"))
        form = values(olga.get(f"{page}/edit"))
        changed = self.typed | {"name": "Chair", "version": form["version"]}
        assert olga.send(page, changed, page=f"{page}/edit").status_code == 303
        assert "Chair" in words(olga.get(page))

    def test_two_do_not_have_one_sku(self, olga, calls):
        answer = olga.send("/products", self.typed | {"sku": "CALLS"}, page="/products/new")
        assert answer.status_code == 422
        assert "has this SKU already" in Page(answer.text).text

    def test_what_another_saved_meanwhile_is_shown_and_what_was_typed_stays(
        self, olga, store, calls
    ):
        _app, ctx = store
        page = f"/products/{calls.id}"
        products.save(ctx, products.ProductInput(sku="CALLS", name="Calls by hand"))
        mine = self.typed | {"name": "Calls of mine", "version": str(calls.version)}
        answer = olga.send(page, mine, page=f"{page}/edit")
        assert answer.status_code == 409
        assert "Calls by hand" in Page(answer.text).text
        form = values(answer)
        assert form["name"] == "Calls of mine"
        again = mine | {"version": form["version"]}
        assert olga.send(page, again, page=f"{page}/edit").status_code == 303
        db.session.rollback()
        assert catalogue.get(ctx, calls.id).name == "Calls of mine"

    def test_has_the_companys_own_fields_and_lines_take_the_printed_ones_over(
        self, olga, store, calls
    ):
        _app, ctx = store
        with ctx.transaction() as session:
            for position, (subject, key) in enumerate(
                [("product", "lot"), ("product", "shelf"), ("line", "lot"), ("line", "shelf")]
            ):
                session.add(
                    CustomField(
                        tenant_id=ctx.tenant.id,
                        id=new_id(),
                        subject=subject,
                        key=key,
                        label=key.title(),
                        kind="text",
                        position=position,
                        is_printed=key == "lot",
                    )
                )
        page = f"/products/{calls.id}"
        typed = {
            **self.typed,
            "version": str(calls.version),
            "fields-lot": "L-7",
            "fields-shelf": "S-1",
        }
        assert olga.send(page, typed, page=f"{page}/edit").status_code == 303
        assert "Lot L-7" in words(olga.get(page))
        db.session.rollback()
        make_charge(ctx, make_customer(ctx, "ann"), "5", product_id=calls.id)
        billing.run(ctx, until=END, issue_on=END)
        [issued] = documents.listing(ctx)
        [line] = documents.get(ctx, issued.id).content["lines"]
        assert [(one["key"], one["label"], one["text"]) for one in line["fields"]] == [
            ("lot", "Lot", "L-7")
        ]


class TestPrice:
    def test_each_model_says_itself_what_is_typed(self, olga, calls):
        page = f"/products/{calls.id}/prices/new"
        assert "p-unit_price" in values(olga.get(page + "?model=pricing_standard.per_unit"))
        assert "t-tiers-0-3" in values(olga.get(page + "?model=pricing_tiered.graduated"))
        steps = values(olga.get(page + "?model=pricing_tiered.stairstep"))
        assert "t-tiers-0-2" in steps
        assert "t-tiers-0-3" not in steps
        assert values(olga.get(page + "?model=pricing_tiered.package"))["p-free_units"] == "0"

    def test_is_tried_before_it_is_stored_and_says_why(self, olga, store, calls):
        _app, ctx = store
        tried = {"model": "pricing_tiered.graduated", "quantity": "150", "act": "try", **TIERS}
        text = words(send_price(olga, calls, **tried))
        assert "150 costs 1,425.00 GBP before tax" in text  # 100 × 10 + 50 × 8 + 25
        assert "because: 100 × 10" in text
        db.session.rollback()
        assert prices.prices(ctx, "CALLS") == []

    def test_is_stored_and_its_tiers_are_read_back_for_the_next_version(self, olga, store, calls):
        _app, ctx = store
        answer = send_price(olga, calls, model="pricing_tiered.graduated", act="save", **TIERS)
        assert answer.status_code == 303
        db.session.rollback()
        [stored] = prices.prices(ctx, "CALLS")
        assert stored.parameters == {"tiers": "0-100: 10; 101-500: 8 + 25; 501-: 6"}
        form = values(olga.get(f"/products/{calls.id}/prices/new?like={stored.id}"))
        assert [form[f"t-tiers-1-{column}"] for column in range(4)] == ["101", "500", "8", "25"]
        page = olga.get(f"/products/{calls.id}?quantity=150")
        assert "150 costs 1,425.00 GBP" in words(page)
        assert "In force" in words(page)

    def test_more_rows_keep_what_was_typed(self, olga, calls):
        typed = {"model": "pricing_tiered.graduated", "act": "more", **TIERS}
        form = values(send_price(olga, calls, **typed))
        assert form["t-tiers-2-2"] == "6"
        assert "t-tiers-12-0" in form

    def test_what_the_model_refuses_stands_at_the_table_with_what_was_typed(self, olga, calls):
        gap = TIERS | {"t-tiers-1-0": "200"}
        answer = send_price(olga, calls, model="pricing_tiered.graduated", act="save", **gap)
        assert answer.status_code == 422
        assert "No tier covers what lies between 100 and tier 2" in Page(answer.text).text
        assert values(answer)["t-tiers-1-0"] == "200"

    def test_a_later_version_waits_and_a_price_can_be_ended(self, olga, store, calls):
        _app, ctx = store
        soon = ctx.today() + timedelta(days=10)
        for typed in ({"p-unit_price": "5"}, {"p-unit_price": "6", "valid_from": str(soon)}):
            answer = send_price(
                olga, calls, model="pricing_standard.per_unit", act="save", **typed
            )
            assert answer.status_code == 303
        text = words(olga.get(f"/products/{calls.id}"))
        assert "6 GBP per unit" in text
        assert "Later" in text
        db.session.rollback()
        later = prices.prices(ctx, "CALLS")[0]
        page = f"/products/{calls.id}/prices/{later.id}/end"
        last = soon + timedelta(days=30)
        assert olga.send(page, {"last_day": str(last)}).status_code == 303
        after = last + timedelta(days=1)
        assert "costs 6.00" in words(olga.get(f"/products/{calls.id}?quantity=1&on={last}"))
        assert "has no price" in words(olga.get(f"/products/{calls.id}?quantity=1&on={after}"))

    def test_an_end_before_its_beginning_is_told(self, olga, store, calls):
        _app, ctx = store
        begins = date(2099, 1, 1)
        typed = {"p-unit_price": "6", "valid_from": str(begins)}
        send_price(olga, calls, model="pricing_standard.per_unit", act="save", **typed)
        db.session.rollback()
        [later] = prices.prices(ctx, "CALLS")
        page = f"/products/{calls.id}/prices/{later.id}/end"
        answer = olga.send(page, {"last_day": "2098-12-31"})
        assert answer.status_code == 422
        assert "Choose a later day" in Page(answer.text).text


@pytest.mark.parametrize("role", ["manager", "clerk", "sales", "developer"])
def test_each_role_sees_and_does_what_it_may(store, calls, browse, role):
    app, _ctx = store
    browser = browse(application=app)
    browser.log_in(join("store", f"{role}@store.example", role=role).email)
    page = browser.get(f"/products/{calls.id}")
    assert page.status_code == 200
    edits = role == "manager"
    assert ("/prices/new" in page.text) is edits
    token = {"csrf_token": browser.token("/")}
    for path in ("", f"/{calls.id}", f"/{calls.id}/prices", f"/{calls.id}/prices/{new_id()}/end"):
        assert (browser.post(f"/products{path}", token).status_code == 403) is not edits
