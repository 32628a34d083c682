"""Each event is announced once by its act, and not at all by an act that is refused."""

import io
from dataclasses import fields, replace
from uuid import UUID

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.events import EVENTS, MOST_IDS, Event
from billhook.domain.splitting import BySection
from billhook.domain.states import RunMode
from billhook.errors import BillhookError
from billhook.ids import new_id
from billhook.models.work import Outbox
from billhook.services import (
    agreements,
    attachments,
    billing,
    charging,
    contacts,
    crediting,
    customer_merging,
    customer_profiles,
    customer_tags,
    customers,
    draft_editing,
    drafting,
    duplicating,
    erasing,
    import_runs,
    importing,
    issuing,
    merging,
    plugins,
    preferences,
    prices,
    products,
    rebilling,
    splitting,
)
from billhook.services.customers import CustomerInput
from billhook.services.draft_editing import DraftInput, LineInput
from billhook.services.prices import PriceInput
from billhook.services.products import ProductInput
from billhook.services.webhooks import samples
from billhook.testing.shops import END, make_charge, make_customer, open_shop

PER_UNIT = "pricing_standard.per_unit"


@pytest.fixture
def beginning(worlds):
    return worlds.world("shop", open_shop)


@pytest.fixture
def shop(app):
    from billhook.testing.shops import acting

    with acting("shop") as ctx:
        yield ctx


class Told:
    """What was announced since the last look."""

    def __init__(self) -> None:
        self._seen: set[UUID] = set()
        self.anew()

    def anew(self) -> list[tuple[str, dict]]:
        db.session.rollback()
        wanted = select(Outbox.id, Outbox.name, Outbox.payload).where(Outbox.kind == "event")
        rows = db.session.execute(wanted.order_by(Outbox.id)).all()
        fresh = [(row.name, row.payload) for row in rows if row.id not in self._seen]
        self._seen |= {row.id for row in rows}
        return fresh

    def names(self) -> list[str]:
        return [name for name, _payload in self.anew()]


@pytest.fixture
def told(shop):
    return Told()


def refused(act) -> None:
    with pytest.raises(BillhookError):
        act()


def profile(reference: str, **given: str) -> customer_profiles.ProfileInput:
    fields = {"name": "Ann", "country": "GB", "currency": "GBP", **given}
    return customer_profiles.ProfileInput(customer=CustomerInput(reference=reference, **fields))


def test_of_a_customer(shop, told):
    made = customer_profiles.create(shop, profile("ann"))
    assert told.anew() == [("customer.created", {"version": 1, "customer_id": str(made.id)})]
    refused(lambda: customer_profiles.create(shop, profile("ann")))
    refused(lambda: customer_profiles.change(shop, made.id, profile("ann"), version=7))
    assert told.names() == []
    acts = [
        lambda: customer_profiles.change(shop, made.id, profile("ann", city="Bath"), version=1),
        lambda: customers.save(shop, CustomerInput(reference="ann", name="Anna")),
        lambda: customer_tags.add(shop, [made.id], "vip"),
        lambda: customer_profiles.assign(shop, [made.id], None),
        lambda: contacts.add(
            shop, made.id, contacts.ContactInput(name="Zoe", email="zoe@ann.example")
        ),
        lambda: preferences.save(shop, "ann", preferences.PreferenceChange(tone="friendly")),
    ]
    for act in acts:
        act()
        assert told.anew() == [("customer.changed", {"version": 1, "customer_id": str(made.id)})]
    customers.save(shop, CustomerInput(reference="ann", name="Anna"))
    assert told.names() == []


