"""The customers' room: what a finance person sees, changes, merges and lets go."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest

from billhook.db import db
from billhook.domain.custom_fields import FieldSubject
from billhook.ids import new_id
from billhook.models.custom_fields import CustomField
from billhook.services import (
    contacts,
    customer_merging,
    customer_notes,
    customer_tags,
    customers,
    documents,
    own_fields,
    preferences,
    prices,
    products,
)
from billhook.services.contacts import ContactInput
from billhook.testing.browser import Page
from billhook.testing.members import join
from billhook.testing.outward import CHANNEL, FORMAT
from billhook.testing.shops import make_charge, make_customer

NEW = {
    "version": "1",
    "reference": "N1",
    "name": "New & Co <b>",
    "country": "GB",
    "currency": "GBP",
    "language": "en",
    "time_zone": "Europe/London",
    "consolidation": "run",
    "is_active": "y",
}


@pytest.fixture
def browser(office):
    return office.visit()


def of(office, reference):
    db.session.rollback()
    return customers.get(office.ctx, reference)


def page_of(office, reference, tab=""):
    return f"/customers/{of(office, reference).id}{tab}"


def text(answer):
    assert answer.status_code == 200, answer.text[:500]
    return Page(answer.text).text


class TestList:
    def test_finds_filters_and_leads_to_each(self, office, browser):
        customer_tags.add(office.ctx, [of(office, "ann").id], "gold")
        db.session.rollback()
        shown = text(browser.get("/customers"))
        assert all(name in shown for name in ("Ann & Sons", "Łódź Software", "山田太郎"))
        assert "Łódź" not in text(browser.get("/customers?tag=gold"))
        found = browser.get("/customers?search=łódź")
        assert "Ann" not in Page(found.text).text
        assert page_of(office, "lodz") in found.text
        assert "Nothing is like this" in text(browser.get("/customers?state=merged"))

    def test_tags_and_assigns_many_after_asking(self, office, browser):
        ids = [str(of(office, one).id) for one in ("ann", "lodz")]
        sent = {"id": ids, "csrf_token": browser.token("/customers")}
        asked = browser.post("/customers/bulk/tag", sent)
        assert "2 customers get a tag" in text(asked)
        done = browser.post("/customers/bulk/tag", {**sent, "confirmed": "yes", "tag": "gold"})
        assert done.status_code == 303
        owner = {"confirmed": "yes", "owner": str(office.admin.person_id)}
        assert browser.post("/customers/bulk/assign", {**sent, **owner}).status_code == 303
        assert of(office, "ann").owner_id == office.admin.person_id
        assert customer_tags.of_customers([of(office, "lodz").id]) != {}
        assert "gold" in text(browser.get("/customers"))

    def test_is_saved_as_a_file(self, office, browser):
        found = browser.get("/customers/export.csv?search=ann")
        assert "ann@client.example" in found.text
        assert "lodz" not in found.text


class TestProfile:
    def test_shows_balance_charges_drafts_documents_and_notes(self, office, browser):
        customer_notes.write(office.ctx, of(office, "ann").id, "Likes\n<b>tea</b>")
        make_charge(office.ctx, of(office, "ann").id, "7")
        db.session.rollback()
        answer = browser.get(page_of(office, "ann"))
        shown = text(answer)
        assert "Charges that wait: 1" in shown
        assert "INV-" in shown
        assert "Likes\n<b>tea</b>" in shown
        assert "<b>tea" not in answer.text
        assert "1,200.00" in shown  # what the credit note left of 1,481.40
        assert "Draft of" in text(browser.get(page_of(office, "lodz")))

    def test_shows_who_pays_and_for_whom(self, office, browser):
        make_customer(office.ctx, "child", name="Child", payer="ann")
        db.session.rollback()
        assert "Ann & Sons" in text(browser.get(page_of(office, "child")))
        assert "Child" in text(browser.get(page_of(office, "ann")))
        assert "Child" in text(browser.get("/customers?payer=ann"))

    def test_is_not_found_for_nobody(self, office, browser):
        assert browser.get(f"/customers/{new_id()}").status_code == 404

    def test_shows_what_was_done(self, office, browser):
        customer_notes.write(office.ctx, of(office, "ann").id, "x")
        db.session.rollback()
        assert "A note was written" in text(browser.get(page_of(office, "ann", "/activity")))


class TestEditing:
    def test_adds_a_customer_with_all_that_it_has(self, office, browser):
        with office.ctx.transaction() as session:
            session.add(
                CustomField(
                    id=new_id(),
                    subject=FieldSubject.CUSTOMER.value,
                    key="color",
                    label="Colour",
                    kind="choice",
                    choices=["red"],
                    position=1,
                )
            )
        db.session.rollback()
        assert "Colour" in text(browser.get("/customers/new"))
        more = {
            "tags": "gold, north",
            "tax_number": "gb 980 7806 84",
            "payer": "ann",
            "payment_days": "7",
            "electronic_scheme": "0088",
            "electronic_address": "4000001000005",
            f"{own_fields.PREFIX}color": "red",
        }
        answer = browser.send("/customers/new", {**NEW, **more})
        made = of(office, "N1")
        assert answer.headers["Location"] == f"/customers/{made.id}"
        assert (made.tax_number, made.payer, made.payment_days) == ("GB980780684", "ann", 7)
        assert made.fields == {"color": "red"}
        assert "New & Co <b>" in text(browser.get(f"/customers/{made.id}"))

    def test_tells_what_is_wrong_at_its_field_and_keeps_what_was_typed(self, office, browser):
        wrong = {**NEW, "country": "US", "tax_number": "", "email": "nobody", "city": "Albany"}
        answer = browser.send("/customers/new", wrong)
        assert answer.status_code == 422
        fields = {one.get("id"): one for one in Page(answer.text).all("input")}
        assert fields["city"]["value"] == "Albany"
        assert "email-error" in fields["email"]["aria-describedby"]
        assert "subdivision-error" in fields["subdivision"]["aria-describedby"]
        mistyped = {**NEW, "country": "DE", "tax_number": "DE136695977"}
        assert "check digit does not fit" in browser.send("/customers/new", mistyped).text

    def test_keeps_what_was_typed_where_somebody_else_was_faster(self, office, browser):
        path = page_of(office, "ann", "/edit")
        token = browser.token(path)
        known = of(office, "ann")
        customers.save(office.ctx, customers.CustomerInput(reference="ann", city="Hull"))
        db.session.rollback()
        typed = {**NEW, "version": str(known.version), "name": known.name, "city": "York"}
        answer = browser.post(path, {**typed, "csrf_token": token})
        assert answer.status_code == 409
        assert "Somebody else saved this" in answer.text
        assert 'value="York"' in answer.text
        assert "Hull" in Page(answer.text).text
        again = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)[1]
        saved = browser.post(path, {**typed, "version": again, "csrf_token": token})
        assert saved.status_code == 303
        assert of(office, "ann").city == "York"

    def test_asks_for_an_address_as_its_country_has_it(self, office, browser):
        shown = browser.get("/customers/places?country=US&city=Albany").text
        assert "ZIP code" in shown
        assert "State" in shown
        assert 'value="Albany"' in shown
        assert "subdivision" not in browser.get("/customers/places?country=DE").text

    def test_suggests_payers(self, office, browser):
        assert 'value="lodz"' in browser.get("/customers/suggest?payer=software").text


class TestPeopleAndNotes:
    def test_a_contact_is_added_and_changed(self, office, browser):
        path = page_of(office, "ann", "/contacts")
        given = {"name": "Bob", "email": "bob@client.example", "receives": "cc", "is_active": "y"}
        assert browser.send(path, given).status_code == 303
        (bob,) = contacts.of_customer(office.ctx, of(office, "ann").id)
        db.session.rollback()
        assert "bob@client.example" in text(browser.get(path))
        one = f"/customers/contacts/{bob.id}"
        assert browser.send(one, {**given, "name": "Bobby", "is_active": ""}).status_code == 303
        (bob,) = contacts.of_customer(office.ctx, of(office, "ann").id)
        assert (bob.name, bob.is_active) == ("Bobby", False)
        assert browser.send(path, {"name": "", "email": ""}).status_code == 422

    def test_a_note_is_deleted_by_its_author_alone(self, office, browser):
        path = page_of(office, "ann")
        assert browser.send(f"{path}/notes", {"text": ""}, page=path).status_code == 422
        assert browser.send(f"{path}/notes", {"text": "Tea"}, page=path).status_code == 303
        (note,) = customer_notes.of_customer(office.ctx, of(office, "ann").id)
        db.session.rollback()
        clerk = join("office", "carl@office.example", role="clerk")
        gone = f"/customers/notes/{note.id}/delete"
        assert office.visit(clerk.email).send(gone, page=path).status_code == 403
        assert browser.send(gone, page=path).status_code == 303
        assert customer_notes.of_customer(office.ctx, of(office, "ann").id) == []


class TestSending:
    def test_is_chosen_in_all_and_by_channel(self, office, browser):
        path = page_of(office, "ann", "/sending")
        given = {
            "brand": "",
            "tone": "friendly",
            "own_channels": "own",
            "channels": CHANNEL,
            "own_formats": "own",
            "formats": FORMAT,
            f"by-{CHANNEL}": "own",
        }
        assert browser.send(path, given).status_code == 303
        db.session.rollback()
        stored = preferences.chosen(office.ctx, of(office, "ann").id)
        assert (stored.channels, stored.formats, stored.tone) == (CHANNEL, FORMAT, "friendly")
        assert stored.by_channel == {CHANNEL: "none"}
        boxes = [one for one in Page(browser.get(path).text).all("input") if "checked" in one]
        assert {(one["name"], one["value"]) for one in boxes} == {
            ("channels", CHANNEL),
            ("formats", FORMAT),
        }
        assert browser.send(path, {"brand": "", "tone": ""}).status_code == 303
        db.session.rollback()
        assert preferences.chosen(office.ctx, of(office, "ann").id).channels == ""


class TestPrices:
    def test_are_agreed_by_the_form_of_the_product_and_ended(self, office, browser):
        products.upsert(office.ctx, [products.ProductInput(sku="HOUR", name="Hour")])
        db.session.rollback()
        path = page_of(office, "ann", "/prices")
        assert browser.send(path, {"sku": "nothing"}).status_code == 422
        form = browser.send(path, {"sku": "HOUR"}).headers["Location"]
        assert 'value="ann"' in browser.get(form).text
        first = office.ctx.today() - timedelta(days=9)
        prices.add_price(
            office.ctx,
            prices.PriceInput(
                sku="HOUR",
                model="pricing_standard.per_unit",
                parameters={"unit_price": "7.50"},
                customer="ann",
                valid_from=first,
            ),
        )
        (price,) = prices.prices(office.ctx, "HOUR")
        db.session.rollback()
        assert "unit_price = 7.50" in text(browser.get(path))
        end = f"/customers/prices/{price.id}/end"
        assert browser.send(end, {"last_day": first.isoformat()}).status_code == 422
        assert browser.send(end, {"last_day": "x"}).status_code == 422
        today = office.ctx.today().isoformat()
        assert browser.send(end, {"last_day": today}).status_code == 303
        assert len(prices.prices(office.ctx, "HOUR")) == 2


class TestMerging:
    def test_compares_then_merges(self, office, browser):
        twin = make_customer(office.ctx, "ann-2", name="Ann (old)", email="ann@client.example")
        make_charge(office.ctx, twin, "9")
        db.session.rollback()
        ann = of(office, "ann").id
        assert "The same e-mail address" in text(browser.get("/customers/duplicates"))
        assert "Ann (old)" in text(browser.get(page_of(office, "ann")))
        path = f"/customers/{twin}/merge/{ann}"
        assert path in browser.get(f"/customers/{twin}/merge").text
        assert path in browser.get(f"/customers/{twin}/merge?kept=sons").text
        compared = browser.get(path)
        assert "Charges that wait to be billed: 1" in text(compared)
        versions = {
            name: re.search(rf'name="{name}"[^>]*value="(\d+)"', compared.text)[1]
            for name in ("duplicate_version", "kept_version")
        }
        assert browser.send(path, {**versions, "kept_version": "99"}).status_code == 409
        answer = browser.send(path, versions)
        assert answer.headers["Location"] == f"/customers/{ann}"
        shown = text(browser.get(f"/customers/{twin}"))
        assert "This customer was a duplicate" in shown
        assert "Charges that wait: 1" in text(browser.get(f"/customers/{ann}"))
        assert browser.get(f"/customers/{twin}/edit").status_code == 409

    def test_shows_documents_of_the_duplicate_with_the_customer(self, office, browser):
        ann, lodz = of(office, "ann"), of(office, "lodz")
        number = documents.listing(office.ctx, customer="lodz")[0].number
        customer_merging.merge(office.ctx, duplicate_id=lodz.id, kept_id=ann.id)
        db.session.rollback()
        assert number in text(browser.get(f"/customers/{ann.id}"))
        assert number in text(browser.get("/documents?customer=ann"))


class TestPrivacy:
    def test_hands_out_what_is_known(self, office, browser):
        answer = browser.get(page_of(office, "ann", "/privacy/data.zip"))
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            told = json.loads(archive.read("customer.json"))
            assert told[0]["email"] == "ann@client.example"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_asks_says_what_stays_and_erases(self, office, browser):
        path = page_of(office, "ann", "/privacy")
        shown = text(browser.get(path))
        assert "January 1, 2037" in shown
        assert "Art. 17(3)(b)" in shown
        assert "Erase for good" in text(browser.get(f"{path}/erase"))
        assert browser.send(f"{path}/erase").status_code == 303
        assert of(office, "ann").email == ""
        assert "erased as far as the law allows" in text(browser.get(path))

    def test_says_what_is_in_the_way(self, office, browser):
        path = page_of(office, "lodz", "/privacy")
        assert "open drafts" in text(browser.get(path))
        assert browser.send(f"{path}/erase").status_code == 303
        assert of(office, "lodz").email == "lodz@client.example"

    def test_a_contact_is_handed_out_and_erased(self, office, browser):
        ann = of(office, "ann").id
        contacts.add(office.ctx, ann, ContactInput(name="Bob", email="bob@client.example"))
        (bob,) = contacts.of_customer(office.ctx, ann)
        db.session.rollback()
        path = f"/customers/contacts/{bob.id}"
        assert browser.get(f"{path}/data.zip").mimetype == "application/zip"
        assert browser.send(f"{path}/erase").status_code == 303
        assert browser.get(path).status_code == 404


def test_sales_look_but_change_nothing(office):
    sales = office.visit(join("office", "sam@office.example", role="sales").email)
    shown = sales.get(page_of(office, "ann")).text
    assert "/edit" not in shown
    for path in ("/edit", "/merge", "/privacy/erase", "/privacy/data.zip", "/activity"):
        assert sales.get(page_of(office, "ann", path)).status_code == 403, path
    for path in ("/contacts", "/prices", "/sending", "/privacy"):
        assert sales.get(page_of(office, "ann", path)).status_code == 200, path
