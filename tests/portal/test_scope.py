"""A client's scope: rows of other customers are not there, whatever a service asks for."""

import pytest
from sqlalchemy import event, select, text

from billhook.db import db, tenant_scope
from billhook.models.clients import ClientCredential
from billhook.models.customers import Contact, Customer
from billhook.models.documents import DocumentLineRow, DocumentRow, DocumentSeal
from billhook.models.ledger import Receivable
from billhook.models.portal import ProfileChange
from billhook.scoping import BeyondScope, followers
from billhook.services import billing
from billhook.testing.shops import END, make_charge, make_customer

from .conftest import EVE


def test_each_client_sees_its_own_rows_by_the_same_statements(office):
    one_statement = select(DocumentRow)  # narrowed when it is sent, not when it is made
    for name, customer in (("eve", "ann"), ("lech", "lodz"), ("eve", "ann")):
        with office.client(name).ctx.acting():
            documents = db.session.scalars(one_statement).all()
            assert {row.customer_id for row in documents} == {office.kept.customers[customer]}
            seals = db.session.scalars(select(DocumentSeal.document_id)).all()
            assert set(seals) == {row.id for row in documents}
            lines = db.session.scalars(select(DocumentLineRow.document_id)).all()
            assert set(lines) == {row.id for row in documents}
            assert {row.id for row in db.session.scalars(select(Customer))} == {
                office.kept.customers[customer]
            }
    with office.client("lech").ctx.acting():
        assert db.session.scalars(select(Contact.name)).all() == ["Lech Łódź"]
        assert len(db.session.scalars(select(ClientCredential)).all()) == 1


def test_who_pays_for_another_sees_both_sides_of_it(office):
    ctx = office.ctx
    daughter = make_customer(ctx, "daughter", payer="lodz")
    make_charge(ctx, daughter, "7", payer_id=office.kept.customers["lodz"])

    billing.run(ctx, until=END, issue_on=END)
    with office.client("lech").ctx.acting():
        seen = db.session.scalars(select(DocumentRow.customer_id)).all()
        assert daughter in seen
        assert len(db.session.scalars(select(Receivable)).all()) == len(seen)


def test_what_goes_around_the_orm_is_refused(office):
    with office.client("lech").ctx.acting(), pytest.raises(BeyondScope):
        db.session.execute(
            text("SELECT name FROM customer WHERE tenant_id = :t").bindparams(
                t=office.ctx.tenant.id.bytes
                if db.engine.dialect.name == "sqlite"
                else office.ctx.tenant.id
            )
        )


def test_a_key_finds_nothing_that_was_read_beyond_the_scope(office):
    key = (office.ctx.tenant.id, office.kept.customers["ann"])
    with office.ctx.acting():
        assert db.session.get(Customer, key) is not None
        with office.client("lech").ctx.acting():
            assert db.session.get(Customer, key) is None
        assert db.session.get(Customer, key) is not None
        with office.client("eve").ctx.acting():
            kept = db.session.get(Customer, key)
        assert db.session.get(Customer, key) is not kept


def test_a_page_reads_in_one_transaction(office):
    """It begins to find whose portal it is; the tenant's scope and the client's begin no other."""
    eve = office.at_portal(EVE)
    begun: list[object] = []
    keep = begun.append
    event.listen(db.engine, "begin", keep)
    try:
        with tenant_scope(None):
            assert eve.get("/").status_code == 200
    finally:
        event.remove(db.engine, "begin", keep)
    assert len(begun) == 1


def test_a_client_writes_no_row_of_another_customer(office):
    client = office.client("lech")
    with client.ctx.acting(), pytest.raises(BeyondScope), client.ctx.transaction() as session:
        session.add(
            ProfileChange(
                tenant_id=office.ctx.tenant.id,
                id=client.customer_id,
                customer_id=office.kept.customers["ann"],
                contact_id=client.contact_id,
                changes={},
                asked_at=client.ctx.now(),
            )
        )


def test_all_tables_of_clients_follow_their_customer():
    assert followers() >= {
        "client_credential",
        "client_factor",
        "client_link",
        "client_notice",
        "client_recovery_code",
        "client_session",
        "document_seen",
        "guest_link",
        "portal_visit",
        "profile_change",
        "question",
        "question_file",
        "question_message",
    }