def test_of_customers_merged_and_erased(shop, told):
    ann, anne = make_customer(shop, "ann"), make_customer(shop, "anne")
    told.anew()
    refused(lambda: customer_merging.merge(shop, duplicate_id=ann, kept_id=ann))
    refused(lambda: erasing.erase(shop, new_id()))
    assert told.names() == []
    customer_merging.merge(shop, duplicate_id=anne, kept_id=ann)
    payload = {"version": 1, "customer_id": str(ann), "duplicate_id": str(anne)}
    assert told.anew() == [("customer.merged", payload)]
    erasing.erase(shop, ann)
    assert told.anew() == [("customer.erased", {"version": 1, "customer_id": str(ann)})]


def test_of_products_and_prices(shop, told):
    seat = products.save(shop, ProductInput(sku="SEAT", name="Seat"))
    assert told.anew() == [("product.created", {"version": 1, "product_id": str(seat.id)})]
    products.save(shop, ProductInput(sku="SEAT", name="Seat"))
    refused(lambda: products.save(shop, ProductInput(sku="", name="Nothing")))
    assert told.names() == []
    products.save(shop, ProductInput(sku="SEAT", name="Chair"))
    assert told.names() == ["product.changed"]
    price = PriceInput(sku="SEAT", model=PER_UNIT, parameters={"unit_price": "9"})
    added = prices.add_price(shop, price)
    payload = {"version": 1, "price_id": str(added.id), "product_id": str(seat.id)}
    assert told.anew() == [("price.added", payload)]
    prices.add_price(shop, price)
    refused(lambda: prices.add_price(shop, replace(price, sku="NONE")))
    refused(lambda: agreements.end(shop, new_id(), last_day=END))
    assert told.names() == []


def test_of_charges_once_for_all_that_come_together(shop, told):
    make_customer(shop, "ann")
    told.anew()
    rows = "".join(f"c{n},ann,2026-10-01,Work,5,1\n" for n in range(MOST_IDS + 20))
    file = f"reference,customer,date,description,unit_price,quantity\n{rows}".encode()
    for expected in (["charges.added"], []):
        importing.run(shop, "charges", io.BytesIO(file))
        found = told.anew()
        assert [name for name, _payload in found] == expected
        for _name, payload in found:
            assert payload["count"] == MOST_IDS + 20
            assert payload["source"] == "csv"
            assert len(payload["charge_ids"]) == MOST_IDS


def test_of_charges_withdrawn(shop, told):
    charge = make_charge(shop, make_customer(shop, "ann"))
    told.anew()
    refused(lambda: charging.withdraw(shop, [charge, new_id()], reason="x"))
    assert told.names() == []
    charging.withdraw(shop, [charge], reason="x")
    payload = {"version": 1, "count": 1, "charge_ids": [str(charge)]}
    assert told.anew() == [("charges.withdrawn", payload)]


def test_of_a_draft(shop, told):
    ann = make_customer(shop, "ann")
    told.anew()
    given = DraftInput(customer="ann", lines=(LineInput(description="Work", unit_price="5"),))
    refused(lambda: draft_editing.create(shop, replace(given, customer="nobody"), key="0"))
    assert told.names() == []
    draft = draft_editing.create(shop, given, key="1").draft_id
    draft_editing.create(shop, given, key="1")
    payload = {"version": 1, "draft_id": str(draft), "customer_id": str(ann)}
    assert told.anew() == [("draft.created", payload)]
    draft_editing.save(shop, draft, given, version=1)
    assert told.anew() == [("draft.changed", {"version": 1, "draft_id": str(draft)})]
    attachments.attach(shop, draft, name="a.txt", content_type="text/plain", content=b"a")
    assert told.names() == ["draft.changed"]
    attachments.detach(shop, draft, "a.txt")
    assert told.names() == ["draft.changed"]
    refused(lambda: draft_editing.save(shop, draft, given, version=1))
    assert told.names() == []
    duplicating.duplicate(shop, draft)
    assert told.names() == ["draft.created"]
    drafting.discard(shop, draft)
    assert told.anew() == [("draft.discarded", {"version": 1, "draft_id": str(draft)})]
    refused(lambda: drafting.discard(shop, draft))
    assert told.names() == []


