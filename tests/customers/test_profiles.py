"""Customers as people enter, change and find them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.addresses import PostalName, SubdivisionName, custom
from billhook.domain.states import RunMode
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.custom_fields import CustomField
from billhook.models.products import Price
from billhook.services import (
    agreements,
    billing,
    contacts,
    crediting,
    customer_balances,
    customer_notes,
    customer_profiles,
    customer_search,
    customer_tags,
    customers,
    documents,
    fx,
    prices,
    products,
)
from billhook.services.contacts import ContactInput
from billhook.services.customer_profiles import CustomerChanged, ProfileInput
from billhook.services.customer_search import CustomerFilter, CustomerOrder, CustomerState
from billhook.services.customers import CustomerInput
from billhook.testing.members import join
from billhook.testing.shops import END


def entered(ctx, reference="ann", tags=(), **given):
    told = {"name": "Ann Lee", "country": "GB", "currency": "GBP", **given}
    customer = CustomerInput(reference=reference, **told)
    return customer_profiles.create(ctx, ProfileInput(customer=customer, tags=tags))


def changed(ctx, entry, *, version=None, tags=(), **given):
    told = {"name": entry.name, "country": entry.country, **given}
    profile = ProfileInput(customer=CustomerInput(reference="", **told), tags=tags)
    return customer_profiles.change(
        ctx, entry.id, profile, version=entry.version if version is None else version
    )


def refused(act):
    with pytest.raises(ValidationFailed) as failure:
        act()
    return {(one.path, one.code) for one in failure.value.problems}


class TestEntering:
    def test_takes_tags_owner_and_own_fields(self, shop):
        olga = join("shop", "olga@shop.example")
        with shop.transaction() as session:
            session.add(own_field("color", "choice", choices=["red", "blue"]))
        made = entered(
            shop,
            tags=["gold", " gold ", "north"],
            owner=str(olga.person_id),
            fields={"color": "red"},
        )
        assert made.owner_id == olga.person_id
        assert made.fields == {"color": "red"}
        assert customer_tags.of_customers([made.id]) == {made.id: ("gold", "north")}

    def test_refuses_a_reference_that_is_taken(self, shop):
        entered(shop)
        assert refused(lambda: entered(shop)) == {("reference", "customer.reference_taken")}

    def test_tells_everything_that_is_wrong_at_its_field(self, shop):
        with shop.transaction() as session:
            session.add(own_field("color", "choice", choices=["red"], is_required=True))
        assert refused(
            lambda: entered(
                shop,
                tags=["x" * 41],
                name="",
                country="US",
                tax_number="",
                owner=str(new_id()),
                fields={"color": "green"},
            )
        ) == {
            ("name", "input.missing"),
            ("subdivision", "address.subdivision_missing"),
            ("owner", "customer.owner_unknown"),
            ("fields-color", "input.unknown_choice"),
            ("tags", "input.too_long"),
        }
        assert customers.listing(shop) == []

    def test_says_where_a_check_digit_fails(self, shop):
        assert refused(lambda: entered(shop, country="DE", tax_number="DE136695977")) == {
            ("tax_number", "tax_number.mistyped")
        }


def own_field(key, kind, **more):
    told = {"choices": [], "is_required": False, "position": 1, **more}
    return CustomField(
        id=new_id(), subject="customer", key=key, label=key.title(), kind=kind, **told
    )


class TestChanging:
    def test_leaves_what_the_form_does_not_name(self, shop):
        made = entered(shop, email="ann@x.example")
        after = changed(shop, made, name="Ann Lee Ltd")
        assert (after.name, after.email, after.version) == ("Ann Lee Ltd", "ann@x.example", 2)

    def test_never_goes_over_somebody_elses_change(self, shop):
        made = entered(shop)
        changed(shop, made, city="Hull")
        with pytest.raises(CustomerChanged):
            changed(shop, made, city="York")
        assert customers.get(shop, "ann").city == "Hull"

    def test_notices_tags_that_somebody_else_changed(self, shop):
        made = entered(shop, tags=["a"])
        changed(shop, made, tags=["b"])
        with pytest.raises(CustomerChanged):
            changed(shop, made, tags=["a"])

    def test_needs_the_permission(self, shop):
        made = entered(shop)
        reader = replace(shop, permissions=frozenset({"customers.view"}))
        for act in (
            lambda: changed(reader, made),
            lambda: entered(reader, "bob"),
            lambda: customer_notes.write(reader, made.id, "x"),
            lambda: contacts.add(reader, made.id, ContactInput(name="B", email="b@b.example")),
            lambda: customer_tags.add(reader, [made.id], "x"),
            lambda: customer_profiles.assign(reader, [made.id], None),
        ):
            with pytest.raises(Forbidden):
                act()

    def test_of_nobody(self, shop):
        made = entered(shop)
        with pytest.raises(NotFound):
            changed(shop, replace(made, id=new_id()))


@pytest.mark.parametrize(
    ("country", "subdivision", "found"),
    [
        ("US", "", "address.subdivision_missing"),
        ("US", "XX", "address.subdivision_unknown"),
        ("US", "ny", None),
        ("CA", "", "address.subdivision_missing"),
        ("AU", "", None),  # known by its codes, but no tax depends on it
        ("AU", "NY", "address.subdivision_unknown"),
        ("DE", "", None),
        ("DE", "BY", None),
    ],
)
def test_a_subdivision_says_where_tax_is_due(shop, country, subdivision, found):
    given = {"country": country, "subdivision": subdivision, "currency": "EUR"}
    if found is None:
        assert entered(shop, **given).country == country
    else:
        assert refused(lambda: entered(shop, **given)) == {("subdivision", found)}


def test_fields_stand_in_the_order_of_the_country():
    assert custom("DE").fields == ("postal_code", "city")
    assert custom("GB").fields == ("city", "postal_code")
    assert custom("US").fields == ("city", "subdivision", "postal_code")
    assert custom("AE").fields == ("city", "subdivision")
    assert (custom("US").postal, custom("US").subdivision) == (
        PostalName.ZIP,
        SubdivisionName.STATE,
    )


class TestNotes:
    def test_are_read_newest_first_and_only_their_author_deletes_them(self, shop):
        made = entered(shop)
        olga, bob = join("shop", "olga@shop.example"), join("shop", "bob@shop.example")
        customer_notes.write(olga.ctx, made.id, "Pays late.\nCall first.")
        customer_notes.write(bob.ctx, made.id, "Called.")
        found = customer_notes.of_customer(bob.ctx, made.id)
        assert [(note.text, note.author, note.is_own) for note in found] == [
            ("Called.", "bob", True),
            ("Pays late.\nCall first.", "olga", False),
        ]
        with pytest.raises(Forbidden):
            customer_notes.delete(bob.ctx, found[1].id)
        assert customer_notes.delete(bob.ctx, found[0].id) == made.id
        assert len(customer_notes.of_customer(bob.ctx, made.id)) == 1

    def test_say_something(self, shop):
        made = entered(shop)
        assert refused(lambda: customer_notes.write(shop, made.id, " \n ")) == {
            ("text", "input.missing")
        }


class TestContacts:
    def test_are_added_changed_and_let_go(self, shop):
        made = entered(shop)
        contacts.add(shop, made.id, ContactInput(name="Bob", email="BOB@x.example"))
        (bob,) = contacts.of_customer(shop, made.id)
        assert (bob.email, bob.receives, bob.is_active) == ("bob@x.example", None, True)
        given = ContactInput(name="Bob", email="b@x.example", receives="cc", is_active=False)
        assert contacts.change(shop, bob.id, given) == made.id
        (bob,) = contacts.of_customer(shop, made.id)
        assert (bob.email, bob.receives.value, bob.is_active) == ("b@x.example", "cc", False)

    def test_share_no_address(self, shop):
        made, other = entered(shop), entered(shop, "bob")
        contacts.add(shop, made.id, ContactInput(name="Bob", email="b@x.example"))
        again = ContactInput(name="Bob", email="b@x.example")
        assert refused(lambda: contacts.add(shop, other.id, again)) == {("email", "contact.taken")}


class TestFinding:
    def found(self, ctx, *, by=CustomerOrder.REFERENCE, **wanted):
        page = customer_search.search(ctx, CustomerFilter(**wanted), by=by)
        return [one.reference for one in page.rows]

    def test_by_parts_tags_owner_country_and_payer(self, shop):
        olga = join("shop", "olga@shop.example")
        parent = entered(shop, "p1", name="Parent", tags=["gold"])
        entered(shop, "c1", name="Łódź", payer="p1", owner=str(olga.person_id))
        entered(shop, "c2", name="Zoë", email="zoe@x.example", country="FR", currency="EUR")
        assert self.found(shop) == ["c1", "c2", "p1"]
        assert self.found(shop, text="PAR") == ["p1"]
        assert self.found(shop, text="łódź") == ["c1"]
        assert self.found(shop, text="X.example") == ["c2"]
        assert self.found(shop, text="%") == []
        assert self.found(shop, tag="gold") == ["p1"]
        assert self.found(shop, owner_id=olga.person_id) == ["c1"]
        assert self.found(shop, country="FR") == ["c2"]
        assert self.found(shop, payer_id=parent.id) == ["c1"]
        assert customer_search.countries(shop) == ["FR", "GB"]
        (child,) = customer_search.search(shop, CustomerFilter(text="c1")).rows
        assert (child.payer, child.owner) == ("Parent", "olga")

    def test_by_state(self, shop, charge):
        entered(shop, "a")
        entered(shop, "b", is_active="no")
        parked = entered(shop, "c")
        products.upsert(shop, [products.ProductInput(sku="X", name="X")])
        charge(parked.id, None, product_id=products.get(shop, "X").id)
        billing.run(shop, until=END, issue_on=END)
        assert self.found(shop, state=CustomerState.ACTIVE) == ["a", "c"]
        assert self.found(shop, state=CustomerState.INACTIVE) == ["b"]
        assert self.found(shop, state=CustomerState.PARKED) == ["c"]
        assert self.found(shop, state=CustomerState.MERGED) == []

    def test_goes_on_where_the_page_ended(self, shop):
        for number in range(5):
            entered(shop, f"c{number}", name="Ann" if number % 2 else "Bob")
        for by in CustomerOrder:
            seen, after = [], ""
            for _page in range(3):
                page = customer_search.search(
                    shop, CustomerFilter(), by=by, is_descending=True, after=after, limit=2
                )
                seen += [one.reference for one in page.rows]
                after = page.next
            assert after == ""
            assert sorted(seen) == ["c0", "c1", "c2", "c3", "c4"], by

    def test_counts_what_waits_whoever_pays(self, shop, charge):
        parent = entered(shop, "p")
        child = entered(shop, "c", payer="p")
        charge(child.id, payer_id=parent.id)
        charge(child.id, payer_id=parent.id)
        charge(parent.id)
        rows = customer_search.search(shop, CustomerFilter()).rows
        assert {one.reference: one.charges for one in rows} == {"p": 1, "c": 2}


class TestManyAtOnce:
    def test_get_a_tag_and_lose_it(self, shop):
        ids = [entered(shop, f"c{n}").id for n in range(3)]
        assert customer_tags.add(shop, ids, "gold") == (3, [])
        assert customer_tags.add(shop, ids[:1], "gold") == (1, [])
        assert customer_tags.all_tags(shop) == ["gold"]
        assert customer_tags.remove(shop, ids[1:], "gold") == (2, [])
        assert customer_tags.of_customers(ids) == {ids[0]: ("gold",)}
        assert customer_tags.add(shop, ids, "x" * 41)[1][0].path == "tags"

    def test_are_given_to_somebody(self, shop):
        olga = join("shop", "olga@shop.example")
        ids = [entered(shop, f"c{n}").id for n in range(2)]
        assert customer_profiles.assign(shop, ids, olga.person_id) == 2
        assert customers.by_id(shop, ids[0]).owner_id == olga.person_id
        assert customer_profiles.assign(shop, ids, None) == 2
        assert customers.by_id(shop, ids[0]).owner_id is None
        with pytest.raises(ValidationFailed):
            customer_profiles.assign(shop, ids, new_id())


def test_a_balance_is_what_is_open_by_currency(shop, customer, charge):
    ann = customer("ann", payment_days="0")
    charge(ann, "100")
    charge(ann, "-30", currency="EUR")
    fx.set_rate(shop, "EUR", Decimal("1.17"), on=END)
    billing.run(shop, until=END, issue_on=END)
    before = {one.currency: one for one in customer_balances.of_customer(shop, ann)}
    assert (before["GBP"].owed, before["GBP"].overdue, before["GBP"].invoices) == (12000, 12000, 1)
    assert (before["EUR"].credit, before["EUR"].total) == (3600, -3600)
    invoice = next(one for one in documents.listing(shop) if one.currency == "GBP")
    crediting.credit(shop, invoice.id, reason="x", lines={1: 4000}, issue_on=END)
    after = {one.currency: one for one in customer_balances.of_customer(shop, ann)}
    assert (after["GBP"].owed, after["GBP"].credit) == (7200, 0)
    bob = customer("bob")
    assert customer_balances.of_customer(shop, bob) == []


class TestAgreements:
    @pytest.fixture
    def agreed(self, shop, customer):
        ann = customer("ann")
        products.upsert(shop, [products.ProductInput(sku="HOUR", name="Hour")])
        prices.add_price(shop, self.price("9"))
        first = shop.today() - timedelta(days=30)
        prices.add_price(shop, replace(self.price("7"), customer="ann", valid_from=first))
        return ann

    def price(self, unit_price):
        return prices.PriceInput(
            sku="HOUR",
            model="pricing_standard.per_unit",
            parameters={"unit_price": unit_price},
        )

    def test_are_listed_with_what_is_in_force(self, shop, agreed):
        (one,) = agreements.of_customer(shop, agreed)
        assert (one.product, one.is_in_force, one.last_day) == ("Hour", True, None)
        assert one.price.parameters == {"unit_price": "7"}

    def test_end_with_a_day_after_which_the_products_price_holds(self, shop, agreed, charge):
        (one,) = agreements.of_customer(shop, agreed)
        last = shop.today()
        assert agreements.end(shop, one.price.id, last_day=last) == agreed
        hour = products.get(shop, "HOUR").id
        for day, number in ((last, 1), (last + timedelta(days=1), 2)):
            charge(agreed, None, product_id=hour, charged_on=day, reference=f"r{number}")
        later = last + timedelta(days=1)
        billing.run(shop, until=later, issue_on=later, mode=RunMode.ISSUE)
        (invoice,) = documents.listing(shop)
        lines = documents.get(shop, invoice.id).content["lines"]
        assert [line["unit_price"] for line in lines] == ["7", "9"]
        newest, oldest = agreements.of_customer(shop, agreed)
        assert newest.last_day == last
        assert oldest.last_day == last - timedelta(days=1)
        with pytest.raises(Conflict):
            agreements.end(shop, oldest.price.id, last_day=later)

    def test_end_after_they_began(self, shop, agreed):
        (one,) = agreements.of_customer(shop, agreed)
        with pytest.raises(Conflict, match="holds from"):
            agreements.end(shop, one.price.id, last_day=one.price.valid_from)
        with pytest.raises(NotFound):
            agreements.end(shop, new_id(), last_day=shop.today())
        assert len(db.session.scalars(select(Price)).all()) == 2
