"""Merging duplicates: what is under way moves, what is issued stays, and nothing is billed twice."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.states import RunMode
from billhook.errors import Conflict, Forbidden, NotFound
from billhook.ids import new_id
from billhook.models.charges import ChargeOpen, ChargeRow
from billhook.models.customers import Customer, CustomerTag
from billhook.models.drafts import Draft
from billhook.scoping import CustomerScope
from billhook.services import (
    audit,
    billing,
    customer_merging,
    customers,
    documents,
    drafting,
    duplicates,
    importing,
    issuing,
    merged,
    preferences,
    prices,
    products,
)
from billhook.services.customer_merging import Part
from billhook.services.duplicates import Likeness
from billhook.services.verifying import verify
from billhook.testing.shops import END, acting


def merge(ctx, duplicate, kept, **more):
    return customer_merging.merge(ctx, duplicate_id=duplicate, kept_id=kept, **more)


def bill(ctx, **how):
    """Return how many documents of each currency a run made."""
    summary = billing.run(ctx, until=END, issue_on=END, **how).as_json()
    return {code: sums["documents"] for code, sums in summary["currencies"].items()}


def row(customer_id):
    return db.session.scalar(
        select(Customer)
        .where(Customer.id == customer_id)
        .execution_options(populate_existing=True)
    )


def test_what_waits_is_billed_once_to_the_customer_that_was_kept(shop, customer, charge):
    kept, twin = customer("ann"), customer("ann-2")
    charge(kept, "10")
    charge(twin, "20")
    customer_merging.merge(shop, duplicate_id=twin, kept_id=kept)
    assert bill(shop) == {"GBP": 1}  # one document: the two charges are consolidated
    (invoice,) = documents.listing(shop)
    assert (invoice.customer, invoice.net) == ("ann", 3000)
    assert bill(shop) == {}
    assert verify(shop).is_whole


def test_issued_documents_stay_and_are_shown_with_the_customer(shop, customer, charge):
    kept, twin = customer("ann"), customer("ann-2", name="Ann (old)")
    charge(twin, "20")
    bill(shop)
    (before,) = documents.listing(shop)
    merge(shop, twin, kept)
    assert documents.get(shop, before.id).entry.customer == "ann-2"
    assert merged.family_of("ann") == merged.family_of("ann-2") == sorted([kept, twin])
    assert verify(shop).is_whole


def test_a_draft_moves_and_whoever_edits_it_is_told(shop, customer, charge):
    kept, twin = customer("ann", email="a@b.example"), customer("ann-2")
    charge(twin, "20")
    bill(shop, mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    version = drafting.get(shop, entry.id).version
    merge(shop, twin, kept)
    moved = drafting.get(shop, entry.id)
    assert moved.version == version + 1
    assert moved.bill.buyer.reference == "ann"
    issued = issuing.issue(shop, entry.id, issue_on=END)
    assert documents.get(shop, issued.id).entry.customer == "ann"


def test_a_draft_given_up_afterwards_lets_the_kept_customer_be_billed(shop, customer, charge):
    kept, twin = customer("ann"), customer("ann-2")
    charge(twin, "20")
    bill(shop, mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    merge(shop, twin, kept)
    drafting.discard(shop, entry.id)
    assert bill(shop) == {"GBP": 1}
    assert documents.listing(shop)[0].customer == "ann"


def test_people_notes_tags_wishes_and_prices_move(shop, customer):
    kept, twin = customer("ann"), customer("ann-2")
    customers.save_contact(shop, "ann-2", email="bob@client.example", name="Bob")
    products.upsert(shop, [products.ProductInput(sku="HOUR", name="Hour")])
    agreed = {"model": "pricing_standard.per_unit", "parameters": {"unit_price": "7"}}
    prices.add_price(shop, prices.PriceInput(sku="HOUR", customer="ann-2", **agreed))
    preferences.save(shop, "ann-2", preferences.PreferenceChange(tone="friendly"))
    with shop.transaction() as session:
        session.add(CustomerTag(customer_id=twin, tag="gold"))
    looked = customer_merging.preview(shop, duplicate_id=twin, kept_id=kept)
    assert dict(looked.moves) == {
        Part.CONTACTS: 1,
        Part.TAGS: 1,
        Part.PREFERENCES: 1,
        Part.PRICES: 1,
    }
    assert merge(shop, twin, kept).moves == looked.moves
    assert [one.email for one in customers.contacts(shop, "ann")] == ["bob@client.example"]
    assert preferences.of_customer(shop, kept).tone == "friendly"
    assert {one.customer for one in prices.prices(shop, "HOUR")} == {"ann", "ann-2"}
    assert db.session.scalars(select(CustomerTag.customer_id)).all() == [kept]


def test_the_kept_customers_own_agreements_and_wishes_hold(shop, customer):
    kept, twin = customer("ann"), customer("ann-2")
    products.upsert(shop, [products.ProductInput(sku="HOUR", name="Hour")])
    for reference, price, tone in (("ann", "7", "formal"), ("ann-2", "9", "friendly")):
        given = {"model": "pricing_standard.per_unit", "parameters": {"unit_price": price}}
        prices.add_price(shop, prices.PriceInput(sku="HOUR", customer=reference, **given))
        preferences.save(shop, reference, preferences.PreferenceChange(tone=tone))
    assert merge(shop, twin, kept).moves == ()
    assert preferences.of_customer(shop, kept).tone == "formal"
    assert len([one for one in prices.prices(shop, "HOUR") if one.customer == "ann"]) == 1


class TestPaying:
    def test_whom_the_duplicate_paid_for_the_kept_one_pays_for(self, shop, customer, charge):
        kept, twin = customer("ann"), customer("ann-2")
        child = customer("child", payer="ann-2")
        charge(child, "20", payer_id=twin)
        merge(shop, twin, kept)
        assert customers.get(shop, "child").payer == "ann"
        bill(shop)
        (invoice,) = documents.listing(shop)
        assert documents.get(shop, invoice.id).content["payer"] == str(kept)

    def test_it_stays_at_one_level(self, shop, customer):
        parent = customer("parent")
        kept, twin = customer("ann", payer="parent"), customer("ann-2")
        child = customer("child", payer="ann-2")
        merge(shop, twin, kept)
        assert row(child).payer_id == parent

    def test_a_customer_whose_payer_was_its_duplicate_pays_for_itself(
        self, shop, customer, charge
    ):
        twin = customer("ann-2")
        kept = customer("ann", payer="ann-2")
        charge(kept, "20", payer_id=twin)
        merge(shop, twin, kept)
        assert row(kept).payer_id is None
        assert db.session.scalars(select(ChargeOpen.payer_id)).all() == [kept]

    def test_what_somebody_else_was_to_pay_is_paid_by_whoever_pays_for_the_kept_one(
        self, shop, customer, charge
    ):
        parent = customer("parent")
        kept, twin = customer("ann"), customer("ann-2", payer="parent")
        charge(twin, "20", payer_id=parent)
        charge(parent, "5")
        merge(shop, twin, kept)
        assert bill(shop) == {"GBP": 2}
        assert {one.customer: one.net for one in documents.listing(shop)} == {
            "ann": 2000,
            "parent": 500,
        }


class TestImports:
    CHARGES = b"reference,customer,date,description,amount\nx1,ann-2,2026-10-05,Work,20\n"

    def import_charges(self, shop):
        report = importing.run(shop, "charges", io.BytesIO(self.CHARGES))
        assert report.is_written, report.errors
        return report

    def test_still_know_the_duplicates_reference(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        merge(shop, twin, kept)
        self.import_charges(shop)
        (stored,) = db.session.scalars(select(ChargeRow))
        assert (stored.customer_id, stored.payer_id) == (kept, kept)
        assert bill(shop) == {"GBP": 1}

    def test_know_a_charge_again_that_came_before_the_merge(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        self.import_charges(shop)
        merge(shop, twin, kept)
        self.import_charges(shop)
        assert len(db.session.scalars(select(ChargeRow)).all()) == 1
        assert bill(shop) == {"GBP": 1}

    def test_leave_a_merged_customer_as_it_is_and_name_the_kept_one(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        merge(shop, twin, kept)
        (answer,) = customers.upsert(
            shop, [customers.CustomerInput(reference="ann-2", name="Somebody", is_active="yes")]
        )
        assert (answer.state, answer.id) == ("unchanged", kept)
        assert "“ann”" in answer.problems[0].message
        assert not row(twin).is_active

    def test_take_the_kept_one_where_a_payer_was_merged(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        merge(shop, twin, kept)
        child = customer("child", payer="ann-2")
        assert row(child).payer_id == kept


def test_a_duplicate_of_a_duplicate_leads_to_the_last_one(shop, customer, charge):
    first, second, last = customer("a"), customer("b"), customer("c")
    charge(first, "1")
    merge(shop, first, second)
    merge(shop, second, last)
    assert row(first).merged_into_id == row(second).merged_into_id == last
    bill(shop)
    assert [one.customer for one in documents.listing(shop)] == ["c"]


def test_a_straggler_for_a_merged_payer_is_billed_to_the_kept_one(shop, customer, charge):
    # As a plugin may leave it, which read its customers before the merge.
    kept, twin = customer("ann"), customer("ann-2")
    merge(shop, twin, kept)
    charge(twin, "20")
    assert bill(shop) == {"GBP": 1}
    (invoice,) = documents.listing(shop)
    assert documents.get(shop, invoice.id).content["payer"] == str(kept)
    assert invoice.customer == "ann"


class TestRefusals:
    def test_oneself(self, shop, customer):
        ann = customer("ann")
        with pytest.raises(Conflict, match="itself"):
            merge(shop, ann, ann)

    def test_what_was_merged_already(self, shop, customer):
        kept, twin, other = customer("ann"), customer("ann-2"), customer("bob")
        merge(shop, twin, kept)
        for pair in ((twin, other), (other, twin)):
            with pytest.raises(Conflict, match="merged already"):
                merge(shop, *pair)
            looked = customer_merging.preview(shop, duplicate_id=pair[0], kept_id=pair[1])
            assert "merged already" in looked.obstacle

    def test_what_was_changed_since_somebody_looked(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        customers.save(shop, customers.CustomerInput(reference="ann", city="Hull"))
        with pytest.raises(Conflict, match="meanwhile"):
            merge(shop, twin, kept, versions=(1, 1))
        merge(shop, twin, kept, versions=(1, 2))

    def test_nobody(self, shop, customer):
        with pytest.raises(NotFound):
            merge(shop, new_id(), customer("ann"))

    def test_those_who_may_not(self, shop, customer):
        kept, twin = customer("ann"), customer("ann-2")
        with pytest.raises(Forbidden):
            merge(replace(shop, permissions=frozenset({"customers.view"})), twin, kept)
        with pytest.raises(Forbidden):
            merge(replace(shop, scope=CustomerScope(person_id=new_id())), twin, kept)
        assert row(twin).merged_into_id is None


def test_a_merge_is_in_the_audit_of_both_by_ids(shop, customer):
    kept, twin = customer("ann"), customer("ann-2")
    merge(shop, twin, kept)
    found = {one.action: one for one in audit.listing(shop, object_kind="customer")}
    assert found["customer.merged"].details == {"into": str(kept)}
    assert found["customer.took_over"].object_id == str(kept)


def test_suggestions_name_what_two_customers_share(shop, customer):
    for reference, given in (
        ("a", {"name": "Ann Lee", "postal_code": "N1"}),
        ("b", {"name": "Ann Lee", "postal_code": "N1", "email": "ann@x.example"}),
        ("c", {"name": "Lee, Ann", "email": "ann@x.example"}),
        ("d", {"name": "Ann Lee", "postal_code": "N2"}),
        ("e", {"name": "E", "tax_number": "GB980780684"}),
        ("f", {"name": "F", "tax_number": "GB980780684"}),
    ):
        customer(reference, **given)
    found = {
        (group.likeness, tuple(one.reference for one in group.customers))
        for group in duplicates.groups(shop)
    }
    assert found == {
        (Likeness.TAX_NUMBER, ("e", "f")),
        (Likeness.EMAIL, ("b", "c")),
        (Likeness.NAME, ("a", "b")),
    }
    b = customers.get(shop, "b").id
    assert [one.reference for one in duplicates.of_customer(shop, b)] == ["a", "c"]
    merge(shop, customers.get(shop, "a").id, b)
    assert [one.reference for one in duplicates.of_customer(shop, b)] == ["c"]


def test_a_price_of_the_kept_customer_holds_for_the_duplicates_charge(shop, customer, charge):
    kept, twin = customer("ann"), customer("ann-2")
    products.upsert(shop, [products.ProductInput(sku="HOUR", name="Hour")])
    for reference, price in (("ann", "7"), ("", "9")):
        given = {"model": "pricing_standard.per_unit", "parameters": {"unit_price": price}}
        prices.add_price(shop, prices.PriceInput(sku="HOUR", customer=reference, **given))
    hour = products.get(shop, "HOUR").id
    charge(twin, None, product_id=hour, quantity=Decimal(2))
    merge(shop, twin, kept)
    bill(shop)
    assert [one.net for one in documents.listing(shop)] == [1400]
    assert not db.session.scalars(select(Draft)).all()


def test_two_who_merge_the_same_pair_both_ways_make_one_customer(app, shop, customer, charge):
    ann, twin = customer("ann"), customer("ann-2")
    charge(ann, "10")
    charge(twin, "20")

    def act(pair):
        with app.app_context(), acting("shop") as ctx:
            try:
                merge(ctx, *pair)
            except Conflict:
                return "refused"
            return "merged"

    with ThreadPoolExecutor(2) as threads:
        found = sorted(threads.map(act, [(ann, twin), (twin, ann)]))
    assert found == ["merged", "refused"]
    db.session.rollback()
    assert bill(shop) == {"GBP": 1}


def test_a_bill_run_beside_a_merge_bills_each_charge_once(app, shop, customer, charge):
    kept = customer("kept")
    twins = [customer(f"twin-{number}") for number in range(4)]  # a part tries five times
    for twin in twins:
        charge(twin, "10")

    def merge_all():
        with app.app_context(), acting("shop") as ctx:
            for twin in twins:
                merge(ctx, twin, kept)

    with ThreadPoolExecutor(1) as threads:
        merging = threads.submit(merge_all)
        bill(shop)
        merging.result()
    db.session.rollback()
    bill(shop)
    assert sum(one.net for one in documents.listing(shop)) == 4 * 1000
    assert db.session.scalars(select(ChargeOpen.charge_id)).all() == []
    assert verify(shop).is_whole