def drafts_of(shop, *references: str) -> list[UUID]:
    for reference in references:
        make_charge(shop, customers.get(shop, "ann").id, group_key=reference)
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    return [one.id for one in drafting.listing(shop)]


def test_of_drafts_merged_and_split(shop, told):
    make_customer(shop, "ann", consolidation="group")
    told.anew()
    one, other = drafts_of(shop, "a", "b")
    assert sorted(told.names()) == [
        "bill_run.finished", "charges.added", "charges.added", "draft.created", "draft.created",
    ]  # fmt: skip
    refused(lambda: merging.merge(shop, [one]))
    assert told.names() == []
    merged = merging.merge(shop, [one, other])
    found = dict(told.anew())
    assert found.keys() == {"draft.created", "draft.merged"}
    assert found["draft.merged"]["draft_id"] == str(merged)
    assert sorted(found["draft.merged"]["merged_ids"]) == sorted([str(one), str(other)])
    refused(lambda: splitting.split(shop, merged, BySection(), version=9))
    assert told.names() == []
    parts = splitting.split(shop, merged, BySection())
    found = told.anew()
    assert [name for name, _payload in found].count("draft.created") == len(parts) == 2
    (split,) = [payload for name, payload in found if name == "draft.split"]
    assert split["part_ids"] == [str(part.id) for part in parts]


def test_of_documents(shop, told):
    make_customer(shop, "ann")
    drafts = drafts_of(shop, "a")
    told.anew()
    invoice = issuing.issue(shop, drafts[0], issue_on=END)
    assert told.names() == ["document.issued"]
    refused(lambda: issuing.issue(shop, drafts[0], issue_on=END))
    assert told.names() == []
    note = crediting.credit(shop, invoice.id, reason="x", lines={1: 100}, issue_on=END)
    found = dict(told.anew())
    assert found.keys() == {"document.issued", "document.credited"}
    assert found["document.credited"] == {
        "version": 1, "document_id": str(invoice.id), "credit_note_id": str(note.id),
    }  # fmt: skip
    refused(lambda: crediting.void(shop, invoice.id, reason="x", issue_on=END))
    refused(lambda: crediting.credit(shop, invoice.id, reason="x", lines={1: 10**9}))
    assert told.names() == []
    rebilling.rebill(shop, invoice.id, reason="x", issue_on=END)
    assert sorted(told.names()) == ["document.credited", "document.issued", "draft.created"]
    (draft,) = [one.id for one in drafting.listing(shop)]
    again = issuing.issue(shop, draft, issue_on=END)
    told.anew()
    crediting.void(shop, again.id, reason="x", issue_on=END)
    assert sorted(told.names()) == ["document.credited", "document.issued", "document.voided"]


def test_of_an_import(shop, told):
    content = b"reference,name,country\nann,Ann,GB\nbob,Bob,GB\n"
    run = import_runs.bring(shop, "customers", name="a.csv", content=content)
    import_runs.check(shop, run, import_runs.Options())
    import_runs.work(shop, run)
    assert told.names() == []
    import_runs.store(shop, run, skip_bad=False)
    import_runs.work(shop, run)
    assert sorted(told.names()) == ["customer.created", "customer.created", "import.finished"]


def test_of_plugins(shop, told):
    plugins.disable(shop, "einvoice_ubl")
    plugins.disable(shop, "einvoice_ubl")
    assert told.anew() == [("plugin.disabled", {"version": 1, "plugin": "einvoice_ubl"})]
    plugins.enable(shop, "einvoice_ubl")
    assert told.names() == ["plugin.enabled"]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.name)
def test_a_sample_has_every_field_and_names_its_object(shop, kind: type[Event]):
    made = samples.sample(kind.name)
    assert made.keys() == {one.name for one in fields(kind)}
    if kind.resource:
        assert kind.resource.format_map(made).count("{") == 0
    assert str(kind.summary).endswith(".")
