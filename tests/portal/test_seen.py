"""Seen: kept once, at the first look of a client; what was seen is credited, not voided."""

from threading import Event, Thread

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import Conflict, NotFound
from billhook.models.clients import DocumentSeen
from billhook.services import billing, crediting, dossiers, sightings
from billhook.services import documents as staff
from billhook.services.document_trail import EventKind
from billhook.services.portal import clients, papers, seen
from billhook.testing.shops import END, acting, make_charge

from .conftest import ED, EVE


def sighting(document_id):
    """Read what the browsers wrote."""
    db.session.rollback()
    return sightings.of_document(document_id)


@pytest.fixture
def invoice(office):
    make_charge(office.ctx, office.kept.customers["ann"], "9")
    billing.run(office.ctx, until=END, issue_on=END)
    return staff.listing(office.ctx, customer="ann")[0].id


def test_the_first_look_of_a_client_is_kept_and_no_later_one(office, invoice):
    assert sighting(invoice) is None
    assert office.at_portal(EVE).get(f"/documents/{invoice}").status_code == 200
    first = sighting(invoice)
    assert first.name == "Eve Ann"
    assert office.at_portal(ED).get(f"/documents/{invoice}").status_code == 200
    assert sighting(invoice) == first


def test_who_loads_a_file_has_seen_the_document(office, invoice):
    assert office.at_portal(EVE).get(f"/documents/{invoice}/pdf").status_code == 200
    assert sighting(invoice).name == "Eve Ann"


def test_a_list_is_no_look_at_its_documents(office, invoice):
    eve = office.at_portal(EVE)
    eve.get("/")
    eve.get("/documents/")
    assert sighting(invoice) is None


def test_a_member_who_looks_leaves_a_document_unseen(office, invoice):
    looking = clients.looked_at(
        office.ctx, office.kept.customers["ann"], office.kept.admin.person_id
    )
    with looking.ctx.acting():
        assert papers.read(looking, invoice).document.is_seen is False
    assert sighting(invoice) is None
    crediting.void(office.ctx, invoice, reason="wrong", issue_on=END)


def test_what_was_seen_is_credited_instead_of_voided(office, invoice):
    office.at_portal(EVE).get(f"/documents/{invoice}")
    with pytest.raises(Conflict, match="Credit it instead of voiding it"):
        crediting.void(office.ctx, invoice, reason="wrong", issue_on=END)
    assert crediting.credit(office.ctx, invoice, reason="wrong", issue_on=END)


def test_what_was_voided_meanwhile_is_not_seen(office, invoice):
    eve = office.client("eve")
    crediting.void(office.ctx, invoice, reason="wrong", issue_on=END)
    with eve.ctx.acting(), pytest.raises(NotFound):
        seen.note(eve, invoice, is_known=False)
    assert db.session.scalar(select(DocumentSeen.document_id)) is None


def test_who_sees_first_keeps_the_document_from_being_voided(office, invoice):
    """The void waits for the look that is just being kept."""
    eve, has_seen, may_end = office.client("eve"), Event(), Event()

    def see():
        with office.app.app_context(), eve.ctx.acting(), eve.ctx.transaction():
            seen.note(eve, invoice, is_known=False)
            has_seen.set()
            may_end.wait(20)

    refused = []

    def void():
        with office.app.app_context(), acting("office") as ctx:
            try:
                crediting.void(ctx, invoice, reason="wrong", issue_on=END)
            except Conflict as error:
                refused.append(error.message)
            finally:
                may_end.set()

    looking, voiding = Thread(target=see), Thread(target=void)
    looking.start()
    assert has_seen.wait(20)
    voiding.start()
    may_end.set()
    for one in (looking, voiding):
        one.join(30)
    assert len(refused) == 1
    assert sighting(invoice) is not None


def test_the_company_sees_who_saw_it_and_when(office, invoice):
    office.at_portal(EVE).get(f"/documents/{invoice}")
    olga = office.visit()
    page = olga.get(f"/documents/{invoice}").text
    assert "Seen by Eve Ann at the portal" in page
    assert f"/documents/{invoice}/void" not in page, "it cannot be voided any more"
    db.session.rollback()
    (event,) = [
        one for one in dossiers.dossier(office.ctx, invoice).trail if one.kind is EventKind.SEEN
    ]
    assert event.detail == "Eve Ann"
