"""A delivery names what it carries in lists that no foreign key watches: who reads them stays inside."""

from uuid import UUID

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.errors import NotFound
from billhook.ids import new_id
from billhook.models.artefacts import Artefact
from billhook.models.deliveries import Delivery, DeliveryRecipient
from billhook.sdk.context import Context
from billhook.services import billing, brands, delivering, documents
from billhook.services.delivering import showing
from billhook.testing.outward import CHANNEL, RENDERER
from billhook.testing.shops import END, make_charge, make_customer


@pytest.fixture
def acme(well_equipped) -> Context:
    return well_equipped.acme


@pytest.fixture
def waiting(acme) -> UUID:
    """A delivery of acme's own, which nobody has tried yet."""
    with acme.acting():
        brands.save(acme, brands.BrandInput(renderer=RENDERER))
        customer = make_customer(
            acme, "A1", country="DE", currency="EUR", email="anna@client.example"
        )
        make_charge(acme, customer, currency="EUR")
        billing.run(acme, until=END, issue_on=END)
        return delivering.send(acme, documents.listing(acme)[0].id, channel=CHANNEL).id


@pytest.mark.parametrize("carried", ["artefacts", "pictures"])
def test_what_another_tenant_owns_is_not_carried(world, acme, waiting, paper, carried):
    """A row is written past the services: its lists name files of the shop's."""
    with world.shop.acting():
        shops = select(Artefact.id, Artefact.file_id).where(Artefact.id == world.artefact)
        artefact_id, file_id = db.session.execute(shops).one()
    names = {
        "artefacts": [str(artefact_id)],
        "pictures": [{"name": "logo.png", "file_id": str(file_id)}],
    }
    forged = copied(acme, waiting, **{carried: names[carried]})
    sent = len(paper.sent)
    with acme.acting():
        with pytest.raises(NotFound):
            delivering.attempt(acme, forged)
        assert len(paper.sent) == sent
        assert "zebra" not in delivering.listing(acme)[0].last_error.lower()
        if carried == "pictures":
            with pytest.raises(NotFound):
                showing.shown(acme, forged)


def test_what_is_its_own_is(acme, waiting, paper):
    """The control: the same copy, with nothing changed."""
    same = copied(acme, waiting)
    with acme.acting():
        delivering.attempt(acme, same)
    assert paper.sent[-1].id == same
    assert [one.name for one in paper.sent[-1].files] == ["INV-2026-00001.pdf"]


def copied(acme: Context, delivery_id: UUID, **values: object) -> UUID:
    """Write a copy of a delivery, but for some columns."""
    with acme.acting(), acme.transaction() as session:
        row = session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()
        kept = {column.key: getattr(row, column.key) for column in Delivery.__table__.columns}
        copy = Delivery(**{**kept, "id": new_id(), "key": None, "job_id": None, **values})
        session.add(copy)
        session.flush()
        session.add(
            DeliveryRecipient(
                delivery_id=copy.id,
                position=1,
                kind="to",
                address="anna@client.example",
                state="queued",
            )
        )
        return copy.id
