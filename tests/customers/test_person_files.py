"""Whoever asks gets all that is known of them, and nothing of anybody else."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.deliveries import Recipient
from billhook.errors import Forbidden, NotFound
from billhook.ids import new_id
from billhook.models.customers import Contact
from billhook.models.deliveries import Delivery
from billhook.services import (
    artefacts,
    audit,
    billing,
    customer_notes,
    customers,
    delivering,
    documents,
    person_files,
    preferences,
)
from billhook.testing.outward import CHANNEL, FORMAT
from billhook.testing.shops import END, make_charge, make_customer


@pytest.fixture
def ann(paper_shop):
    """Ann, beside whom Bob has his own."""
    ids = [make_customer(paper_shop, name, email=f"{name}@x.example") for name in ("ann", "bob")]
    for customer_id in ids:
        make_charge(paper_shop, customer_id, "30")
    billing.run(paper_shop, until=END, issue_on=END)
    customers.save_contact(paper_shop, "ann", email="carl@x.example", name="Carl")
    customer_notes.write(paper_shop, ids[0], "Likes tea")
    return ids[0]


def opened(write, ctx, of):
    out = io.BytesIO()
    write(ctx, of, out)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_customers_file_holds_rows_and_documents(paper_shop, ann):
    found = opened(person_files.write_customer, paper_shop, ann)
    assert json.loads(found["customer.json"])[0]["email"] == "ann@x.example"
    assert json.loads(found["notes.json"])[0]["text"] == "Likes tea"
    assert len(json.loads(found["charges.json"])) == 1
    number = documents.listing(paper_shop, customer="ann")[0].number
    said = json.loads(found[f"documents/{number}.json"])
    assert said["buyer"]["name"] == "Customer ann"
    assert said["document"]["payable"] == "36.00"
    assert [name for name in found if name.startswith(f"documents/{number} ")]
    assert not [name for name, content in found.items() if b"bob@x.example" in content]
    assert "customer.data_exported" in {act.action for act in audit.listing(paper_shop)}


def test_a_contacts_file_holds_what_went_to_them(paper_shop, ann):
    invoice = documents.listing(paper_shop, customer="ann")[0].id
    delivering.send(paper_shop, invoice, recipients=[Recipient(address="carl@x.example")])
    contact = db.session.scalars(select(Contact.id)).one()
    found = opened(person_files.write_contact, paper_shop, contact)
    assert json.loads(found["contact.json"])[0]["name"] == "Carl"
    assert len(json.loads(found["received.json"])) == 1


def test_only_for_those_who_may_export(paper_shop, ann):
    for permissions in ({"customers.view", "documents.view"}, {"exports.create"}):
        with pytest.raises(Forbidden):
            opened(
                person_files.write_customer,
                replace(paper_shop, permissions=frozenset(permissions)),
                ann,
            )
    with pytest.raises(NotFound):
        opened(person_files.write_customer, paper_shop, new_id())


class TestFormatsByChannel:
    """F06: what goes along is chosen per customer and per channel."""

    def enclosed(self, ctx):
        invoice = documents.listing(ctx, customer="ann")[0].id
        sent = delivering.send(ctx, invoice, channel=CHANNEL)
        stored = db.session.scalars(select(Delivery.artefacts).where(Delivery.id == sent.id)).one()
        made = {str(one.id): one.kind for one in artefacts.of_document(ctx, invoice)}
        return sorted(made[one] for one in stored)

    def test_a_channel_carries_what_usually_goes(self, paper_shop, ann):
        preferences.save(paper_shop, "ann", preferences.PreferenceChange(formats=FORMAT))
        assert self.enclosed(paper_shop) == ["e_invoice", "print"]

    def test_but_for_what_was_chosen_for_it(self, paper_shop, ann):
        change = preferences.PreferenceChange(formats=FORMAT, by_channel={CHANNEL: "none"})
        saved = preferences.save(paper_shop, "ann", change)
        assert (saved.formats, saved.formats_by(CHANNEL)) == ((FORMAT,), ())
        assert self.enclosed(paper_shop) == ["print"]

    def test_a_document_must_pass_the_formats_of_every_channel(self, paper_shop, ann):
        change = preferences.PreferenceChange(formats="none", by_channel={CHANNEL: FORMAT})
        saved = preferences.save(paper_shop, "ann", change)
        assert (saved.formats, saved.formats_by("other.channel")) == ((FORMAT,), ())
        assert self.enclosed(paper_shop) == ["e_invoice", "print"]
        stored = preferences.chosen(paper_shop, ann)
        assert (stored.formats, stored.by_channel) == ("none", {CHANNEL: FORMAT})
