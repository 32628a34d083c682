"""Customers are kept by the tenant's own code, and checked at the door."""

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.states import Consolidation
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.customers import Customer
from billhook.services import audit, customers
from billhook.services.customers import CustomerInput


def saved(ctx, reference="C1", **values):
    return customers.save(
        ctx,
        CustomerInput(**{"name": "Ann Lee", "country": "DE", "reference": reference, **values}),
    )


def refused(ctx, **values):
    """Return path and code of each problem; nothing is stored."""
    with pytest.raises(ValidationFailed) as failure:
        saved(ctx, **values)
    assert db.session.scalar(select(func.count(Customer.id))) == 0
    return {(problem.path, problem.code) for problem in failure.value.problems}


def test_a_new_customer_takes_what_is_the_tenants(ctx):
    made = saved(ctx)
    assert (made.currency, made.language, made.time_zone) == ("EUR", "en", "Europe/Berlin")
    assert made.consolidation is Consolidation.PER_RUN
    assert made.payment_days is None
    assert made.is_active
    assert made.version == 1


def test_a_known_reference_changes_its_customer(ctx):
    first = saved(ctx, city="Bonn", payment_days="0")
    second = customers.save(ctx, CustomerInput(reference="C1", city="Köln"))
    assert second.id == first.id
    assert (second.name, second.city, second.payment_days) == ("Ann Lee", "Köln", 0)
    assert second.version == 2


def test_saying_the_same_again_changes_nothing(ctx):
    saved(ctx)
    again = saved(ctx)
    assert again.version == 1
    assert [act.action for act in audit.listing(ctx, object_kind="customer")] == [
        "customer.created"
    ]


def test_an_empty_text_empties_or_takes_the_tenants(ctx):
    saved(ctx, city="Bonn", currency="USD", payment_days="7", is_active="no")
    emptied = saved(ctx, city="", currency="", payment_days="", is_active="")
    assert (emptied.city, emptied.currency, emptied.payment_days) == ("", "EUR", None)
    assert emptied.is_active


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"reference": ""}, ("reference", "input.missing")),
        ({"reference": "x" * 81}, ("reference", "input.too_long")),
        ({"reference": "a\nb"}, ("reference", "input.unprintable")),
        ({"name": ""}, ("name", "input.missing")),
        ({"name": None}, ("name", "input.missing")),
        ({"country": ""}, ("country", "input.missing")),
        ({"country": None}, ("country", "input.missing")),
        ({"country": "XX"}, ("country", "country.unknown")),
        ({"currency": "ABC"}, ("currency", "currency.unknown")),
        ({"language": "klingon"}, ("language", "language.unknown")),
        ({"time_zone": "Bonn"}, ("time_zone", "time_zone.unknown")),
        ({"email": "ann"}, ("email", "email.malformed")),
        ({"tax_number": "DE136695977"}, ("tax_number", "tax_number.mistyped")),
        ({"consolidation": "weekly"}, ("consolidation", "input.unknown_choice")),
        ({"payment_days": "-1"}, ("payment_days", "number.not_whole")),
        ({"payment_days": "NaN"}, ("payment_days", "number.not_whole")),
        ({"is_active": "maybe"}, ("is_active", "input.not_a_flag")),
        ({"payer": "nobody"}, ("payer", "customer.payer_refused")),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(ctx, values, problem):
    assert refused(ctx, **values) == {problem}


def test_every_bad_field_is_named_at_once(ctx):
    assert refused(ctx, country="XX", currency="ABC") == {
        ("country", "country.unknown"),
        ("currency", "currency.unknown"),
    }


def test_a_tax_number_is_kept_in_one_piece(ctx):
    assert saved(ctx, tax_number="de 136 695 976").tax_number == "DE136695976"


def test_a_tax_number_is_checked_by_the_country_that_is_stored(ctx):
    saved(ctx)
    with pytest.raises(ValidationFailed):
        customers.save(ctx, CustomerInput(reference="C1", tax_number="136695977"))


