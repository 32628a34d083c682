"""Many writers at once, failing at random: the numbers stay 1 to n and the chains whole."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from billhook.db import db, transaction
from billhook.domain.sealing import FIRST, document_hash, entry_hash
from billhook.domain.states import DocumentType
from billhook.kernel import post, prepare, refusal
from billhook.models.charges import ChargeClaim
from billhook.models.documents import DocumentSeal, SeriesRun
from billhook.models.ledger import EntrySeal, JournalHead
from billhook.testing.factories import open_books


class Failed(Exception):
    """What a writer meets at random after it has written."""


@pytest.fixture
def writers(backend):
    return 16 if backend == "postgresql" else 4


def write(app, books, seed):
    """Issue ten batches of one to three documents; a third of them fails. Return how many stand."""
    chance = random.Random(seed)
    issued = 0
    with app.app_context(), books.acting():
        for _ in range(10):
            documents = [books.invoice((100,)) for _ in range(chance.randint(1, 3))]
            try:
                with transaction() as session:
                    post(session, prepare(books.batch(*documents)))
                    if chance.random() < 1 / 3:
                        raise Failed
                issued += len(documents)
            except Failed:
                pass
    return issued


@pytest.mark.postgresql
def test_a_claim_is_not_given_up_while_its_charge_is_billed(session_app):
    books = open_books("shop")
    draft = None
    with books.acting():
        with transaction() as session:
            charge = books.charge()
            session.add(charge)
            session.flush()
            draft = books.invoice((100,), charges=[charge.id])
            session.add(ChargeClaim(charge_id=charge.id, holder_id=draft.id))
        batch = books.batch(draft)
        batch = replace(batch, documents=[replace(batch.documents[0], claims=())])
        with ThreadPoolExecutor(1) as pool, transaction() as session:
            post(session, prepare(batch))
            discarding = pool.submit(give_up_claims, session_app, books)
            with pytest.raises(TimeoutError):
                discarding.result(timeout=0.5)  # it waits for whoever bills
        with pytest.raises(IntegrityError) as raised:
            discarding.result()
    assert refusal(raised.value) == "charge_billed"


def give_up_claims(app, books):
    with app.app_context(), books.acting(), transaction() as session:
        session.execute(delete(ChargeClaim))


def test_sixteen_writers_leave_no_gap(session_app, writers):
    books = open_books("shop")
    with ThreadPoolExecutor(writers) as pool:
        issued = sum(pool.map(lambda seed: write(session_app, books, seed), range(writers)))
    assert issued

    with books.acting():
        seals = list(db.session.scalars(select(DocumentSeal).order_by(DocumentSeal.number)))
        assert [seal.number for seal in seals] == list(range(1, issued + 1))
        previous = FIRST
        for seal in seals:
            assert seal.previous_hash == previous
            previous = seal.hash
            assert previous == document_hash(
                seal.previous_hash,
                seal.run_id,
                seal.number,
                seal.printed_number,
                seal.content_hash,
            )
        run_id = books.series[DocumentType.INVOICE].id
        run = db.session.scalars(select(SeriesRun).where(SeriesRun.id == run_id)).one()
        assert (run.last_number, run.last_hash) == (issued, previous)

        links = list(db.session.scalars(select(EntrySeal).order_by(EntrySeal.sequence)))
        assert [link.sequence for link in links] == list(range(1, issued + 1))
        previous = FIRST
        for link in links:
            assert link.previous_hash == previous
            previous = link.hash
            assert previous == entry_hash(
                link.previous_hash, books.tenant_id, link.sequence, link.content_hash
            )
        head = db.session.scalars(select(JournalHead)).one()
        assert (head.last_sequence, head.last_hash) == (issued, previous)
