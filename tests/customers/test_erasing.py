"""Erasure takes what may go, keeps what the law asks for, and leaves the books whole."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from billhook.clock import SystemClock
from billhook.db import Base, TenantRow, db
from billhook.domain.deliveries import Recipient
from billhook.domain.states import RunMode
from billhook.errors import Conflict, Forbidden, NotFound
from billhook.ids import new_id
from billhook.models.customers import Contact, Customer, CustomerNote, CustomerTag
from billhook.models.deliveries import DeliveryRecipient
from billhook.models.files import File
from billhook.models.tenants import Tenant
from billhook.scoping import CustomerScope
from billhook.services import (
    artefacts,
    attachments,
    audit,
    billing,
    customers,
    delivering,
    documents,
    dossiers,
    drafting,
    erasing,
    files,
    issuing,
    publishing,
)
from billhook.services.presenting import present
from billhook.services.verifying import verify
from billhook.testing.shops import END, make_charge, make_customer

TELLING = ("Quagga", "quagga", "0999 123", "Stripe Street", "DE136695976")


@pytest.fixture
def ann(paper_shop):
    """A customer of whom everything is known."""
    customer_id = make_customer(
        paper_shop,
        "c1",
        name="Ann Quagga",
        email="ann@quagga.example",
        phone="0999 123",
        street="Stripe Street 1",
        tax_number="DE136695976",
        contact_name="Ann Quagga",
        electronic_address="ann@quagga.example",
        electronic_scheme="EM",
    )
    customers.save_contact(paper_shop, "c1", email="bob@quagga.example", name="Bob Quagga")
    with paper_shop.transaction() as session:
        session.add(
            CustomerNote(
                id=new_id(),
                customer_id=customer_id,
                text="Quagga likes it short",
                written_at=paper_shop.now(),
            )
        )
        session.add(CustomerTag(customer_id=customer_id, tag="quagga-fan"))
        session.execute(
            update(Customer)
            .where(Customer.tenant_id == paper_shop.tenant.id, Customer.id == customer_id)
            .values(fields={"nick": "Quagga"})
        )
    return customer_id


@pytest.fixture
def invoice(paper_shop, ann):
    """An invoice of Ann's with an attachment, rendered and sent."""
    make_charge(paper_shop, ann, "30")
    billing.run(paper_shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(paper_shop)
    attachments.attach(
        paper_shop, draft.id, name="sheet.txt", content_type="text/plain", content=b"Ann Quagga"
    )
    document_id = issuing.issue(paper_shop, draft.id, issue_on=END).id
    artefacts.printed(paper_shop, document_id)
    delivery = delivering.send(paper_shop, document_id)
    delivering.attempt(paper_shop, delivery.id)
    return document_id


def later(ctx, years):
    """Return the context some years from now."""
    return replace(ctx, clock=SystemClock(timedelta(days=years * 366)))


def dump(ctx):
    """Return the text of each row of the database that the tenant can have."""
    found = []
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        query = select(table)
        if issubclass(mapper.class_, TenantRow):
            query = query.where(table.c.tenant_id == ctx.tenant.id)
        for row in db.session.execute(query):
            cells = (c.decode("utf-8", "replace") if isinstance(c, bytes) else c for c in row)
            found.append(f"{table.name}: {[str(cell) for cell in cells]}")
    return found


def telling(ctx):
    return [row for row in dump(ctx) if any(word in row for word in TELLING)]


def test_what_only_helps_to_reach_somebody_goes_at_once(paper_shop, ann, invoice):
    planned = erasing.plan(paper_shop, ann)
    assert (planned.contacts, planned.notes, planned.documents) == (1, 1, 1)
    assert (planned.whole_from, planned.is_whole) == (date(2037, 1, 1), False)
    erasing.erase(paper_shop, ann)
    left = customers.get(paper_shop, "c1")
    assert (left.email, left.phone, left.contact_name, left.electronic_address) == ("",) * 4
    assert (left.name, left.street, left.is_active) == ("Ann Quagga", "Stripe Street 1", False)
    for row in (Contact, CustomerNote, CustomerTag):
        assert db.session.scalar(select(func.count()).select_from(row)) == 0
    assert set(db.session.scalars(select(DeliveryRecipient.address))) == {""}
    stored = [row for row in telling(paper_shop) if not row.startswith("customer:")]
    assert {row.partition(":")[0] for row in stored} == {"party_snapshot", "delivery"}
    assert artefacts.content(paper_shop, artefacts.printed(paper_shop, invoice).id).content
    assert erasing.plan(paper_shop, ann).erased_at


def test_nothing_of_a_person_is_left_once_the_law_lets_it_go(paper_shop, config, ann, invoice):
    printed = artefacts.printed(paper_shop, invoice)
    hashes = [row.sha256.hex() for row in db.session.scalars(select(File))]
    then = later(paper_shop, 11)
    assert telling(paper_shop)
    done = erasing.erase(then, ann)
    assert done.is_whole
    assert telling(paper_shop) == []
    assert customers.get(paper_shop, "c1").name == "Erased"
    folder = config.home / "files" / str(paper_shop.tenant.id)
    assert [name for name in hashes if (folder / name).exists()] == []
    with pytest.raises(files.FileErased):
        artefacts.content(paper_shop, printed.id)
    assert verify(paper_shop).is_whole


def test_an_erased_document_is_still_shown_without_its_buyer(paper_shop, ann, invoice):
    erasing.erase(later(paper_shop, 11), ann)
    view = present(dossiers.dossier(paper_shop, invoice).publication)
    assert view.buyer.name == "Erased"
    assert (view.number, len(view.sections)) == ("INV-2026-00001", 1)
    assert documents.get(paper_shop, invoice).buyer is None
    with pytest.raises(Conflict, match="erased"):
        publishing.publication(paper_shop, invoice)


def test_another_customers_documents_stay_whole(paper_shop, ann, invoice):
    bob = make_customer(paper_shop, "bob", name="Bob")
    make_charge(paper_shop, bob, "5")
    billing.run(paper_shop, until=END, issue_on=END)
    theirs = documents.listing(paper_shop, customer="bob")[0].id
    printed = artefacts.printed(paper_shop, theirs)
    erasing.erase(later(paper_shop, 11), ann)
    assert artefacts.content(paper_shop, printed.id).content
    assert publishing.publication(paper_shop, theirs).document.buyer.party.name == "Bob"


def test_a_file_that_another_document_has_too_stays_for_that_one(paper_shop, config, ann, invoice):
    kept = files.store(
        paper_shop, name="same.txt", content_type="text/plain", content=b"Ann Quagga"
    )
    erasing.erase(later(paper_shop, 11), ann)
    assert files.read(paper_shop, kept.id) == b"Ann Quagga"


def test_whoever_has_no_document_goes_at_once(paper_shop, ann):
    planned = erasing.erase(paper_shop, ann)
    assert (planned.whole_from, planned.is_whole) == (None, True)
    assert telling(paper_shop) == []


def test_the_company_says_how_long_documents_are_kept(paper_shop, ann, invoice):
    with paper_shop.transaction() as session:
        session.execute(
            update(Tenant).where(Tenant.id == paper_shop.tenant.id).values(retention_years=7)
        )
    assert erasing.plan(paper_shop, ann).whole_from == date(2034, 1, 1)


def test_an_erasure_is_repeated_when_the_day_has_come(paper_shop, ann, invoice):
    assert not erasing.erase(paper_shop, ann).is_whole
    assert erasing.erase(later(paper_shop, 11), ann).is_whole
    assert telling(paper_shop) == []
    actions = {act.action for act in audit.listing(paper_shop, object_kind="customer")}
    assert {"customer.restricted", "customer.erased"} <= actions


def test_what_is_under_way_comes_first(paper_shop, ann):
    make_charge(paper_shop, ann, "30")
    with pytest.raises(Conflict, match="wait to be billed"):
        erasing.erase(paper_shop, ann)
    billing.run(paper_shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    with pytest.raises(Conflict, match="drafts"):
        erasing.erase(paper_shop, ann)
    make_customer(paper_shop, "child", payer="c1")
    assert len(erasing.plan(paper_shop, ann).obstacles) == 2
    assert customers.get(paper_shop, "c1").email == "ann@quagga.example"


def test_a_contact_goes_alone(paper_shop, ann, invoice):
    sent = delivering.send(
        paper_shop,
        invoice,
        recipients=[Recipient(address="bob@quagga.example")],
    )
    delivering.attempt(paper_shop, sent.id)
    contact = db.session.scalars(select(Contact.id)).one()
    erasing.forget_contact(paper_shop, contact)
    assert [row for row in dump(paper_shop) if "bob@quagga" in row] == []
    assert [row for row in dump(paper_shop) if "ann@quagga" in row]
    with pytest.raises(NotFound):
        erasing.forget_contact(paper_shop, contact)


def test_only_those_who_may_erase(paper_shop, ann):
    with pytest.raises(Forbidden):
        erasing.erase(replace(paper_shop, permissions=frozenset({"customers.edit"})), ann)
    with pytest.raises(Forbidden):
        erasing.erase(replace(paper_shop, scope=CustomerScope(person_id=new_id())), ann)
    with pytest.raises(NotFound):
        erasing.erase(paper_shop, new_id())