class TestPayer:
    def test_is_somebody_known(self, ctx):
        saved(ctx, "parent")
        assert saved(ctx, "child", payer="parent").payer == "parent"
        assert saved(ctx, "child", payer="").payer == ""

    def test_may_stand_before_its_customer_in_the_same_batch(self, ctx):
        answers = customers.upsert(
            ctx,
            [
                CustomerInput(reference="parent", name="P", country="DE"),
                CustomerInput(reference="child", name="C", country="DE", payer="parent"),
                CustomerInput(reference="other", name="C", country="DE", payer="later"),
                CustomerInput(reference="later", name="P", country="DE"),
            ],
        )
        assert [answer.state for answer in answers] == ["new", "new", "refused", "new"]

    def test_is_the_customer_where_it_is_named_itself(self, ctx):
        saved(ctx)
        assert saved(ctx, payer="C1").payer == ""

    def test_has_no_payer_of_its_own(self, ctx):
        saved(ctx, "grandparent")
        saved(ctx, "parent", payer="grandparent")
        with pytest.raises(ValidationFailed):
            saved(ctx, "child", payer="parent")

    def test_pays_for_itself(self, ctx):
        saved(ctx, "grandparent")
        saved(ctx, "parent")
        saved(ctx, "child", payer="parent")
        with pytest.raises(ValidationFailed):
            saved(ctx, "parent", payer="grandparent")


def test_a_batch_stores_the_good_ones_and_says_what_became_of_each(ctx):
    saved(ctx, "known")
    saved(ctx, "same")
    answers = customers.upsert(
        ctx,
        [
            CustomerInput(reference="known", name="Bob"),
            CustomerInput(reference="bad", name="Bad", country="XX"),
            CustomerInput(reference="new", name="New", country="FR"),
            CustomerInput(reference="same", name="Ann Lee"),
            CustomerInput(reference="new", name="Newer", country="FR"),
        ],
    )
    assert [answer.state for answer in answers] == [
        *("changed", "refused", "new", "unchanged", "changed")
    ]
    assert customers.get(ctx, "new").name == "Newer"
    assert customers.get(ctx, "new").version == 1
    assert customers.get(ctx, "known").version == 2
    with pytest.raises(NotFound):
        customers.get(ctx, "bad")


def test_more_than_a_batch_is_stored(ctx):
    wanted = [CustomerInput(reference=f"C{n:04}", name="Ann", country="DE") for n in range(1_203)]
    assert {answer.state for answer in customers.upsert(ctx, wanted)} == {"new"}
    assert {answer.state for answer in customers.upsert(ctx, wanted)} == {"unchanged"}
    assert db.session.scalar(select(func.count(Customer.id))) == 1_203


def test_the_list_goes_on_after_a_reference_and_finds_parts_of_names(ctx):
    for reference, name in (("A", "Ann"), ("B", "100%"), ("C", "Joanna")):
        saved(ctx, reference, name=name)
    assert [one.reference for one in customers.listing(ctx, after="A", limit=1)] == ["B"]
    assert [one.reference for one in customers.listing(ctx, search="ann")] == ["A", "C"]
    assert [one.reference for one in customers.listing(ctx, search="0%")] == ["B"]
    assert [one.reference for one in customers.listing(ctx, is_active=False)] == []


def test_another_tenants_customer_is_not_found(ctx, other_ctx):
    with other_ctx.acting():
        saved(other_ctx, "theirs")
    with ctx.acting():
        with pytest.raises(NotFound):
            customers.get(ctx, "theirs")
        assert customers.listing(ctx) == []
        with pytest.raises(ValidationFailed):
            saved(ctx, "ours", payer="theirs")


def test_changing_a_customer_needs_the_permission(ctx, with_permissions):
    reader = with_permissions(ctx, "customers.view")
    with pytest.raises(Forbidden):
        saved(reader)
    assert customers.listing(reader) == []
    with pytest.raises(Forbidden):
        customers.listing(with_permissions(ctx))


class TestContacts:
    def test_a_contact_is_a_customers_person(self, ctx):
        saved(ctx)
        customers.save_contact(ctx, "C1", email="Ann@Example.org", name="Ann")
        changed = customers.save_contact(ctx, "C1", email="ann@example.org", name="Ann Lee")
        assert customers.contacts(ctx, "C1") == [changed]
        assert (changed.name, changed.email) == ("Ann Lee", "ann@example.org")

    def test_an_email_is_one_customers(self, ctx):
        saved(ctx)
        saved(ctx, "C2")
        customers.save_contact(ctx, "C1", email="ann@example.org", name="Ann")
        with pytest.raises(Conflict):
            customers.save_contact(ctx, "C2", email="ann@example.org", name="Ann")

    def test_a_bad_contact_is_refused(self, ctx):
        saved(ctx)
        with pytest.raises(ValidationFailed) as failure:
            customers.save_contact(ctx, "C1", email="", name="")
        assert {problem.path for problem in failure.value.problems} == {"email", "name"}
        with pytest.raises(NotFound):
            customers.save_contact(ctx, "C9", email="ann@example.org", name="Ann")
